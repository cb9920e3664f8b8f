"""The columns the engine derived that a model reads, with label and formula."""

from typing import Any

from common.language import reader_language
from experiments.labels import label_of
from results.queries.evidence import DERIVED_COLUMNS, read_beside
from results.queries.leaderboard import LeaderboardLine
from training.models import Experiment


def derived_columns_of(experiment: Experiment, line: LeaderboardLine) -> list[dict[str, str]]:
    """Return the columns the engine made that this model reads, with label and formula."""
    found = line.row.evidence.get("features_generated") or read_beside(line.row, DERIVED_COLUMNS).get("features", [])
    return [_derived_column(feature, experiment.spec.get("labels", {})) for feature in found]


def _derived_column(feature: Any, labels: dict[str, dict[str, str]]) -> dict[str, str]:
    if isinstance(feature, str):
        return {"name": feature, "label": "", "formula": feature}
    name, sources = str(feature.get("name", "")), feature.get("sources") or []
    names = [label_of(source, labels, reader_language()) for source in sources]
    phrase = (feature.get("phrase") or {}).get(reader_language(), "")
    label = phrase % {"a": names[0], "b": names[-1], "count": len(names)} if phrase and names else ""
    return {"name": name, "label": label, "formula": str(feature.get("formula") or name)}
