"""The charts of a comparison as plain Plotly JSON with colours as token names, and the tables behind them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from comparisons.page.side_by_side import measure_words, verdict_words
from comparisons.page.swapped import GROUPS, group_words
from experiments.charts import theme
from experiments.charts.drawing import draw
from experiments.charts.theme import Drawing
from experiments.comparison.evidence import Compared, ModelsCompared, SwappedRow
from experiments.house_rules import PSI_AMBER
from experiments.kinds import KINDS
from experiments.strategy.swap_set import Cell
from results.figures.tables import Table

# The four models by their places: colour token and dash.
TOKENS = ("champion", "challenger", "third", "fourth")
DASHES = ("solid", "solid", "dash", "dot")
OVERLAID = ("roc", "gains", "calibration")


def charts_of(found: ModelsCompared, letters: Sequence[str], words: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return every chart by its name; by month only where there are months."""
    charts = {name: _overlaid(name, found, letters, words) for name in OVERLAID}
    charts |= {
        "approvals": _approvals(found, letters),
        "ks": _ks(found, letters, words),
        "spread": _spread(found, letters),
    }
    if len(found.months) > 1:
        charts["psi"] = _psi(found, letters)
    return charts


def _overlaid(name: str, found: ModelsCompared, letters: Sequence[str], words: Mapping[str, str]) -> dict[str, Any]:
    by_token = {token: getattr(model.curves, name) for token, model in zip(TOKENS, found.models, strict=False)}
    labels = {**words, **dict(zip(TOKENS, letters, strict=False))}
    return _dashed(draw(name, by_token, labels))  # type: ignore[arg-type]


def _dashed(drawing: dict[str, Any]) -> dict[str, Any]:
    """Tell the third and the fourth line also by their dashes."""
    for trace in drawing["data"]:
        token = str(trace.get("line", {}).get("color", "")).removeprefix("token:")
        if token in TOKENS:
            trace["line"] = {**trace["line"], "dash": DASHES[TOKENS.index(token)]}
    return drawing


def _line(place: int, x: Sequence[Any], y: Sequence[Any], hover: str, **more: Any) -> dict[str, Any]:
    return theme.line(
        x, y, TOKENS[place], width=2.5 if place < 2 else 2, hover=hover, line={"dash": DASHES[place]}, **more
    )


def _approvals(found: ModelsCompared, letters: Sequence[str]) -> dict[str, Any]:
    is_risk = KINDS[found.kind].is_risk
    chosen = found.chosen_share
    lines = []
    for place, (letter, model) in enumerate(zip(letters, found.models, strict=True)):
        own = model.curves.approvals
        hover = letter + _(": %(share)s chosen, event rate %(rate)s") % {"share": "%{x:.0f}%", "rate": "%{y:.2f}%"}
        lines.append(_line(place, theme.percents(own.shares), theme.percents(own.rates), hover))
    x_title = _("Approved") if is_risk else _("Contacted")
    y_title = _("Event rate among those approved") if is_risk else _("Event rate among those contacted")
    return Drawing(
        lines,
        {
            "xaxis": {"ticksuffix": "%", "title": {"text": x_title}},
            "yaxis": {"ticksuffix": "%", "rangemode": "tozero", "title": {"text": y_title}},
            "shapes": [theme.vertical(100 * chosen, "brand")],
            "annotations": [
                theme.label(100 * chosen, 1, f"{100 * chosen:g}%", "brand", yref="paper", yanchor="top", xshift=4)
            ],
        },
    ).to_dict()


def _ks(found: ModelsCompared, letters: Sequence[str], words: Mapping[str, str]) -> dict[str, Any]:
    """Draw how far events and others lie apart at each share, whose height at the peak is the KS."""
    lines = []
    for place, (letter, model) in enumerate(zip(letters, found.models, strict=True)):
        hover = letter + _(": the top %(share)s, %(apart)s apart") % {"share": "%{x:.1f}%", "apart": "%{y:.3f}"}
        lines.append(_line(place, theme.percents(model.curves.ks.share), _apart(model), hover))
    return Drawing(
        lines,
        {
            "xaxis": theme.percent_axis(words.get("customers_by_score", "")),
            "yaxis": {"rangemode": "tozero", "tickformat": ".1f", "title": {"text": _("Gap")}},
        },
    ).to_dict()


def _apart(model: Compared) -> tuple[float, ...]:
    """Return how far events and others lie apart at each share."""
    own = model.curves.ks
    return theme.numbers([events - others for events, others in zip(own.events, own.non_events, strict=True)])


