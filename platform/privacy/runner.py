"""Rewrites a version's table after someone chose to protect a column another way, from a worker."""

import tempfile
from pathlib import Path

import pyarrow.parquet as pq
from django.db import transaction

from catalog.models import Column, DatasetVersion
from common.storage import local_path
from experiments.data.profile import ColumnProfile, profile_table
from experiments.data.schema import SCHEMA_KEY, read_schema, schema_json
from experiments.errors import gettext_noop
from experiments.privacy.protection import sha256_of
from jobs.context import JobContext
from jobs.models import Job
from privacy import protection

REWRITING = gettext_noop("Rewriting the table with personal data protected as chosen")
LOOKING_AGAIN = gettext_noop("Profiling the changed columns again")


def run(job: Job, context: JobContext) -> None:
    """Rewrite the table, then the profile of the columns that changed."""
    version = DatasetVersion.objects.select_related("dataset").get(pk=job.subject_id)

    def on_rows(fraction: float) -> None:
        context.progress(percent=80 * fraction, stage=REWRITING)

    on_rows(0.0)
    guarded = protection.protect_again(version, on_rows)
    context.progress(percent=80, stage=LOOKING_AGAIN)
    columns = [
        column for column in version.columns.all() if column.name in guarded.choices or column.profile.get("protection")
    ]
    profiles = _profiles_of(local_path(version.parquet_path), [column.name for column in columns])
    _store(version, columns, profiles, guarded)


@transaction.atomic
def _store(
    version: DatasetVersion,
    columns: list[Column],
    profiles: dict[str, ColumnProfile],
    guarded: protection.Guarded,
) -> None:
    for column in columns:
        profile = profiles[column.name].to_dict()
        column.type = profile["type"]
        column.missing_count, column.distinct_count = profile["missing"], profile["distinct"]
        column.profile = {**column.profile, **profile}
        if column.name not in guarded.choices:
            column.profile["protection"] = {**column.profile.get("protection", {}), "way": "none", "examples": []}
        protection.remark(column, guarded)
        column.save()
    if version.parquet_sha256:
        version.parquet_sha256 = sha256_of(local_path(version.parquet_path))
        version.save(update_fields=["parquet_sha256"])


def _profiles_of(parquet: Path, names: list[str]) -> dict[str, ColumnProfile]:
    """Profile some columns only: they are put into a small table of their own."""
    if not names:
        return {}
    with tempfile.TemporaryDirectory(dir=parquet.parent) as folder:
        part = Path(folder) / "part.parquet"
        schema = [column for column in read_schema(parquet) if column.name in names]
        with pq.ParquetFile(parquet) as table:
            layout = table.read_row_group(0, columns=names).schema if table.num_row_groups else None
            if layout is None:
                return {}
            layout = layout.with_metadata({SCHEMA_KEY: schema_json(schema)})
            with pq.ParquetWriter(part, layout, compression="snappy") as writer:
                for group in range(table.num_row_groups):
                    writer.write_table(table.read_row_group(group, columns=names).cast(layout))
        return {profile.name: profile for profile in profile_table(part)}
