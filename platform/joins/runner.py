"""Does the work of a join from a worker: guesses, makes a few rows, makes the table, or makes it once more."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import polars as pl
from django.db import transaction
from django.db.models import Max
from django.utils import timezone, translation

from audit import services as audit
from catalog import storage
from catalog.models import Column, ColumnSetting, Dataset, DatasetVersion, VersionOrigin, VersionState
from catalog.signals import version_ready
from common.storage import key_of, local_path, new_folder
from common.templatetags.formatting import told
from dictionary.models import DictionaryEntry
from experiments.data.profile import ColumnProfile, profile_table
from experiments.data.schema import read_schema
from experiments.errors import gettext_noop
from experiments.ingest.reading import IngestReport
from experiments.joins import JoinReport, JoinSpec, guess_joins, run_join
from experiments.privacy.masking import masked
from jobs.context import JobContext
from jobs.models import Job
from joins import queries
from joins.models import JoinPlan
from joins.signals import joined
from privacy import marks as protected_marks
from uploads.runner import PROFILING, columns_of

LOOKING = gettext_noop("Detecting keys and times in the tables")
JOINING = gettext_noop("Joining %(table)s")
COMPARING = gettext_noop("Rebuilding the table to compare: %(table)s")
JOINING_SHARE = 75.0
SAMPLE_ROWS = 2_000
ROWS_SHOWN = 20
FILE_NAME = "table.parquet"


def run(job: Job, context: JobContext) -> None:
    """Do what was asked of the join last."""
    plan = JoinPlan.objects.select_related("workspace", "owner", "base__dataset", "result__dataset").get(
        pk=job.subject_id
    )
    versions = queries.versions_by_table(plan)
    paths = {table: local_path(version.parquet_path) for table, version in versions.items()}
    work = {
        queries.GUESS: _guess,
        queries.PREVIEW: _preview,
        queries.RUN: _run,
        queries.AGAIN: _again,
    }
    work[plan.definition["wish"]](plan, job, context, versions, paths)


Versions = dict[str, DatasetVersion]
Paths = dict[str, Path]


def _guess(plan: JoinPlan, job: Job, context: JobContext, versions: Versions, paths: Paths) -> None:
    context.progress(percent=5, stage=LOOKING)
    found = guess_joins(next(iter(versions)), paths)
    spec = queries.with_no_values(queries.without_persons(found.spec, versions), versions)
    guess = found.to_dict() | {"spec": spec.to_dict()}
    _remember(plan, job, spec=guess["spec"], guesses=guess["tables"], unlinked=guess["unlinked"], preview=None)


def _preview(plan: JoinPlan, job: Job, context: JobContext, versions: Versions, paths: Paths) -> None:
    spec = JoinSpec.from_dict(plan.definition["spec"])
    with tempfile.TemporaryDirectory(prefix="join-", dir=_place_for_work()) as folder:
        destination = Path(folder) / FILE_NAME
        report = run_join(
            spec, paths, destination=destination, sample_rows=SAMPLE_ROWS, on_progress=_telling(context, JOINING, 95.0)
        )
        rows = pl.read_parquet(destination, n_rows=ROWS_SHOWN)
    shown = {
        "rows": [[_cell(value) for value in row] for row in rows.iter_rows()],
        "columns": [_told_column(column.to_dict()) for column in report.columns],
        "tables": {name: table.to_dict() for name, table in report.tables.items()},
        "sample_rows": report.row_count,
    }
    _remember(plan, job, preview=shown)


def _run(plan: JoinPlan, job: Job, context: JobContext, versions: Versions, paths: Paths) -> None:
    if DatasetVersion.objects.filter(job=job, state=VersionState.READY).exists():
        # A worker that was killed right after its last write: the table is there, once.
        return
    spec = JoinSpec.from_dict(plan.definition["spec"])
    # Named after the job, so that whoever takes the job over writes over what was left.
    folder = new_folder(f"{storage.FOLDER}/{job.pk.hex}", may_exist=True)
    try:
        parquet = folder / FILE_NAME
        report = run_join(spec, paths, destination=parquet, on_progress=_telling(context, JOINING, JOINING_SHARE))

        def on_columns(fraction: float) -> None:
            context.progress(percent=JOINING_SHARE + fraction * (100 - JOINING_SHARE), stage=PROFILING)

        profiles = profile_table(parquet, on_progress=on_columns)
        _store(plan, job, versions, parquet, report, profiles)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _again(plan: JoinPlan, job: Job, context: JobContext, versions: Versions, paths: Paths) -> None:
    """Make the table from what its lineage says, and see whether the file is the same."""
    result = plan.result
    assert result is not None
    spec = JoinSpec.from_dict(result.lineage["steps"][0]["spec"])
    sources = {source["table"]: source["version"] for source in result.lineage["sources"]}
    found = DatasetVersion.objects.filter(dataset__workspace=plan.workspace).in_bulk(sources.values())
    paths = {table: local_path(found[pk].parquet_path) for table, pk in sources.items()}
    with tempfile.TemporaryDirectory(prefix="join-", dir=_place_for_work()) as folder:
        report = run_join(
            spec, paths, destination=Path(folder) / FILE_NAME, on_progress=_telling(context, COMPARING, 99.0)
        )
    answer = {
        "at": timezone.now().isoformat(),
        "same": report.sha256 == result.lineage["sha256"],
        "sha256": report.sha256,
        "version": result.pk,
    }
    _remember(plan, job, again=answer)


def _telling(context: JobContext, stage: str, share: float) -> Any:
    def tell(fraction: float, table: str) -> None:
        context.progress(percent=fraction * share, stage=stage, params={"table": table})

    return tell


def _place_for_work() -> Path:
    return new_folder(storage.FOLDER, may_exist=True)


@transaction.atomic
def _remember(plan: JoinPlan, job: Job, **found: Any) -> None:
    """Write what was found beside what is there; a later wish has its own job and is not touched."""
    held = JoinPlan.objects.select_for_update().filter(pk=plan.pk, job=job).first()
    if held is None:
        return
    definition = {**held.definition, **found}
    held.definition = {name: value for name, value in definition.items() if value is not None}
    held.save(update_fields=["definition"])


@transaction.atomic
def _store(
    plan: JoinPlan,
    job: Job,
    versions: Versions,
    parquet: Path,
    report: JoinReport,
    profiles: list[ColumnProfile],
) -> None:
    held = JoinPlan.objects.select_for_update().get(pk=plan.pk)
    dataset = held.result.dataset if held.result else _new_dataset(held)
    number = (dataset.versions.aggregate(latest=Max("number"))["latest"] or 0) + 1
    path = key_of(parquet)
    version = DatasetVersion.objects.create(
        dataset=dataset,
        number=number,
        owner=plan.owner,
        state=VersionState.READY,
        origin=VersionOrigin.JOIN,
        file_name=f"{dataset.name}.parquet"[:200],
        source_path=path,
        parquet_path=path,
        size_bytes=parquet.stat().st_size,
        sha256=report.sha256,
        parquet_sha256=report.sha256,
        file_format="parquet",
        row_count=report.row_count,
        column_count=len(report.columns),
        job=job,
        lineage=_lineage(held, job, versions, report),
        notes=[note.to_dict() for note in report.notes],
    )
    Column.objects.bulk_create(_columns(version, versions, parquet, report, profiles), batch_size=500)
    _take_over_knowledge(held, dataset, report)
    held.result, held.state = version, JoinPlan.State.READY
    held.definition = {
        **held.definition,
        "spec": report.spec.to_dict(),
        "report": {name: table.to_dict() for name, table in report.tables.items()},
    }
    held.definition.pop("again", None)
    then = held.definition.pop("then", None)
    held.definition.pop("followed", None)
    held.save(update_fields=["result", "state", "definition"])
    facts = {"rows": report.row_count, "columns": len(report.columns), "sha256": report.sha256}
    audit.record(job.owner, "join.finished", workspace=plan.workspace, obj=version, details=facts)
    version_ready.send(sender=DatasetVersion, version=version)
    if then:
        for _receiver, answer in joined.send(sender=JoinPlan, plan=held, version=version, then=then):
            held.definition = {**held.definition, "followed": answer}
        held.save(update_fields=["definition"])


def _new_dataset(plan: JoinPlan) -> Dataset:
    taken = set(Dataset.objects.filter(workspace=plan.workspace).values_list("name", flat=True))
    names = (plan.name, *(f"{plan.name} {rank}" for rank in range(2, len(taken) + 3)))
    name = next(name for name in names if name not in taken)
    return Dataset.objects.create(workspace=plan.workspace, name=name, owner=plan.owner)


def _lineage(plan: JoinPlan, job: Job, versions: Versions, report: JoinReport) -> dict[str, Any]:
    """Return where the table comes from: sources with hashes, what was done, who and when, and the result's hash."""
    hashes = {report.spec.base: report.base_sha256, **{name: each.sha256 for name, each in report.tables.items()}}
    used = {report.spec.base, *(table.file for table in report.spec.tables)}
    sources = [
        {
            "table": table,
            "version": version.pk,
            "dataset": version.dataset.name,
            "number": version.number,
            "sha256": hashes.get(table, ""),
        }
        for table, version in versions.items()
        if table in used
    ]
    return {
        "sources": sources,
        "steps": [{"step": "join", "spec": report.spec.to_dict(), "plan": plan.pk}],
        "columns": {
            column.name: {"formula": column.formula, "table": column.table, "column": column.column}
            for column in report.columns
            if column.table != report.spec.base
        },
        "refused_future_rows": report.refused_future_rows,
        "untimed": report.untimed,
        "by": job.owner.username if job.owner else "",
        "at": timezone.now().isoformat(),
        "sha256": report.sha256,
    }


