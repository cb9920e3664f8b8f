"""Cumulative lift: how many times the average the head of the list holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from experiments.charts import theme
from experiments.charts.theme import ChartData, Drawing, Palette
from experiments.charts.words import worded
from experiments.evaluation import metrics

if TYPE_CHECKING:
    import plotly.graph_objects as go


@dataclass(frozen=True)
class LiftData(ChartData):
    """Cumulative lift at shares of customers (0 to 1) and at the contact quota."""

    share: tuple[float, ...]
    lift: tuple[float, ...]
    contact_share: float
    lift_at_quota: float


def lift_data(y: ArrayLike, p: ArrayLike, weight: ArrayLike | None = None, contact_share: float = 0.1) -> LiftData:
    """Return the lift of one sample from the first percent on; less than that is a handful of customers."""
    share, capture = metrics.gains_curve(y, p, weight=weight)
    shares = np.unique(np.append(theme.SHARES[theme.SHARES >= 0.01], contact_share))
    at_quota = float(np.interp(contact_share, share, capture)) / contact_share
    lifts = np.interp(shares, share, capture) / shares
    return LiftData(theme.numbers(shares), theme.numbers(lifts), contact_share, at_quota)


def lift_drawing(data: LiftData | Mapping[str, LiftData], labels: Mapping[str, str] | None = None) -> Drawing:
    """Draw one sample or several over the line of chance, with the quota of the first."""
    words, samples = worded(labels), theme.by_sample(data)
    curves = {sample: (theme.percents(own.share), list(own.lift)) for sample, own in samples.items()}
    first = next(iter(samples.values()))
    quota = 100 * first.contact_share
    return Drawing(
        [
            theme.line(*curve, theme.sample_token(sample), hover=words["hover_lift"])
            for sample, curve in curves.items()
        ],
        {
            "xaxis": theme.percent_axis(words["customers_contacted"]),
            "yaxis": {"rangemode": "tozero", "title": {"text": words["lift"]}},
            "shapes": [theme.horizontal(1), theme.vertical(quota, "brand")],
            "annotations": [
                theme.label(
                    quota, first.lift_at_quota, f"{first.lift_at_quota:.2f}", theme.sample_token(next(iter(samples))),
                    size=13, xshift=8, yshift=8,
                ),
                theme.label(quota, 0, f"{words['quota']} {quota:g}%", "brand", xshift=5, yanchor="bottom"),
                *_labels(curves, words),
                theme.label(99, 1, words["chance"], "text-3", xanchor="right", yanchor="top"),
            ],
        },
    )  # fmt: skip


def _labels(curves: Mapping[str, tuple[list[float | None], list[float]]], words: Mapping[str, str]) -> list[dict]:
    """Set the labels apart along their falling lines: the upper above its own, the lower below."""
    upper_first = sorted(curves, key=lambda sample: -curves[sample][1][len(curves[sample][1]) // 3])
    labels = []
    for place, sample in enumerate(upper_first):
        x, y = curves[sample]
        at = 36.0 if place == 0 else 24.0 + 8 * (place - 1)
        anchor: dict[str, Any] = (
            {"yanchor": "bottom", "yshift": 4} if place == 0 else {"yanchor": "top", "yshift": -4, "xanchor": "right"}
        )
        height = float(np.interp(at, np.asarray(x, dtype=float), y))
        labels.append(theme.label(at, height, words[sample], theme.sample_token(sample), **anchor))
    return labels


def lift_figure(
    data: LiftData | Mapping[str, LiftData], palette: Palette = "light", labels: Mapping[str, str] | None = None
) -> "go.Figure":
    """Return the Plotly figure in one palette."""
    return lift_drawing(data, labels).figure(palette)
