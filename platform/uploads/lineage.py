"""What a version that was just read keeps of where it came from."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from catalog import storage
from catalog.lineage import base_of, engine
from catalog.models import DatasetVersion, VersionOrigin
from catalog.reading import Reading
from common.storage import local_path
from experiments.data.schema import file_hash
from experiments.ingest.reading import IngestReport
from jobs.models import Job
from privacy import protection


def describe(version: DatasetVersion, job: Job, report: IngestReport, guarded: protection.Guarded) -> dict[str, Any]:
    """Return the lineage of a version whose table was just written, as plain data."""
    reading = Reading.of(version)
    base = base_of(version)
    steps: list[dict[str, Any]] = [
        {
            "step": "read",
            "chosen": reading.told(),
            "format": report.file_format,
            "encoding": report.encoding,
            "delimiter": report.delimiter,
            "rows": report.row_count - (base.row_count if base else 0),
        }
    ]
    if base is not None:
        steps.append({"step": "append", "rows_before": base.row_count, "rows": report.row_count})
    if guarded.choices:
        ways = {
            name: {"way": choice.way, "kind": choice.kind, "is_within_text": choice.is_within_text}
            for name, choice in guarded.choices.items()
        }
        steps.append({"step": "protect", "columns": ways, "key_id": protection.secret_key().id})
    query = version.lineage.get("query")
    if query:
        steps.insert(0, {"step": "query", **query})
    kept = {name: version.lineage[name] for name in ("append_to", "query") if name in version.lineage}
    return {
        **kept,
        **({protection.EARLIER: [one.to_json() for one in guarded.earlier]} if guarded.earlier else {}),
        "sources": [*_files(version, reading), *_versions([base] if base else [])],
        "steps": steps,
        "by": version.owner.username,
        "at": timezone.now().isoformat(),
        "job": str(job.pk),
        "engine": engine(),
        "sha256": file_hash(local_path(storage.parquet_beside(version.source_path))),
    }


def _files(version: DatasetVersion, reading: Reading) -> list[dict[str, Any]]:
    sources = reading.sources(version)
    return [
        {
            "kind": "query" if version.origin == VersionOrigin.QUERY else "file",
            "file": name,
            "bytes": path.stat().st_size,
            "sha256": version.sha256 if len(sources) == 1 else file_hash(path),
        }
        for path, name in sources
    ]


def _versions(versions: Iterable[DatasetVersion]) -> list[dict[str, Any]]:
    return [
        {
            "kind": "version",
            "version": version.pk,
            "dataset": version.dataset.name,
            "number": version.number,
            "sha256": version.parquet_sha256,
        }
        for version in versions
    ]
