"""The columns of a version as the bank calls them, by weight."""

from typing import Any

from common.language import reader_language
from experiments import labels
from registry.models import ModelVersion


def label_of(column: str, version: ModelVersion) -> str:
    """Return the bank's word for a column where its dictionary has one."""
    return labels.label_of(column, version.leaderboard_row.experiment.asked.labels, reader_language())


def shown_factors(version: ModelVersion) -> list[dict[str, Any]]:
    factors = version.frozen.factors
    largest = max((factor.share for factor in factors), default=0) or 1
    return [
        {
            "column": factor.column,
            "label": label_of(factor.column, version),
            "percent": round(100 * factor.share),
            "width": round(100 * factor.share / largest),
        }
        for factor in factors
    ]
