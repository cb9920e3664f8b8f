"""The best result so far, against the baseline and the time that is left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from experiments.charts import theme
from experiments.charts.theme import ChartData, Drawing, Palette
from experiments.charts.words import worded

if TYPE_CHECKING:
    import plotly.graph_objects as go

MAX_DOTS = 300


@dataclass(frozen=True)
class BestScoreData(ChartData):
    """Trials as seconds and values, the steps of the best, the baseline's value and the whole budget in seconds.

    ``is_share`` says that values are shares, to be read as percentages.
    """

    elapsed: tuple[float, ...]
    values: tuple[float, ...]
    best_elapsed: tuple[float, ...]
    best_values: tuple[float, ...]
    baseline: float | None
    budget_seconds: float | None
    is_share: bool


def best_score_data(
    trials: Sequence[tuple[float, float | None]],
    baseline: float | None = None,
    budget_seconds: float | None = None,
    *,
    is_share: bool = False,
) -> BestScoreData:
    """Return the course of a search.

    Parameters
    ----------
    trials : (seconds since the start, value) of each finished trial; failed ones with ``None`` are left out.
    baseline : the baseline's value.
    budget_seconds : the whole time given, for the field of time left.
    """
    done = sorted((elapsed, value) for elapsed, value in trials if value is not None and value == value)
    steps: list[tuple[float, float]] = []
    for elapsed, value in done:
        if not steps or value > steps[-1][1]:
            steps.append((elapsed, value))
    # Most dots of a long search say nothing new; every improvement stays.
    stride = max(1, -(-len(done) // MAX_DOTS))
    shown = done[::stride]
    ends = [*steps, (done[-1][0], steps[-1][1])] if steps else []
    return BestScoreData(
        elapsed=theme.numbers([elapsed for elapsed, _ in shown]),
        values=theme.numbers([value for _, value in shown]),
        best_elapsed=theme.numbers([elapsed for elapsed, _ in ends]),
        best_values=theme.numbers([value for _, value in ends]),
        baseline=baseline,
        budget_seconds=budget_seconds,
        is_share=is_share,
    )


def best_score_drawing(data: BestScoreData, labels: Mapping[str, str] | None = None) -> Drawing:
    """Draw every trial as a dot and the best so far as a staircase."""
    words = worded(labels)
    whole = max([data.budget_seconds or 0, *data.best_elapsed, 1])
    in_minutes = whole >= 180
    unit, divisor = (words["minutes"], 60) if in_minutes else (words["seconds"], 1)
    scale, suffix, digits = (100, "%", 1) if data.is_share else (1, "", 3)
    y = [round(scale * value, digits + 1) for value in data.values]
    best = [round(scale * value, digits + 1) for value in data.best_values]
    now = [round(value / divisor, 3) for value in data.best_elapsed]
    dots: dict[str, Any] = {
        "type": "scatter",
        "mode": "markers",
        "x": [round(value / divisor, 3) for value in data.elapsed],
        "y": y,
        "marker": {"size": 6, "color": theme.token("nonevent")},
        "hovertemplate": words["hover_trial"] + "<extra></extra>",
    }
    shapes, names = [], []
    if best:
        end = {"size": 13, "xshift": 6}
        names.append(theme.label(now[-1], best[-1], f"{best[-1]:.{digits}f}{suffix}", "validation", **end))
    if data.baseline is not None:
        level = scale * data.baseline
        shapes.append(theme.horizontal(level))
        text = f"{words['baseline']} {level:.{digits}f}{suffix}"
        names.append(theme.label(1, level, text, "text-3", xref="paper", xanchor="right", yanchor="bottom"))
    if data.budget_seconds and (not now or now[-1] < data.budget_seconds / divisor):
        start, end_of_time = now[-1] if now else 0.0, data.budget_seconds / divisor
        shapes.append(theme.shaded(start, end_of_time, "sunken", 0.55))
        if end_of_time - start > 0.2 * end_of_time:
            middle = (start + end_of_time) / 2
            names.append(theme.label(middle, 0.5, words["time_left"], "text-3", yref="paper", xanchor="center"))
    stairs = theme.line(now, best, "validation", width=2.5, line={"shape": "hv"})
    axis = {"range": [0, 1.02 * whole / divisor], "ticksuffix": f" {unit}", "nticks": 6}
    return Drawing(
        [dots, stairs],
        {
            "xaxis": axis,
            "yaxis": {"ticksuffix": suffix, "range": _range([*y, *best], _given(data.baseline, scale))},
            "shapes": shapes,
            "annotations": names,
        },
    )


def _given(value: float | None, scale: float) -> list[float]:
    return [] if value is None else [scale * value]


def _range(values: list[float], baseline: list[float]) -> list[float] | None:
    """Leave room above and below and the baseline in sight; leave out trials so poor that the rest were a flat line."""
    ordered = sorted([*values, *baseline])
    if not ordered:
        return None
    low = min(ordered[len(ordered) // 10], *baseline, ordered[-1])
    spare = max(0.12 * (ordered[-1] - low), 0.01 * abs(ordered[-1])) or 0.05
    return [low - spare, ordered[-1] + spare]


def best_score_figure(
    data: BestScoreData, palette: Palette = "light", labels: Mapping[str, str] | None = None
) -> "go.Figure":
    """Return the Plotly figure in one palette."""
    return best_score_drawing(data, labels).figure(palette)
