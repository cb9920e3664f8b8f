"""What a cut-off costs in quality: the event rate of those chosen at every share, of one model or two."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.charts import theme
from experiments.charts.theme import ChartData, Drawing
from experiments.charts.words import worded
from experiments.strategy.curve import Z_95, StrategyCurve

# Of fewer customers the rate is that of a handful.
LEAST_SHARE = 0.02


@dataclass(frozen=True)
class StrategyData(ChartData):
    """Event rates of the chosen with their interval, by share of customers chosen; all in percent."""

    share: tuple[float, ...]
    rate: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


def strategy_data(curve: StrategyCurve) -> StrategyData:
    """Return the rates at whole percents of the customers."""
    shares = np.arange(round(100 * LEAST_SHARE), 101) / 100
    events, errors = (np.interp(shares, curve.shares, own) for own in (curve.events, curve.errors))
    rates, spread = events / shares, Z_95 * errors / shares
    return StrategyData(
        share=theme.numbers(100 * shares), rate=theme.numbers(100 * rates),
        low=theme.numbers(100 * np.clip(rates - spread, 0, 1)), high=theme.numbers(100 * np.clip(rates + spread, 0, 1)),
    )  # fmt: skip


def strategy_drawing(
    data: StrategyData | Mapping[str, StrategyData], labels: Mapping[str, str] | None = None, *, title: str = ""
) -> Drawing:
    """Draw one model or several, keys of ``SAMPLE_TOKENS``; ``title`` names the rate."""
    words, models = worded(labels), theme.by_sample(data)
    traces: list[dict[str, Any]] = []
    names: list[dict[str, Any]] = []
    is_upper = False
    for place, (model, own) in enumerate(models.items()):
        colour = theme.sample_token(model)
        traces += [
            theme.ribbon(own.share, own.low, own.high, colour),
            theme.line(own.share, own.rate, colour, hover=words["hover_strategy"]),
        ]
        at = len(own.share) * (2 + 2 * place) // 6
        # The first name keeps clear of the other curves, the next of the first name.
        is_upper = not is_upper if names else all(own.rate[at] >= other.rate[at] for other in models.values())
        beside: dict[str, Any] = {"yanchor": "bottom", "yshift": 8} if is_upper else {"yanchor": "top", "yshift": -8}
        # To the side that has room: beyond the edge a name would squeeze the chart.
        beside["xanchor"] = "left" if place == 0 else "right"
        names.append(theme.label(own.share[at], own.rate[at], words[model], colour, **beside))
    return Drawing(
        traces,
        {
            "xaxis": theme.percent_axis(words["share_chosen"]),
            "yaxis": {"ticksuffix": "%", "rangemode": "tozero", "title": {"text": title}},
            "annotations": names,
        },
    )
