"""What the engine left beside a model, read back: evidence, explanation, versions."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from math import isnan
from os import scandir
from pathlib import Path
from typing import Any, Self, TypeVar

from common.once import once_a_page
from common.storage import local_path
from experiments.artifact.evidence import ModelEvidence
from experiments.artifact.manifest import EVIDENCE, MANIFEST, read_attached, read_manifest, read_recorded
from experiments.charts.by_period import ByPeriodData
from experiments.stored import Stored
from training.models import Experiment, LeaderboardRow

Kept = TypeVar("Kept", bound=Stored)
DERIVED_COLUMNS = "features.json"


def folder_of(row: LeaderboardRow) -> Path:
    """Return where the model of a finalist lies."""
    return local_path(row.model_path)


def untouched_folder_of(row: LeaderboardRow) -> Path:
    """Return where the model of a finalist lies, once every file of it has proved to be the one its run recorded.

    Raises
    ------
    ArtifactError : a file is missing, altered or does not belong there; the sentence names it.
    """
    if row.model_seal:
        read_recorded(folder_of(row), row.model_hash, seal=row.model_seal)
    return folder_of(row)


def size_of(row: LeaderboardRow) -> int:
    """Return the bytes of what scores: without what is kept beside a model to be looked at."""
    named = read_beside(row, MANIFEST).get("checksums", {})
    if not named:
        return 0
    with scandir(folder_of(row)) as found:
        return sum(each.stat().st_size for each in found if each.name in named and each.is_file())


def evidence_of(row: LeaderboardRow) -> ModelEvidence:
    """Return the data of the charts, by sample; empty where the engine left none."""
    return kept_beside(row, EVIDENCE, ModelEvidence)


def versions_of(experiment: Experiment) -> dict[str, str]:
    """Return the versions of the software the recommended model was made with."""
    row = experiment.leaderboard.filter(is_recommended=True).first()
    manifest = read_beside(row, MANIFEST) if row else {}
    return {str(name): str(version) for name, version in manifest.get("versions", {}).items()}


def read_beside(row: LeaderboardRow, name: str) -> dict[str, Any]:
    """Return a file beside a model as plain data, which nobody may change; empty where there is none.

    Raises
    ------
    ArtifactError : the file is not the one that the run recorded; the sentence names it.
    """
    return _read(_Place.of(row), name)


def kept_beside(row: LeaderboardRow, name: str, kind: type[Kept]) -> Kept:
    """Return a file beside a model as what it is; empty where there is none.

    Raises
    ------
    ArtifactError : the file is not the one that the run recorded; the sentence names it.
    """
    return _typed(_Place.of(row), name, kind)


@dataclass(frozen=True)
class _Place:
    """Where a model lies, with the hashes that its run recorded."""

    path: str
    model_hash: str
    seal: str

    @classmethod
    def of(cls, row: LeaderboardRow) -> Self:
        # Of a run from before there were seals, its manifest alone tells which files are its own.
        return cls(row.model_path, row.model_hash if row.model_seal else "", row.model_seal)


@once_a_page
def _typed(place: _Place, name: str, kind: type[Kept]) -> Kept:
    return kind.from_dict(_read(place, name))


@once_a_page
def _read(place: _Place, name: str) -> dict[str, Any]:
    folder = local_path(place.path) if place.path else None
    if folder is None or not folder.is_dir():
        return {}
    recorded = {"model_hash": place.model_hash, "seal": place.seal}
    if name == MANIFEST and (place.seal or (folder / MANIFEST).is_file()):
        return read_manifest(folder, **recorded)
    if place.seal or (folder / MANIFEST).is_file():
        return read_attached(folder, name, **recorded)
    path = folder / name
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


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