def _spread(found: ModelsCompared, letters: Sequence[str]) -> dict[str, Any]:
    """Draw for each model the hill of the events and that of the others, on one scale."""
    count = len(found.models)
    columns = 1 if count == 1 else 2
    lines: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"annotations": []}
    for place, (letter, model) in enumerate(zip(letters, found.models, strict=True)):
        own = model.curves.spread
        middles = [(low + high) / 2 for low, high in zip(own.edges[:-1], own.edges[1:], strict=True)]
        if own.unit == "probability":
            middles = [100 * each for each in middles]
        number = "" if place == 0 else str(place + 1)
        axes: dict[str, Any] = {"xaxis": f"x{number}", "yaxis": f"y{number}"}
        for colour, shares, soft in (("nonevent", own.others, 0.28), ("event", own.events, 0.16)):
            lines.append(
                theme.line(
                    theme.numbers(middles), theme.percents(shares), colour, hover="%{x:.4g}: %{y:.1f}%",
                    fill="tozeroy", fillcolor=theme.token(colour, soft), **axes,
                )
            )  # fmt: skip
        left, low = 0.53 * (place % columns), 0.58 if place < columns and count > columns else 0.0
        top = 1.0 if count <= columns else low + 0.36
        layout[f"xaxis{number}"] = {
            "domain": [left, left + 0.47], "anchor": f"y{number}", "nticks": 5,
            "ticksuffix": "%" if own.unit == "probability" else "",
        }  # fmt: skip
        layout[f"yaxis{number}"] = {
            "domain": [low, top], "anchor": f"x{number}", "showticklabels": False, "showgrid": False,
        }  # fmt: skip
        layout["annotations"].append(
            theme.label(
                0.02, 1.0, f"<b>{letter}</b>  KS {model.curves.ks.ks:.3f}", TOKENS[place],
                xref=f"x{number} domain", yref=f"y{number} domain", yanchor="bottom",
            )
        )  # fmt: skip
    layout["margin"] = {"t": 26}
    return Drawing(lines, layout).to_dict()


def _psi(found: ModelsCompared, letters: Sequence[str]) -> dict[str, Any]:
    months = [month.month for month in found.months]
    lines = [
        _line(
            place, months, [month.models[place].psi for month in found.months], f"{letter}, %{{x}}: PSI %{{y:.3f}}",
            mode="lines+markers", marker={"size": 5, "color": theme.token(TOKENS[place])},
        )
        for place, letter in enumerate(letters)
    ]  # fmt: skip
    top = max([1.5 * PSI_AMBER, *(1.15 * (each.psi or 0) for month in found.months for each in month.models)])
    return Drawing(
        lines,
        {
            "xaxis": {"type": "category", "nticks": 8},
            "yaxis": {"range": [0, top], "tickformat": ".2f"},
            "shapes": [theme.horizontal(PSI_AMBER, "text-3")],
            "annotations": [
                theme.label(0, PSI_AMBER, _("Watch from %(psi)s") % {"psi": f"{PSI_AMBER:.2f}"}, "text-3",
                            xref="paper", yanchor="bottom")
            ],
        },
    ).to_dict()  # fmt: skip


def table_of(name: str, found: ModelsCompared, letters: Sequence[str]) -> Table | None:
    """Return the numbers behind a chart or a table of the page; None when there is no such one."""
    made = _TABLES.get(name)
    return made(found, letters) if made is not None else None


def _curves_table(x: str, y: str, header: tuple[str, str], part: str) -> Any:
    def made(found: ModelsCompared, letters: Sequence[str]) -> Table:
        rows: list[list[Any]] = []
        for letter, model in zip(letters, found.models, strict=True):
            own = getattr(model.curves, part)
            rows += [[letter, *pair] for pair in zip(getattr(own, x), getattr(own, y), strict=True)]
        return Table([_("Model"), _(header[0]), _(header[1])], rows)

    return made


def _ks_table(found: ModelsCompared, letters: Sequence[str]) -> Table:
    rows = [
        [letter, share, events, others, apart]
        for letter, model in zip(letters, found.models, strict=True)
        for share, events, others, apart in zip(
            model.curves.ks.share, model.curves.ks.events, model.curves.ks.non_events, _apart(model), strict=True
        )
    ]
    return Table([_("Model"), _("Share"), _("Events captured"), _("Non-events included"), _("Gap")], rows)


def _measures(found: ModelsCompared, letters: Sequence[str]) -> Table:
    header = [_("Metric")]
    for letter in letters:
        header += [letter, f"{letter} {_('From')}", f"{letter} {_('To')}"]
    names = list(found.models[0].measures)
    return Table(header, [[measure_words(name), *_ends(found.models, name)] for name in names])


def _ends(models: Sequence[Compared], name: str) -> list[Any]:
    return [
        end for model in models for end in (getattr(model.measures[name], part) for part in ("value", "low", "high"))
    ]


def _differences(found: ModelsCompared, letters: Sequence[str]) -> Table:
    header = [
        _("Model"),
        _("Metric"),
        _("Difference"),
        _("From"),
        _("To"),
        _("Level"),
        _("p-value"),
        _("p-value (Holm)"),
        _("Verdict"),
    ]
    rows = [
        [letter, measure_words(name), one.difference, one.low, one.high, one.level, one.p_value, one.p_holm,
         verdict_words(one.verdict, is_lower=one.difference < 0)]
        for letter, each in zip(letters[1:], found.against, strict=True)
        for name, one in each.measures.items()
    ]  # fmt: skip
    return Table(header, rows)


