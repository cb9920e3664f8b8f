"""What choosing so many customers brings: profit, or events where no money was named, with the choice made."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from experiments.charts import theme
from experiments.charts.theme import ChartData, Drawing, Palette
from experiments.charts.words import worded
from experiments.strategy.curve import StrategyCurve
from experiments.strategy.money import best, outcome
from experiments.strategy.stakes import Stakes

if TYPE_CHECKING:
    import plotly.graph_objects as go

# From here on an axis of money counts in ten thousands, as Chinese does.
WAN = 10_000
AXIS_IN_WAN = 100_000
# A line needs no more points than this to look smooth.
POINTS = 100


@dataclass(frozen=True)
class ChoiceData(ChartData):
    """A value with its bounds by number of customers, the number chosen, and the numbers about as good as the best.

    ``value`` is money when ``is_money``, in units of ``unit``, else a number of events; ``good_from`` and ``good_to``
    are equal where nothing is to be marked.
    """

    customers: tuple[float, ...]
    value: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    chosen: float
    chosen_value: float
    good_from: float
    good_to: float
    is_money: bool
    unit: float


def choice_data(curve: StrategyCurve, *, share: float, customers: float, stakes: Stakes | None) -> ChoiceData:
    """Return the curve over a list of so many ``customers``, of whom ``share`` is chosen."""
    step = max(1, len(curve.shares) // POINTS)
    shares = [*curve.shares[:-1:step], curve.shares[-1]]
    if stakes is None:
        values = [curve.events_among(each, customers) for each in shares]
        chosen, good, unit = curve.events_among(share, customers).value, (0.0, 0.0), 1.0
    else:
        values = [outcome(curve, each, stakes, customers).profit for each in shares]
        chosen = outcome(curve, share, stakes, customers).profit.value
        top = best(curve, stakes, customers)
        good = (customers * top.low, customers * top.high)
        largest = max(max(abs(each.low), abs(each.high)) for each in values)
        unit = float(WAN if largest >= AXIS_IN_WAN else 1)
    return ChoiceData(
        customers=theme.numbers([customers * each for each in shares], 9),
        value=theme.numbers([each.value / unit for each in values], 9),
        low=theme.numbers([each.low / unit for each in values], 9),
        high=theme.numbers([each.high / unit for each in values], 9),
        chosen=customers * share,
        chosen_value=chosen / unit,
        good_from=good[0],
        good_to=good[1],
        is_money=stakes is not None,
        unit=unit,
    )


def choice_drawing(data: ChoiceData, labels: Mapping[str, str] | None = None) -> Drawing:
    """Draw the curve with its ribbon, the choice as a dot, and the field of choices about as good."""
    words = worded(labels)
    title = words["events"] if not data.is_money else words["profit" if data.unit == 1 else "profit_wan"]
    hover = words["hover_choice_money" if data.is_money else "hover_choice"]
    dot = {"size": 11, "color": theme.token("brand"), "line": {"color": "token:surface", "width": 2}}
    marker = {
        "type": "scatter", "mode": "markers", "x": [data.chosen], "y": [data.chosen_value], "marker": dot,
        "hoverinfo": "skip",
    }  # fmt: skip
    is_late = data.chosen > 0.8 * data.customers[-1]
    beside: dict[str, Any] = {
        "yref": "paper",
        "yanchor": "top",
        "xshift": -5 if is_late else 5,
        "xanchor": "right" if is_late else "left",
    }
    names = [theme.label(data.chosen, 1, f"{data.chosen:,.0f}", "brand", **beside)]
    shapes = [theme.vertical(data.chosen, "brand")]
    if data.good_to > data.good_from:
        shapes.insert(0, theme.shaded(data.good_from, data.good_to, "good", 0.12))
        middle = (data.good_from + data.good_to) / 2
        place: dict[str, Any] = {"yref": "paper", "xanchor": "center", "yanchor": "bottom"}
        names.append(theme.label(middle, 0.03, words["about_as_good"], "good", **place))
    return Drawing(
        [
            theme.ribbon(data.customers, data.low, data.high, "event"),
            theme.line(data.customers, data.value, "event", width=2.5, hover=hover),
            marker,
        ],
        {
            "xaxis": {"title": {"text": words["customers_chosen"]}, "tickformat": ",", "nticks": 6},
            "yaxis": {"title": {"text": title}, "tickformat": ",", "zeroline": True},
            "shapes": shapes,
            "annotations": names,
            # So that a page that moves the dot knows what its axis counts in.
            "meta": {"unit": data.unit},
        },
    )


def choice_figure(data: ChoiceData, palette: Palette = "light", labels: Mapping[str, str] | None = None) -> "go.Figure":
    """Return the Plotly figure in one palette."""
    return choice_drawing(data, labels).figure(palette)
