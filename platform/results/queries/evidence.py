"""What the engine left beside a model, read back: evidence, explanation, versions, report."""

import json
from pathlib import Path
from typing import Any

from checks.sample_words import sentences_on_sample
from common.language import reader_language
from common.storage import local_path
from experiments.artifact.manifest import read_recorded
from training.models import Experiment, LeaderboardRow

DERIVED_COLUMNS = "features.json"


def folder_of(row: LeaderboardRow) -> Path:
    """Return where the model of a finalist lies."""
    return local_path(row.model_path)


def evidence_of(row: LeaderboardRow) -> dict[str, Any]:
    """Return the data of the charts, by sample; empty where the engine left none."""
    return read_beside(row, "evidence.json")


def versions_of(experiment: Experiment) -> dict[str, str]:
    """Return the versions of the software the recommended model was made with."""
    row = experiment.leaderboard.filter(is_recommended=True).first()
    manifest = read_beside(row, "manifest.json") if row else {}
    return {str(name): str(version) for name, version in manifest.get("versions", {}).items()}


def read_beside(row: LeaderboardRow, name: str) -> dict[str, Any]:
    path = folder_of(row) / name if row.model_path else None
    return json.loads(path.read_text(encoding="utf-8")) if path is not None and path.is_file() else {}


def periods_of(found: dict[str, Any]) -> dict[str, Any] | None:
    """Return AUC by month as the chart takes it; ``None`` without a month that has enough events."""
    rows = found.get("by_period") or []
    if all(row.get("auc") is None for row in rows):
        return None
    columns = {
        "periods": "period", "values": "auc", "low": "auc_low", "high": "auc_high",
        "rows": "rows", "events": "events", "is_out_of_time": "is_out_of_time",
    }  # fmt: skip
    return {"metric": "auc"} | {name: [row.get(key) for row in rows] for name, key in columns.items()}


def report_of(row: LeaderboardRow) -> str:
    """Return the engine's report on a model as one HTML page.

    Raises
    ------
    ArtifactError : the model's files are not those that the run has left; the sentence names the file.
    """
    # The engine's renderer is heavy; only who asks for a report loads it.
    from experiments.report import render_report

    if row.model_seal:
        read_recorded(folder_of(row), row.model_hash, row.model_seal)
    return render_report(
        folder_of(row), language=reader_language(), sample=sentences_on_sample(row.experiment.data_check)
    )
