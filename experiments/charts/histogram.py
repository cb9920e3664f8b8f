"""Histogram: how a score is spread, against the development sample where there is one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from experiments.charts import theme
from experiments.charts.theme import ChartData, Drawing, Palette
from experiments.charts.words import worded

if TYPE_CHECKING:
    import plotly.graph_objects as go


@dataclass(frozen=True)
class HistogramData(ChartData):
    """Counts between edges; ``reference_shares`` is the development sample's share of each bin, empty if none."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    reference_shares: tuple[float, ...] = ()
    cut_off: float | None = None


def histogram_data(
    values: ArrayLike,
    *,
    bins: int = 20,
    edges: Sequence[float] | None = None,
    reference: ArrayLike | None = None,
    cut_off: float | None = None,
) -> HistogramData:
    """Return at most ``bins`` bars of equal width; values beyond given ``edges`` fall into the outer bars."""
    numbers = _finite(values)
    both = numbers if reference is None else np.concatenate([numbers, _finite(reference)])
    borders = np.asarray(edges, dtype=np.float64) if edges is not None else np.histogram_bin_edges(both, bins)
    shares: tuple[float, ...] = ()
    if reference is not None:
        counted = np.histogram(np.clip(_finite(reference), borders[0], borders[-1]), borders)[0]
        shares = theme.numbers(counted / max(counted.sum(), 1))
    counts = np.histogram(np.clip(numbers, borders[0], borders[-1]), borders)[0]
    return HistogramData(theme.numbers(borders), tuple(counts.tolist()), shares, cut_off)


def _finite(values: ArrayLike) -> np.ndarray:
    numbers = np.asarray(values, dtype=np.float64).ravel()
    return numbers[np.isfinite(numbers)]


def histogram_drawing(
    data: HistogramData, labels: Mapping[str, str] | None = None, title: str | None = None
) -> Drawing:
    """Draw the bars, the development sample as a stepped line of the same total, and the cut-off."""
    words = worded(labels)
    middles = [(low + high) / 2 for low, high in zip(data.edges[:-1], data.edges[1:], strict=True)]
    widths = [0.92 * (high - low) for low, high in zip(data.edges[:-1], data.edges[1:], strict=True)]
    bars: dict[str, Any] = {
        "type": "bar",
        "x": middles,
        "y": list(data.counts),
        "width": widths,
        "marker": {"color": theme.token("event")},
        "hovertemplate": words["hover_people"] + "<extra></extra>",
    }
    drawn, shapes, names = [bars], [], []
    y_axis: dict[str, Any] = {"rangemode": "tozero"}
    if data.reference_shares:
        expected = [share * sum(data.counts) for share in data.reference_shares]
        # Room above the bars for the name of the line.
        y_axis["range"] = [0, 1.15 * max([*data.counts, *expected, 1])]
        drawn.append(theme.line(middles, expected, "train", line={"shape": "hvh"}))
        corner: dict[str, Any] = {"xref": "paper", "yref": "paper", "xanchor": "right", "yanchor": "top"}
        names.append(theme.label(1, 1, f"— {words['development']}", "train", **corner))
    if data.cut_off is not None:
        shapes.append(theme.vertical(data.cut_off, "brand"))
        names.append(theme.label(data.cut_off, 1, words["cut_off"], "brand", yref="paper", yanchor="top", xshift=4))
    axis = {"title": {"text": title or words["score"]}, "nticks": 8}
    return Drawing(drawn, {"xaxis": axis, "yaxis": y_axis, "shapes": shapes, "annotations": names})


def histogram_figure(
    data: HistogramData,
    palette: Palette = "light",
    labels: Mapping[str, str] | None = None,
    title: str | None = None,
) -> "go.Figure":
    """Return the Plotly figure in one palette."""
    return histogram_drawing(data, labels, title).figure(palette)