def _swaps(found: ModelsCompared, letters: Sequence[str]) -> Table:
    header = [_("Model"), _("Share"), _("Held equal"), _("Group"), _("Customers"), _("Share of all")]
    header += [_("Event rate"), _("Mean amount")]
    rows = [
        [letter, swap.share, equal, group_words(group), *_cell_values(getattr(cells, group))]
        for letter, each in zip(letters[1:], found.against, strict=True)
        for swap in each.swaps
        for equal, cells in ((_("share"), swap.equal_share), (_("event rate"), swap.equal_rate))
        for group in GROUPS
    ]
    return Table(header, rows)


def _cell_values(cell: Cell) -> list[Any]:
    return [cell.customers, cell.share, cell.event_rate.value, cell.mean_amount]


def _segments(found: ModelsCompared, letters: Sequence[str]) -> Table:
    header = [_("Model"), _("Share"), _("Column"), _("Value"), _("Customers"), _("Swapped in"), _("Swapped out")]
    header += [_("Event rate among those swapped in"), _("Event rate among those swapped out"), _("Change in events")]
    rows = [
        [letter, swap.share, one.column, one.label, one.rows, one.swap_in, one.swap_out, one.rate_in, one.rate_out,
         one.change_in_events]
        for letter, each in zip(letters[1:], found.against, strict=True)
        for swap in each.swaps
        for one in swap.segments
    ]  # fmt: skip
    return Table(header, rows)


def _swapped_rows(found: ModelsCompared, letters: Sequence[str]) -> Table:
    rows = [
        [letter, *_swapped_row(one)]
        for letter, each in zip(letters[1:], found.against, strict=True)
        for swap in each.swaps
        for one in swap.rows
    ]
    return Table(
        [_("Model"), _("Row"), _("Customer"), _("Swapped"), _("Event"), letters[0], _("The other"), _("Values")], rows
    )


def _swapped_row(one: SwappedRow) -> list[Any]:
    side = _("comes in") if one.comes_in else _("leaves")
    values = "; ".join(f"{name} = {value}" for name, value in one.values.items())
    return [one.row, one.customer, side, one.outcome, one.first, one.second, values]


def _moved(found: ModelsCompared, letters: Sequence[str]) -> Table:
    rows = [
        [letter, one.row, one.customer, one.first_tenth, one.second_tenth, one.first, one.second, one.outcome,
         "; ".join(f"{why.column} = {why.value} ({why.difference:+.2f})" for why in one.why)]
        for letter, each in zip(letters[1:], found.against, strict=True)
        for one in each.moved
    ]  # fmt: skip
    return Table(
        [_("Model"), _("Row"), _("Customer"), _("Decile before"), _("Decile after"), letters[0], _("The other"),
         _("Event"), _("Why")], rows,
    )  # fmt: skip


def _months(found: ModelsCompared, letters: Sequence[str]) -> Table:
    header = [_("Month"), _("Rows"), _("Events")]
    for letter in letters:
        header += [f"{letter} PSI", f"{letter} AUC", f"{letter} KS", f"{letter} O/E"]
    rows = [
        [month.month, month.rows, month.events,
         *(value for one in month.models for value in (one.psi, one.auc, one.ks, one.observed_expected))]
        for month in found.months
    ]  # fmt: skip
    return Table(header, rows)


def _spread_table(found: ModelsCompared, letters: Sequence[str]) -> Table:
    rows = [
        [letter, low, high, events, others]
        for letter, model in zip(letters, found.models, strict=True)
        for low, high, events, others in zip(
            model.curves.spread.edges[:-1], model.curves.spread.edges[1:], model.curves.spread.events,
            model.curves.spread.others, strict=True,
        )
    ]  # fmt: skip
    return Table([_("Model"), _("From"), _("To"), _("Share of events"), _("Share of non-events")], rows)


def _reliance(found: ModelsCompared, letters: Sequence[str]) -> Table:
    return Table([_("Column"), *letters], [[one.column, *one.shares] for one in found.reliance])


_TABLES: dict[str, Any] = {
    "measures": _measures,
    "differences": _differences,
    "approvals": _curves_table("shares", "rates", ("Share", "Event rate"), "approvals"),
    "roc": _curves_table("false_positive", "true_positive", ("Non-events included", "Events captured"), "roc"),
    "gains": _curves_table("share", "capture", ("Customers contacted", "Events captured"), "gains"),
    "ks": _ks_table,
    "calibration": _curves_table("predicted", "observed", ("Predicted", "Actual"), "calibration"),
    "spread": _spread_table,
    "psi": _months,
    "swaps": _swaps,
    "segments": _segments,
    "swapped": _swapped_rows,
    "moved": _moved,
    "reliance": _reliance,
}