def _columns(
    version: DatasetVersion,
    versions: Versions,
    parquet: Path,
    report: JoinReport,
    profiles: list[ColumnProfile],
) -> list[Column]:
    """Return the columns' rows: words for a label, the formula beside the profile, personal data as in the source."""
    schema = read_schema(parquet)
    columns = columns_of(version, IngestReport("parquet", "", "", report.row_count, schema, ()), profiles)
    personal = {
        (table, column.name): column.personal_data
        for table, source in versions.items()
        for column in source.all_columns  # type: ignore[attr-defined]
    }
    protected = {
        (table, name): mark.attribute or "named"
        for table, source in versions.items()
        for name, mark in protected_marks.marks_of(source).items()
        if mark.is_protected
    }
    labels = {column.name: column.label for column in versions[report.spec.base].all_columns}  # type: ignore[attr-defined]
    for column, made in zip(columns, report.columns, strict=True):
        column.label = (labels.get(made.name, "") if made.table == report.spec.base else made.label)[:300]
        if made.aggregate is None and made.column is not None:
            column.personal_data = personal.get((made.table, made.column), "")
        if made.table != report.spec.base:
            column.profile["made_by"] = made.to_dict()
            if attribute := protected.get((made.table, made.column or "")):
                column.profile[protected_marks.AS_SOURCE] = attribute
    return columns


