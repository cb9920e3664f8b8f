"""What the engine left beside a model, read back: evidence, explanation, versions."""

import json
from collections.abc import Iterable
from math import isnan
from pathlib import Path
from typing import Any

from common.storage import local_path
from experiments.artifact.evidence import ModelEvidence
from experiments.artifact.manifest import EVIDENCE, MANIFEST
from experiments.charts.by_period import ByPeriodData
from training.models import Experiment, LeaderboardRow

DERIVED_COLUMNS = "features.json"


def folder_of(row: LeaderboardRow) -> Path:
    """Return where the model of a finalist lies."""
    return local_path(row.model_path)


def size_of(row: LeaderboardRow) -> int:
    """Return the bytes of what scores: without what is kept beside a model to be looked at."""
    named = read_beside(row, MANIFEST).get("checksums", {})
    return sum((folder_of(row) / name).stat().st_size for name in named if (folder_of(row) / name).is_file())


def evidence_of(row: LeaderboardRow) -> ModelEvidence:
    """Return the data of the charts, by sample; empty where the engine left none."""
    return ModelEvidence.from_dict(read_beside(row, EVIDENCE))


def versions_of(experiment: Experiment) -> dict[str, str]:
    """Return the versions of the software the recommended model was made with."""
    row = experiment.leaderboard.filter(is_recommended=True).first()
    manifest = read_beside(row, "manifest.json") if row else {}
    return {str(name): str(version) for name, version in manifest.get("versions", {}).items()}


def read_beside(row: LeaderboardRow, name: str) -> dict[str, Any]:
    path = folder_of(row) / name if row.model_path else None
    return json.loads(path.read_text(encoding="utf-8")) if path is not None and path.is_file() else {}


def periods_of(found: ModelEvidence) -> ByPeriodData | None:
    """Return AUC by month as the chart takes it; ``None`` without a month that has enough events."""
    rows = found.by_period
    if all(isnan(row.auc) for row in rows):
        return None

    def known(values: Iterable[float]) -> tuple[float | None, ...]:
        return tuple(None if isnan(value) else value for value in values)

    return ByPeriodData(
        metric="auc", periods=tuple(row.period for row in rows), values=known(row.auc for row in rows),
        low=known(row.auc_low for row in rows), high=known(row.auc_high for row in rows),
        rows=tuple(row.rows for row in rows), events=tuple(row.events for row in rows),
        is_out_of_time=tuple(row.is_out_of_time for row in rows),
    )  # fmt: skip
