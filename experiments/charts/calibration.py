"""Calibration: what was said against what happened."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from experiments.charts import theme
from experiments.charts.theme import ChartData, Drawing, Palette
from experiments.charts.words import worded
from experiments.evaluation import reliability

if TYPE_CHECKING:
    import plotly.graph_objects as go


@dataclass(frozen=True)
class CalibrationData(ChartData):
    """Groups of like probability: predicted and observed rate with its interval (0 to 1), and counts."""

    predicted: tuple[float, ...]
    observed: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    rows: tuple[int, ...]
    events: tuple[int, ...]
    ece: float


def calibration_data(y: ArrayLike, p: ArrayLike, weight: ArrayLike | None = None, groups: int = 10) -> CalibrationData:
    """Return ``groups`` of equal frequency; ECE is over its own 15."""
    found = reliability.reliability(y, p, weight=weight, bins=groups).bins
    return CalibrationData(
        predicted=theme.numbers([group.mean_probability for group in found]),
        observed=theme.numbers([group.event_rate for group in found]),
        low=theme.numbers([group.low for group in found]),
        high=theme.numbers([group.high for group in found]),
        rows=tuple(group.rows for group in found),
        events=tuple(group.events for group in found),
        ece=reliability.ece(y, p, weight=weight),
    )


def calibration_drawing(
    data: CalibrationData | Mapping[str, CalibrationData], labels: Mapping[str, str] | None = None
) -> Drawing:
    """Draw one sample or several, each with the ribbon of its intervals, around the line of exactness."""
    words, samples = worded(labels), theme.by_sample(data)
    reach = max([0.02, *(value for own in samples.values() for value in (*own.predicted, *own.observed))])
    top = min(100.0, 120 * reach)
    drawn: list[dict] = [theme.dotted([0, 100], [0, 100])]
    names: list[Any] = []
    for sample, own in reversed(samples.items()):
        colour, x = theme.sample_token(sample), theme.percents(own.predicted)
        drawn.append(theme.ribbon(x, theme.percents(own.low), theme.percents(own.high), colour))
        dots: dict[str, Any] = {"mode": "lines+markers", "marker": {"size": 6, "color": theme.token(colour)}}
        drawn.append(theme.line(x, theme.percents(own.observed), colour, hover=words["hover_calibration"], **dots))
        if own.predicted:
            others = [one for one in samples.values() if one is not own]
            names.append(_name(own, others, words[sample], colour, beside=names))
    exact = theme.label(top, top, words["exact"], "text-3", xanchor="right", yanchor="top", yshift=-16)
    return Drawing(
        drawn,
        {
            "xaxis": theme.percent_axis(words["predicted"], top),
            "yaxis": theme.percent_axis(words["actual"], top),
            "annotations": [*names, exact],
        },
    )


def _name(
    own: CalibrationData, others: list[CalibrationData], text: str, colour: str, *, beside: list[dict[str, Any]]
) -> dict[str, Any]:
    """Name a curve where it lies farthest from the next one, or from the line of exactness, on its outer side.

    Where a name in ``beside`` stands already, the next best place is taken.
    """
    said, was = np.asarray(own.predicted), np.asarray(own.observed)
    other = np.interp(said, others[0].predicted, others[0].observed) if others and others[0].predicted else said
    # Near the foot a label would stand on the axis.
    gap = np.where(was > 0.15 * was.max(), np.abs(was - other), -1.0)
    reach = max(said.max(), was.max())
    for taken in beside:
        is_near = np.hypot(100 * said - taken["x"], 100 * was - taken["y"]) < 20 * reach
        if (gap[~is_near] >= 0).any():
            gap = np.where(is_near, -1.0, gap)
    place = int(np.argmax(gap))
    is_above = was[place] >= other[place]
    side: dict[str, Any] = {"yanchor": "bottom", "yshift": 8} if is_above else {"yanchor": "top", "yshift": -8}
    # Above a rising curve there is room to the left, but not beside the axis.
    if said[place] > (0.15 if is_above else 0.6) * reach:
        side["xanchor"] = "right"
    return theme.label(100 * said[place], 100 * was[place], text, colour, **side)


def calibration_figure(
    data: CalibrationData | Mapping[str, CalibrationData],
    palette: Palette = "light",
    labels: Mapping[str, str] | None = None,
) -> "go.Figure":
    """Return the Plotly figure in one palette."""
    return calibration_drawing(data, labels).figure(palette)