def _take_over_knowledge(plan: JoinPlan, dataset: Dataset, report: JoinReport) -> None:
    """Keep what people decided about the base, and tell each made column's name in both languages."""
    settings_known = list(ColumnSetting.objects.filter(dataset=plan.base.dataset))
    entries_known = list(DictionaryEntry.objects.filter(dataset=plan.base.dataset))
    for setting in settings_known:
        setting.pk, setting.dataset = None, dataset
    for entry in entries_known:
        entry.pk, entry.dataset = None, dataset
    ColumnSetting.objects.bulk_create(settings_known, ignore_conflicts=True)
    DictionaryEntry.objects.bulk_create(entries_known, ignore_conflicts=True)
    made = [_told_column(column.to_dict()) for column in report.columns if column.table != report.spec.base]
    DictionaryEntry.objects.bulk_create(
        (
            DictionaryEntry(
                dataset=dataset,
                name=column["name"],
                name_en=column["en"][:300],
                name_zh=column["zh"][:300],
                source=column["table"][:200],
                known_after_days=0,
                set_by=plan.owner,
            )
            for column in made
        ),
        ignore_conflicts=True,
        batch_size=500,
    )


def _told_column(column: dict[str, Any]) -> dict[str, Any]:
    """Return a column's name, formula and its words in both languages."""
    told_in = {}
    for key, language in (("en", "en"), ("zh", "zh-hans")):
        with translation.override(language):
            told_in[key] = told(column["message"], column["params"]) if column["params"] else column["message"]
    return {"name": column["name"], "formula": column["formula"], "table": column["table"], **told_in}


def _cell(value: Any) -> str:
    """Return a cell as a page shows it."""
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1_000 else f"{value:.2f}".removesuffix(".00")
    if hasattr(value, "isoformat"):
        return str(value.isoformat(sep=" ")).removesuffix(" 00:00:00")
    return masked(value)[:80]
