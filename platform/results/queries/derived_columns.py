"""The columns the engine derived that a model reads, with label and formula."""

from common.language import reader_language
from experiments.generation.feature import GeneratedFeature
from results.queries.evidence import DERIVED_COLUMNS, read_beside
from results.queries.leaderboard import LeaderboardLine
from training.models import Experiment


def derived_columns_of(experiment: Experiment, line: LeaderboardLine) -> list[dict[str, str]]:
    """Return the columns the engine made that this model reads, with label and formula."""
    found = read_beside(line.row, DERIVED_COLUMNS).get("features", [])
    labels = experiment.asked.labels
    return [_derived_column(GeneratedFeature.from_dict(each), labels) for each in found]


def _derived_column(feature: GeneratedFeature, labels: dict[str, dict[str, str]]) -> dict[str, str]:
    return {"name": feature.name, "label": feature.label(labels, reader_language()), "formula": feature.formula}
