"""KS curve: how far events and non-events lie apart, and where."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from experiments.charts import theme
from experiments.charts.theme import ChartData, Drawing, Palette
from experiments.charts.words import worded
from experiments.evaluation import metrics

if TYPE_CHECKING:
    import plotly.graph_objects as go


@dataclass(frozen=True)
class KsCurveData(ChartData):
    """Cumulative shares of events and non-events by share of customers from the highest score, and the KS.

    ``at_share``, ``at_events``, ``at_non_events`` say where the distance is largest, ``threshold`` at which score.
    """

    share: tuple[float, ...]
    events: tuple[float, ...]
    non_events: tuple[float, ...]
    ks: float
    threshold: float
    at_share: float
    at_events: float
    at_non_events: float


def ks_curve_data(y: ArrayLike, p: ArrayLike, weight: ArrayLike | None = None) -> KsCurveData:
    """Return the two curves of one sample at fixed shares, the KS exact."""
    share, events = metrics.gains_curve(y, p, weight=weight)
    non_events, _ = metrics.roc_curve(y, p, weight=weight)
    found = metrics.ks(y, p, weight=weight)
    shares = np.unique(np.append(theme.SHARES, found.share)) if np.isfinite(found.share) else theme.SHARES
    return KsCurveData(
        share=theme.numbers(shares),
        events=theme.numbers(np.interp(shares, share, events)),
        non_events=theme.numbers(np.interp(shares, share, non_events)),
        ks=found.value,
        threshold=found.threshold,
        at_share=found.share,
        at_events=float(np.interp(found.share, share, events)),
        at_non_events=float(np.interp(found.share, share, non_events)),
    )


def ks_curve_drawing(data: KsCurveData, labels: Mapping[str, str] | None = None) -> Drawing:
    """Draw the two curves, the field between them and the KS as a bar."""
    words, x = worded(labels), theme.percents(data.share)
    events, non_events = theme.percents(data.events), theme.percents(data.non_events)
    at, low, high = 100 * data.at_share, 100 * data.at_non_events, 100 * data.at_events
    area = {"fill": "tonexty", "fillcolor": theme.token("event", 0.09)}
    # The name of the lower curve keeps clear of the figure beside the bar, also where the chart is narrow.
    beside = 60 if at < 30 else 68
    bar = {"type": "line", "x0": at, "x1": at, "y0": low, "y1": high, "line": {"color": "token:text", "width": 2}}
    return Drawing(
        [
            theme.line(x, non_events, "nonevent", hover=words["hover_ks"]),
            theme.line(x, events, "event", width=2.5, hover=words["hover_ks"], **area),
        ],
        {
            "xaxis": theme.percent_axis(words["customers_by_score"]),
            "yaxis": theme.percent_axis(None, 102, dtick=25),
            "shapes": [bar],
            "annotations": [
                theme.label(at, (low + high) / 2, f"KS {data.ks:.3f}", "text", size=13, xshift=6),
                theme.label(
                    46, _at(46, data.share, data.events), words["events"], "event",
                    xanchor="right", yanchor="bottom", yshift=4,
                ),
                theme.label(
                    beside, _at(beside, data.share, data.non_events), words["non_events"], "text-3",
                    yanchor="top", xshift=6, yshift=-4,
                ),
            ],
        },
    )  # fmt: skip


def _at(percent: float, share: tuple[float, ...], values: tuple[float, ...]) -> float:
    return float(100 * np.interp(percent / 100, share, values))


def ks_curve_figure(
    data: KsCurveData, palette: Palette = "light", labels: Mapping[str, str] | None = None
) -> "go.Figure":
    """Return the Plotly figure in one palette."""
    return ks_curve_drawing(data, labels).figure(palette)
