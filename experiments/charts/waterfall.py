"""Waterfall: from the typical customer to this one, reason by reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from experiments.charts import theme
from experiments.charts.theme import ChartData, Drawing, Palette
from experiments.charts.words import worded
from experiments.telling import minus

if TYPE_CHECKING:
    import plotly.graph_objects as go


@dataclass(frozen=True)
class WaterfallStep(ChartData):
    """One column's contribution, in the units of the chart, and the customer's value as text."""

    column: str
    value: str
    contribution: float


@dataclass(frozen=True)
class WaterfallData(ChartData):
    """Contributions of one customer, the largest first, and the sum of all others.

    ``steps`` and ``rest`` add up to ``total``, the customer's distance from the typical one; both ends are also
    given as probabilities, ``None`` where unknown.
    """

    steps: tuple[WaterfallStep, ...]
    rest: float
    rest_count: int
    total: float
    base_probability: float | None
    probability: float | None


def waterfall_data(
    contributions: Sequence[float],
    columns: Sequence[str],
    values: Sequence[Any],
    *,
    base_probability: float | None = None,
    probability: float | None = None,
    top: int = 6,
) -> WaterfallData:
    """Return the ``top`` contributions of one customer by size.

    Parameters
    ----------
    contributions, columns, values : contribution, name and value of each column for this customer.
    base_probability, probability : of the typical customer and of this one, 0 to 1.
    """
    order = sorted(range(len(columns)), key=lambda place: -abs(contributions[place]))
    shown, hidden = order[:top], order[top:]
    return WaterfallData(
        steps=tuple(
            WaterfallStep(str(columns[place]), value_text(values[place]), float(contributions[place]))
            for place in shown
        ),
        rest=float(sum(contributions[place] for place in hidden)),
        rest_count=len(hidden),
        total=float(sum(contributions)),
        base_probability=base_probability,
        probability=probability,
    )


def value_text(value: Any) -> str:
    """Return a cell as a person would write it; empty for a missing one."""
    if pd.isna(value):
        return ""
    if hasattr(value, "strftime"):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, bool | str) or not hasattr(value, "__float__"):
        return str(value)
    number = float(value)
    return f"{number:,.0f}" if abs(number) < 1e15 and number == int(number) else f"{number:,.4g}"


def waterfall_drawing(
    data: WaterfallData,
    labels: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
    digits: int = 2,
) -> Drawing:
    """Draw a bar for each step from the typical customer at 0; ``names`` gives business names of columns."""
    words, called = worded(labels), names or {}
    steps = [
        (f"{called.get(step.column, step.column)} {minus(step.value) or words['missing']}", step.contribution)
        for step in data.steps
    ]
    if data.rest_count:
        steps.append((words["others_of"].replace("{count}", str(data.rest_count)), data.rest))
    count, at = len(steps), 0.0
    bars: list[dict[str, Any]] = []
    joins: list[dict[str, Any]] = []
    names_shown = [theme.label(0, count + 1, _start(data, words), "text-2", xshift=5)]
    for place, (_, size) in enumerate(steps):
        height, colour = count - place, "event" if size > 0 else "nonevent"
        bars.append({"y": height, "x": abs(size), "base": min(at, at + size), "colour": colour})
        joins.append(_join(at, height))
        text, ink = minus(f"{size:+.{digits}f}"), "event" if size > 0 else "text-2"
        names_shown.append(theme.label(max(at, at + size), height, text, ink, xshift=5))
        at += size
    bars.append({"y": 0, "x": abs(at), "base": min(0.0, at), "colour": "text"})
    joins.append(_join(at, 0))
    names_shown.append(theme.label(max(at, 0.0), 0, _end(data, digits), "text", size=12.5, xshift=5))
    ticks = [words["start"], *(text for text, _ in steps), words["this_customer"]]
    return Drawing(
        [_trace(bars)],
        {
            "height": 30 * (count + 2) + 24,
            "shapes": joins,
            "annotations": names_shown,
            "xaxis": {
                "range": _reach(bars), "showticklabels": False, "showgrid": False, "zeroline": True, "showline": False,
            },
            "yaxis": {
                "tickvals": list(range(count + 1, -1, -1)),
                "ticktext": ticks,
                "range": [-0.6, count + 1.6],
                "showgrid": False,
                "zeroline": False,
                "tickfont": {"size": 12.5, "color": theme.token("text")},
            },
        },
    )  # fmt: skip


def _trace(bars: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "type": "bar",
        "orientation": "h",
        "x": [bar["x"] for bar in bars],
        "y": [bar["y"] for bar in bars],
        "base": [bar["base"] for bar in bars],
        "width": 0.6,
        "marker": {"color": [theme.token(bar["colour"]) for bar in bars]},
        "hoverinfo": "skip",
    }


def _start(data: WaterfallData, words: Mapping[str, str]) -> str:
    known = data.base_probability is not None
    return f"{words['typical_customer']} {data.base_probability:.1%}" if known else words["typical_customer"]


def _end(data: WaterfallData, digits: int) -> str:
    total = minus(f"{data.total:+.{digits}f}")
    return total if data.probability is None else f"{total} = {data.probability:.1%}"


def _join(x: float, height: float) -> dict[str, Any]:
    style = {"color": theme.token("border-strong"), "width": 1}
    return {"type": "line", "x0": x, "x1": x, "y0": height + 0.9, "y1": height, "line": style, "layer": "below"}


def _reach(bars: list[dict[str, Any]]) -> list[float]:
    """Leave room at the right for the numbers."""
    low = min([0.0, *(bar["base"] for bar in bars)])
    high = max([0.0, *(bar["base"] + bar["x"] for bar in bars)])
    whole = (high - low) or 1.0
    return [low - 0.02 * whole, high + 0.35 * whole]


def waterfall_figure(
    data: WaterfallData,
    palette: Palette = "light",
    labels: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
    digits: int = 2,
) -> "go.Figure":
    """Return the Plotly figure in one palette."""
    return waterfall_drawing(data, labels, names, digits).figure(palette)
