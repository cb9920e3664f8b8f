"""Has a worker ask a database for a version: the answer is kept as its source and read like any file."""

import hashlib
import uuid
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import User
from audit import services as audit
from catalog import storage
from catalog.job_kinds import JobKind
from catalog.models import Dataset, DatasetVersion, VersionOrigin
from common.storage import local_path
from connections import services
from connections.models import Connection
from experiments.data.schema import file_hash
from experiments.databases import check_select, fetch_query
from experiments.errors import BadInput, ExperimentError, gettext_noop
from jobs import services as jobs
from jobs.context import JobContext

ASKING = gettext_noop("Querying %(connection)s: %(rows)s rows so far")
SOURCE = "source.parquet"
CONNECTION_GONE = gettext_noop("The connection of this query has been removed. Run it on another connection.")
NAME_TAKEN = gettext_noop("There is a dataset called %(name)s already. Choose another name, or refresh that one.")
NO_NAME = gettext_noop("Enter a name for the dataset.")
ABOUT_NAME = (NAME_TAKEN, NO_NAME)


class QueryRefused(ExperimentError):
    """A query that cannot be asked as it stands."""


def ask(
    user: User, connection: Connection, query: str, *, name: str = "", dataset: Dataset | None = None
) -> DatasetVersion:
    """Put a query in the queue whose answer becomes a version: of a new dataset by name, or the next of ``dataset``.

    Raises BadInput where it is no reading query, QueryRefused where the name is taken.
    """
    check_select(query, connection.kind)  # type: ignore[arg-type]
    query = query.strip()
    with transaction.atomic():
        dataset = dataset or _new_dataset(user, connection, name)
        return _create_version(user, dataset, connection, query)


def refresh(version: DatasetVersion, user: User) -> DatasetVersion:
    """Ask the same query again; the answer is the dataset's next version."""
    connection = connection_of(version)
    if connection is None:
        raise QueryRefused(CONNECTION_GONE)
    with transaction.atomic():
        return _create_version(user, version.dataset, connection, version.lineage["query"]["sql"])


def connection_of(version: DatasetVersion) -> Connection | None:
    """Return the connection a version was asked over, while it is there."""
    found = services.connections_of(version.dataset.workspace)
    return found.filter(pk=version.lineage.get("query", {}).get("connection")).first()


def fetch(version: DatasetVersion, context: JobContext) -> None:
    """Bring the answer of a version's query; one that is here already, as when reading is repeated, stays."""
    source = local_path(version.source_path)
    if source.exists():
        return
    connection = connection_of(version)
    if connection is None:
        raise BadInput(CONNECTION_GONE)
    source.parent.mkdir(parents=True, exist_ok=True)
    draft = source.with_name("fetching.parquet")

    def on_rows(rows: int) -> None:
        context.progress(stage=ASKING, params={"connection": connection.name, "rows": f"{rows:,}"})

    on_rows(0)
    try:
        fetched = fetch_query(
            services.login_of(connection),
            version.lineage["query"]["sql"],
            destination=draft,
            rules=services.host_rules(),
            limits=services.query_limits(),
            on_progress=on_rows,
        )
        draft.replace(source)
    finally:
        draft.unlink(missing_ok=True)
    version.sha256, version.size_bytes = file_hash(source), source.stat().st_size
    asked = {"rows": fetched.rows, "fetched_at": timezone.now().isoformat()}
    version.lineage = {**version.lineage, "query": {**version.lineage["query"], **asked}}
    version.save(update_fields=["sha256", "size_bytes", "lineage"])


def _new_dataset(user: User, connection: Connection, name: str) -> Dataset:
    name = name.strip()[:100]
    if not name:
        raise QueryRefused(NO_NAME).about("name")
    if Dataset.objects.filter(workspace=connection.workspace, name=name).exists():
        raise QueryRefused(NAME_TAKEN, name=name).about("name")
    return Dataset.objects.create(workspace=connection.workspace, name=name, owner=user)


def _create_version(user: User, dataset: Dataset, connection: Connection, query: str) -> DatasetVersion:
    folder = Path(storage.FOLDER) / uuid.uuid4().hex
    number = (dataset.versions.aggregate(latest=Max("number"))["latest"] or 0) + 1
    asked: dict[str, Any] = {
        "connection": connection.pk,
        "connection_name": connection.name,
        "kind": connection.kind,
        "host": connection.host,
        "database": connection.database,
        "sql": query,
        "sql_sha256": hashlib.sha256(query.encode()).hexdigest(),
    }
    version = DatasetVersion.objects.create(
        dataset=dataset,
        number=number,
        owner=user,
        origin=VersionOrigin.QUERY,
        file_name=f"{connection.name}.parquet"[:200],
        source_path=str(folder / SOURCE),
        lineage={"query": asked},
    )
    version.job = jobs.enqueue(JobKind.INGEST, workspace=dataset.workspace, owner=user, subject_id=version.pk)
    version.save(update_fields=["job"])
    # The words of a query may name a customer: the record keeps its hash, the version keeps its words.
    details = {"connection": connection.name, "sql_sha256": asked["sql_sha256"]}
    audit.record(user, "dataset.queried", workspace=dataset.workspace, obj=version, details=details)
    return version
