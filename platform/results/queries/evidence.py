"""What the engine left beside a model, read back: evidence, explanation, versions."""

import json
from collections.abc import Iterable
from math import isnan
from pathlib import Path
from typing import Any, TypeVar

from common.once import once_a_page
from common.storage import local_path
from experiments.artifact.evidence import ModelEvidence
from experiments.artifact.manifest import EVIDENCE, MANIFEST
from experiments.charts.by_period import ByPeriodData
from experiments.stored import Stored
from training.models import Experiment, LeaderboardRow

Kept = TypeVar("Kept", bound=Stored)
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
    return kept_beside(row, EVIDENCE, ModelEvidence)


def versions_of(experiment: Experiment) -> dict[str, str]:
    """Return the versions of the software the recommended model was made with."""
    row = experiment.leaderboard.filter(is_recommended=True).first()
    manifest = read_beside(row, MANIFEST) if row else {}
    return {str(name): str(version) for name, version in manifest.get("versions", {}).items()}


def read_beside(row: LeaderboardRow, name: str) -> dict[str, Any]:
    """Return a file beside a model as plain data, which nobody may change; empty where there is none."""
    return _plain(folder_of(row) / name if row.model_path else None)


def kept_beside(row: LeaderboardRow, name: str, kind: type[Kept]) -> Kept:
    """Return a file beside a model as what it is; empty where there is none."""
    return _typed(folder_of(row) / name if row.model_path else None, kind)


@once_a_page
def _typed(path: Path | None, kind: type[Kept]) -> Kept:
    return kind.from_dict(_plain(path))


@once_a_page
def _plain(path: Path | None) -> dict[str, Any]:
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
