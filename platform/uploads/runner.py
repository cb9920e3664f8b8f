"""Reads an uploaded file into Parquet and profiles it, from a worker."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.db import transaction

from audit import services as audit
from catalog import comparing, storage
from catalog.models import Column, ColumnRole, DatasetVersion, VersionOrigin, VersionState
from catalog.reading import Reading, offered_choices
from catalog.signals import version_ready
from common.storage import local_path
from connections import querying
from experiments.data.profile import ColumnProfile, profile_table, propose_roles, propose_target
from experiments.data.schema import ColumnSchema, file_hash
from experiments.errors import gettext_noop
from experiments.ingest.decoding import BrokenText
from experiments.ingest.ingestion import OnIngest
from experiments.ingest.reading import IngestReport, ingest_files
from experiments.privacy.masking import masked_throughout
from experiments.spec import TARGET_KINDS
from jobs.context import JobContext
from jobs.models import Job
from privacy import protection
from uploads import appending
from uploads.lineage import describe

READING = gettext_noop("Reading %(file)s: %(rows)s rows so far")
PROFILING = gettext_noop("Profiling every column: missing values, distinct values, distributions")
COMPARING = gettext_noop("Comparing with the previous version")
READING_SHARE, PROFILED_SHARE = 60.0, 85.0


def ingest(job: Job, context: JobContext) -> None:
    """Make the Parquet, then the profile; the version becomes ready with both or not at all. Then compare it."""
    version = DatasetVersion.objects.select_related("dataset", "owner").get(pk=job.subject_id)
    # One whose worker died while comparing is whole, and others may look at it already.
    if not version.is_ready:
        _make_table(version, job, context)

    def on_comparing(fraction: float) -> None:
        context.progress(percent=PROFILED_SHARE + fraction * (100 - PROFILED_SHARE), stage=COMPARING)

    comparing.compare(version, on_comparing)


def _make_table(version: DatasetVersion, job: Job, context: JobContext) -> None:
    parquet_path = storage.parquet_beside(version.source_path)

    def on_rows(fraction: float, rows: int) -> None:
        words = {"file": version.file_name, "rows": f"{rows:,}"}
        context.progress(percent=fraction * READING_SHARE, stage=READING, params=words)

    def on_columns(fraction: float) -> None:
        share = READING_SHARE + fraction * (PROFILED_SHARE - READING_SHARE)
        context.progress(percent=share, stage=PROFILING)

    if version.origin == VersionOrigin.QUERY:
        querying.fetch(version, context)
    reading = Reading.of(version)
    _take_hash(version, reading)
    try:
        report = read_table(version, local_path(parquet_path), on_rows)
    except BrokenText as broken:
        _offer_choices(version, reading, broken)
        raise
    on_columns(0.0)
    report, guarded = protection.guard(version, parquet_path, report)
    profiles = profile_table(local_path(parquet_path), on_progress=on_columns)
    version.lineage = describe(version, job, report, guarded)
    version.parquet_sha256 = version.lineage["sha256"]
    version.comparison = {}
    _store(version, parquet_path, report, profiles, guarded)


def read_table(version: DatasetVersion, parquet: Path, on_rows: OnIngest) -> IngestReport:
    """Read a version's files as was chosen; where it adds to another, the rows of that one come first."""
    reading = Reading.of(version)
    kept = protection.earlier_names(version)

    def read_as(destination: Path, known: Mapping[str, ColumnSchema]) -> IngestReport:
        types = {name: column.type for name, column in known.items()}
        readings = {name: column.reading for name, column in known.items()}
        options = replace(reading.options(), types=types, readings=readings, kept_names=kept)
        return ingest_files(reading.sources(version), destination, options=options, on_progress=on_rows)

    report = read_as(parquet, {})
    if version.origin == VersionOrigin.APPEND:
        report = appending.extend(version, parquet, report, read_as)
    return report


def _take_hash(version: DatasetVersion, reading: Reading) -> None:
    """Hash what came piece by piece; of several files, the hash of their hashes in order."""
    if version.sha256:
        return
    hashes = [file_hash(path) for path, _name in reading.sources(version)]
    version.sha256 = hashes[0] if len(hashes) == 1 else hashlib.sha256("\n".join(hashes).encode()).hexdigest()
    with transaction.atomic():
        DatasetVersion.objects.filter(pk=version.pk).update(sha256=version.sha256)
        details = {"file": version.file_name, "bytes": version.size_bytes, "sha256": version.sha256}
        audit.record(version.owner, "dataset.hashed", workspace=version.dataset.workspace, obj=version, details=details)


def _offer_choices(version: DatasetVersion, reading: Reading, broken: BrokenText) -> None:
    """Keep what may be chosen for bytes that are no text, for the page that says so."""
    offered = replace(reading, choices=tuple(offered_choices(broken.choices, version.size_bytes)))
    DatasetVersion.objects.filter(pk=version.pk).update(reading=offered.to_json())


@transaction.atomic
def _store(
    version: DatasetVersion,
    parquet_path: str,
    report: IngestReport,
    profiles: Sequence[ColumnProfile],
    guarded: protection.Guarded,
) -> None:
    # A worker that was killed may have stored half: whoever takes the job over begins anew.
    version.columns.all().delete()
    Column.objects.bulk_create(protection.marked(columns_of(version, report, profiles), guarded), batch_size=500)
    version.state = VersionState.READY
    version.parquet_path = parquet_path
    version.file_format = report.file_format
    version.encoding = report.encoding or ""
    version.delimiter = report.delimiter or ""
    version.row_count = report.row_count
    version.column_count = len(report.columns)
    version.notes = [note.to_dict() for note in report.notes]
    version.reading = Reading.of(version).after(report).to_json()
    version.save()
    version_ready.send(sender=DatasetVersion, version=version)


def columns_of(version: DatasetVersion, report: IngestReport, profiles: Sequence[ColumnProfile]) -> list[Column]:
    """Return the rows of a version's columns with their profile and the roles proposed for them."""
    by_name = {profile.name: profile for profile in profiles}
    roles = propose_roles(profiles, report.row_count)  # type: ignore[arg-type]
    events = _proposed_events(profiles)
    columns = []
    for position, schema in enumerate(report.columns):
        # What nobody recognised as a column of persons may hold a number of one all the same.
        profile = {**masked_throughout(by_name[schema.name].to_dict()), "name": schema.name}
        role, reason, params, confidence = roles.get(schema.name, (ColumnRole.FEATURE, "", {}, 0.0))
        columns.append(
            Column(
                version=version,
                position=position,
                name=schema.name,
                label=schema.label or "",
                type=schema.type,
                proposed_role=role,
                proposed_reason=reason[:300],
                missing_count=profile.get("missing", 0),
                distinct_count=profile.get("distinct", 0),
                special_values=profile.pop("special_values", []),
                profile={
                    **profile,
                    "proposed_event": events.get(schema.name, {}),
                    "reason_params": params,
                    "role_confidence": confidence,
                },
            )
        )
    return columns


def _proposed_events(profiles: Sequence[ColumnProfile]) -> dict[str, dict[str, Any]]:
    """Return for each column proposed as a target its event, by the kind of question."""
    events: dict[str, dict[str, Any]] = {}
    for kind in TARGET_KINDS:
        proposal = propose_target(profiles, kind)  # type: ignore[arg-type]
        if proposal:
            column, event = proposal
            events.setdefault(column, {})[kind] = event
    return events
