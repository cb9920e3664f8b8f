"""Cumulative gains: contact so many, reach so many."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from experiments.charts import theme
from experiments.charts.theme import ChartData, Drawing, Palette
from experiments.charts.words import worded
from experiments.evaluation import metrics
from experiments.evaluation.ranking import labelled

if TYPE_CHECKING:
    import plotly.graph_objects as go


@dataclass(frozen=True)
class GainsData(ChartData):
    """Share of customers contacted and of events reached, 0 to 1, and the same at the contact quota."""

    share: tuple[float, ...]
    capture: tuple[float, ...]
    event_rate: float
    contact_share: float
    capture_at_quota: float
    lift_at_quota: float


def gains_data(y: ArrayLike, p: ArrayLike, weight: ArrayLike | None = None, contact_share: float = 0.1) -> GainsData:
    """Return the curve of one sample at fixed shares, finer among the first."""
    share, capture = metrics.gains_curve(y, p, weight=weight)
    labels, _, weights = labelled(y, p, weight)
    shares = np.unique(np.append(theme.SHARES, contact_share))
    caught = float(np.interp(contact_share, share, capture))
    return GainsData(
        share=theme.numbers(shares),
        capture=theme.numbers(np.interp(shares, share, capture)),
        event_rate=float(labels @ weights / weights.sum()) if weights.sum() > 0 else float("nan"),
        contact_share=contact_share,
        capture_at_quota=caught,
        lift_at_quota=caught / contact_share,
    )


def gains_drawing(data: GainsData | Mapping[str, GainsData], labels: Mapping[str, str] | None = None) -> Drawing:
    """Draw one sample or several between chance and perfection, with the quota of the first."""
    words, samples = worded(labels), theme.by_sample(data)
    curves = {sample: (theme.percents(own.share), theme.percents(own.capture)) for sample, own in samples.items()}
    first_name, first = next(iter(samples.items()))
    quota, caught, rate = 100 * first.contact_share, 100 * first.capture_at_quota, 100 * first.event_rate
    dot = {
        "size": 9,
        "color": theme.token(theme.sample_token(first_name)),
        "line": {"color": "token:surface", "width": 2},
    }
    marker = {"type": "scatter", "mode": "markers", "x": [quota], "y": [caught], "marker": dot, "hoverinfo": "skip"}
    beside: dict[str, Any] = {"size": 13, "xshift": 8, "yshift": -8, "bgcolor": theme.token("surface")}
    drawn = [
        theme.line(
            *curve, theme.sample_token(sample), width=2.5 if sample == first_name else 2, hover=words["hover_gains"]
        )
        for sample, curve in curves.items()
    ]
    return Drawing(
        [theme.dotted([0, 100], [0, 100]), theme.dotted([0, rate, 100], [0, 100, 100]), *reversed(drawn), marker],
        {
            "xaxis": theme.percent_axis(words["customers_contacted"]),
            "yaxis": theme.percent_axis(words["events_reached"], 102, dtick=25),
            "shapes": [theme.vertical(quota, "brand")],
            "annotations": [
                theme.label(quota, caught, f"{caught:.1f}%", theme.sample_token(first_name), **beside),
                theme.label(quota, 6, f"{words['quota']} {quota:g}%", "brand", xshift=5),
                *theme.curve_labels(curves, words, at=max(30.0, quota + 15)),
                theme.label(72, 66, words["chance"], "text-3"),
                theme.label(min(rate + 2, 80), 97, words["perfect"], "text-3"),
            ],
        },
    )


def gains_figure(
    data: GainsData | Mapping[str, GainsData], palette: Palette = "light", labels: Mapping[str, str] | None = None
) -> "go.Figure":
    """Return the Plotly figure in one palette."""
    return gains_drawing(data, labels).figure(palette)
