"""Everything the checks of a version may look at, read at most once."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from experiments.artifact.manifest import read_attached
from registry.models import ModelVersion
from training.models import LeaderboardRow


@dataclass
class Evidence:
    """Everything the checks may look at, read at most once; ``facts`` are those of the dossier."""

    row: LeaderboardRow
    model_dir: Path
    facts: dict[str, Any]
    former: ModelVersion | None

    @property
    def spec(self) -> dict[str, Any]:
        return self.row.experiment.spec

    @property
    def held_out_name(self) -> str | None:
        return next((name for name in ("out_of_time", "held_out") if self.row.metrics.get(name)), None)

    @property
    def held_out(self) -> dict[str, Any]:
        return self.row.metrics.get(self.held_out_name or "", {})

    @property
    def features(self) -> list[str]:
        return list(self.facts["columns"])

    @cached_property
    def curves(self) -> dict[str, Any]:
        return read_attached(self.model_dir, "evidence.json")

    def value(self, sample: dict[str, Any], metric: str) -> float | None:
        found = sample.get(metric)
        return found.get("value") if isinstance(found, dict) else found
