"""Charts of an experiment as Plotly JSON in the reader's language, and the tables behind them."""

from dataclasses import dataclass
from typing import Any

from training.models import Experiment, LeaderboardRow


@dataclass(frozen=True)
class Table:
    """The numbers behind a chart."""

    header: list[str]
    rows: list[list[Any]]


def result_charts(experiment: Experiment, found: dict[str, Any], test_sample: str) -> list[dict[str, Any]]:
    return []


def draw(name: str, experiment: Experiment, row: LeaderboardRow, asked: Any) -> Any:
    return None


def table(name: str, experiment: Experiment, row: LeaderboardRow, asked: Any) -> Table | None:
    return None


def best_score(experiment: Experiment) -> Any:
    return {"data": [], "layout": {}}


def as_plain(figure: Any) -> dict[str, Any]:
    return figure
