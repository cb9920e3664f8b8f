"""A measure month by month, the months kept out of training shaded, those whose outcomes are not all known hatched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from experiments.charts import theme
from experiments.charts.theme import ChartData, Drawing, Palette
from experiments.charts.words import worded

if TYPE_CHECKING:
    import plotly.graph_objects as go

# The level of a model without any information; measures without such a level have no line.
CHANCE = {"auc": 0.5, "lift": 1.0, "observed_expected": 1.0}


@dataclass(frozen=True)
class ByPeriodData(ChartData):
    """One measure by period, with its interval where it has one; ``None`` where there is too little data."""

    metric: str
    periods: tuple[str, ...]
    values: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    rows: tuple[int, ...]
    events: tuple[int, ...]
    is_out_of_time: tuple[bool, ...]
    is_mature: tuple[bool, ...] = ()


def by_period_data(rows: Sequence[Mapping[str, Any]], metric: str = "auc") -> ByPeriodData:
    """Return ``metric`` (any measure of ``PeriodRow``) of the rows made by ``evaluation.by_period``, as plain data."""
    return ByPeriodData(
        metric=metric,
        periods=tuple(row["period"] for row in rows),
        values=tuple(row[metric] for row in rows),
        low=tuple(row.get(f"{metric}_low") for row in rows),
        high=tuple(row.get(f"{metric}_high") for row in rows),
        rows=tuple(row["rows"] for row in rows),
        events=tuple(row["events"] for row in rows),
        is_out_of_time=tuple(row["is_out_of_time"] for row in rows),
    )


def by_period_drawing(data: ByPeriodData, labels: Mapping[str, str] | None = None) -> Drawing:
    """Draw the periods that could be measured, out-of-time months in their own colour."""
    words = worded(labels)
    kept = [place for place, value in enumerate(data.values) if value is not None]
    x = [data.periods[place] for place in kept]
    y = [data.values[place] for place in kept]
    cut = next((place for place, one in enumerate(kept) if data.is_out_of_time[one]), len(kept))
    drawn: list[dict[str, Any]] = []
    for colour, part in (("validation", slice(0, cut + 1)), ("oot", slice(cut, None))):
        drawn += _part(x[part], y[part], data, kept[part], colour, words["hover_period"])
    shapes, names = [], []
    if data.metric in CHANCE and y:
        shapes.append(theme.horizontal(CHANCE[data.metric]))
        names.append(
            theme.label(0, CHANCE[data.metric], f"{words['chance']} {CHANCE[data.metric]:g}", "text-3", yanchor="top")
        )
    if cut < len(kept):
        shapes.append(theme.shaded(cut - 0.5, len(kept) - 0.5, "oot", 0.07))
        names.append(theme.label(cut - 0.4, 1, words["out_of_time"], "oot", yref="paper", yanchor="top"))
    for place, one in enumerate(kept):
        if data.is_mature and not data.is_mature[one]:
            shapes.append(theme.hatched(place - 0.5, place + 0.5, "nonevent"))
    young = next((place for place, one in enumerate(kept) if data.is_mature and not data.is_mature[one]), None)
    if young is not None:
        names.append(theme.label(young, 0, words["immature"], "text-3", yref="paper", yanchor="bottom"))
    step = max(1, -(-len(x) // 8))
    category = {"type": "category", "tickangle": 0, "tickvals": x[::step], "ticktext": _short_months(x[::step])}
    return Drawing(drawn, {"xaxis": category, "yaxis": {}, "shapes": shapes, "annotations": names})


def _short_months(periods: list[str]) -> list[str]:
    """Write 2025-07 as 25-07, so that the names of a year and more find room below a small chart."""
    return [name[2:] if len(name) == len("2025-07") and name[4] == "-" else name for name in periods]


def _part(
    x: list[str], y: list[float | None], data: ByPeriodData, kept: list[int], colour: str, hover: str
) -> list[dict[str, Any]]:
    """Return the ribbon and the line of one stretch of periods."""
    if not x:
        return []
    bounds = [(data.low[place], data.high[place]) for place in kept]
    low, high = [low for low, _ in bounds], [high for _, high in bounds]
    band = [] if None in low or None in high else [theme.ribbon(x, low, high, colour)]
    dots: dict[str, Any] = {"mode": "lines+markers", "marker": {"size": 5, "color": theme.token(colour)}}
    return [*band, theme.line(x, y, colour, hover=hover, **dots)]


def by_period_figure(
    data: ByPeriodData, palette: Palette = "light", labels: Mapping[str, str] | None = None
) -> "go.Figure":
    """Return the Plotly figure in one palette."""
    return by_period_drawing(data, labels).figure(palette)
