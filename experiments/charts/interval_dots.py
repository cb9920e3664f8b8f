"""Dots with intervals: which candidates can be told apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from experiments.charts import theme
from experiments.charts.theme import ChartData, Drawing, Palette
from experiments.charts.words import worded

if TYPE_CHECKING:
    import plotly.graph_objects as go

# Of a line that names a sample.
KEY_HEIGHT = 15


@dataclass(frozen=True)
class IntervalDot(ChartData):
    """A candidate's measure on one sample with its interval; bounds ``None`` where unknown."""

    name: str
    sample: str
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class IntervalDotsData(ChartData):
    """Dots of several candidates on one shared scale, best first."""

    metric: str
    dots: tuple[IntervalDot, ...]


def interval_dots_data(
    candidates: Sequence[tuple[str, Mapping[str, Mapping[str, Mapping[str, float | None]]]]], metric: str = "auc"
) -> IntervalDotsData:
    """Return ``metric`` of each candidate.

    Parameters
    ----------
    candidates : (name, ``{sample: result of evaluate()}``) in the order to be shown.
    """
    dots = [
        IntervalDot(name, sample, value, found.get("low"), found.get("high"))
        for name, samples in candidates
        for sample, measures in samples.items()
        if (found := measures.get(metric)) and (value := found.get("value")) is not None
    ]
    return IntervalDotsData(metric, tuple(dots))


def interval_dots_drawing(data: IntervalDotsData, labels: Mapping[str, str] | None = None) -> Drawing:
    """Draw one row for each candidate, its samples in their colours, a little apart."""
    words = worded(labels)
    names = list(dict.fromkeys(dot.name for dot in data.dots))
    samples = list(dict.fromkeys(dot.sample for dot in data.dots))
    heights = {name: len(names) - place for place, name in enumerate(names)}
    drawn = []
    for place, sample in enumerate(samples):
        own = [dot for dot in data.dots if dot.sample == sample]
        colour = theme.sample_token(sample)
        nudge = 0.13 * ((len(samples) - 1) / 2 - place)
        bars = {
            "type": "data",
            "symmetric": False,
            "array": [(dot.high if dot.high is not None else dot.value) - dot.value for dot in own],
            "arrayminus": [dot.value - (dot.low if dot.low is not None else dot.value) for dot in own],
            "color": theme.token(colour),
            "thickness": 1.5,
            "width": 0,
        }
        drawn.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [dot.value for dot in own],
                "y": [heights[dot.name] + nudge for dot in own],
                "customdata": [f"{dot.name}, {words.get(sample, sample)}" for dot in own],
                "marker": {"size": 7, "color": theme.token(colour)},
                "error_x": bars,
                "hovertemplate": words["hover_interval"].replace("%{y", "%{customdata") + "<extra></extra>",
            }
        )
    return Drawing(
        drawn,
        {
            "height": 34 * len(names) + 56 + KEY_HEIGHT * (len(samples) - 1),
            "margin": {"t": 22 + KEY_HEIGHT * (len(samples) - 1)},
            "xaxis": {"showgrid": True, "nticks": 6},
            "yaxis": {
                "tickvals": list(heights.values()),
                "ticktext": names,
                "range": [0.4, len(names) + 0.6],
                "showgrid": False,
                "tickfont": {"size": 12.5, "color": theme.token("text")},
            },
            "annotations": _keys(data, samples, words, len(names)),
        },
    )


def _keys(data: IntervalDotsData, samples: list[str], words: Mapping[str, str], top: int) -> list[dict]:
    """Name each sample's colour above the first dot it has, one above the other: two first dots may lie close."""
    keys = []
    for place, sample in enumerate(samples):
        first = next(dot for dot in data.dots if dot.sample == sample)
        up: dict[str, Any] = {"xanchor": "center", "yanchor": "bottom", "yshift": 12 + KEY_HEIGHT * place}
        keys.append(theme.label(first.value, top, words.get(sample, sample), theme.sample_token(sample), **up))
    return keys


def interval_dots_figure(
    data: IntervalDotsData, palette: Palette = "light", labels: Mapping[str, str] | None = None
) -> "go.Figure":
    """Return the Plotly figure in one palette."""
    return interval_dots_drawing(data, labels).figure(palette)
