"""One column of a check, told in full: why it has its role, its bins against the target, its months, its codes."""

import itertools
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from catalog.models import Column, ColumnSetting, ColumnType
from catalog.queries import QUANTITY
from catalog.ranges import range_of
from checks.decisions import OTHER_TYPES
from checks.models import CheckedColumn, DataCheck, Finding
from common.templatetags.formatting import number, rate, told
from dictionary.queries import sensitive_columns
from experiments.privacy.masking import masked

MOST_SPECIAL = 8


@dataclass(frozen=True)
class SpecialLine:
    """A proposed special value with its evidence and, once given, the answer."""

    column: Column
    place: int
    value: Any
    rows: int
    share: float
    evidence: list[dict[str, Any]]
    proposed: str
    meaning: str

    @property
    def is_confirmed(self) -> bool:
        return bool(self.meaning) and self.meaning != QUANTITY

    @property
    def is_quantity(self) -> bool:
        return self.meaning == QUANTITY


@dataclass(frozen=True)
class Bin:
    """A bin of a column: its words, its rows, and the event's rate in it with its interval."""

    name: str
    rows: int
    events: int
    rate: float | None
    low: float | None
    high: float | None
    kind: str


@dataclass(frozen=True)
class ColumnDetail:
    """Everything a page tells of one column."""

    checked: CheckedColumn
    types: list[tuple[str, Any]]
    bins: list[Bin]
    months: list[dict[str, Any]]
    special: list[SpecialLine]
    figures: dict[str, dict[str, Any]]
    settings: ColumnSetting | None
    why_out: list[str]
    range: str

    @property
    def column(self) -> Column:
        return self.checked.column

    @property
    def type(self) -> str:
        return self.checked.read_as

    @property
    def measured(self) -> dict[str, Any]:
        return self.checked.by_target

    @property
    def confidence(self) -> float:
        return float(self.column.profile.get("role_confidence") or 0.0)

    @property
    def reason_params(self) -> dict[str, Any]:
        return self.column.profile.get("reason_params") or {}


def detail_of(check: DataCheck, checked: CheckedColumn) -> ColumnDetail:
    """Gather what is known of one column."""
    column = checked.column
    setting = ColumnSetting.objects.filter(dataset=check.version.dataset_id, name=column.name).first()
    codes = [(each["value"], each["meaning"]) for each in (setting.special_values if setting else [])]
    answers = {str(value): meaning for value, meaning in codes}
    is_sensitive = column.name in sensitive_columns(check.version.dataset)
    if is_sensitive:
        # What is not to be shown is not drawn either; how it moves over the months says nothing of anybody.
        checked.by_target = {**checked.by_target, "bins": [], "histogram": {}}
    bins = [_bin(each) for each in checked.by_target.get("bins", [])]
    months = _months(checked.by_target)
    return ColumnDetail(
        checked=checked,
        types=[(kind, ColumnType(kind).label) for kind in (column.type, *OTHER_TYPES.get(column.type, ()))],
        bins=bins,
        months=months,
        special=_special_lines(column, answers),
        figures=_figures(checked.by_target, bins, months),
        settings=setting,
        why_out=_why_out(check, checked),
        range="" if is_sensitive else range_of(column, [value for value, said in codes if said != QUANTITY]),
    )


def _why_out(check: DataCheck, checked: CheckedColumn) -> list[str]:
    """Say what was found about a column that is out of the model; without a finding, a person took it out."""
    if not checked.excluded:
        return []
    found = check.findings.filter(column=checked.column, undone_at=None).exclude(severity=Finding.Severity.PASSED)
    said = [told(finding.message, finding.params) for finding in found]
    return said or [gettext("Taken out of the model.")]


def unanswered_special_values(check: DataCheck) -> dict[str, Any]:
    """Return the first proposals nobody has answered yet, and how many there are."""
    answered = {
        (setting.name, str(each["value"]))
        for setting in ColumnSetting.objects.filter(dataset=check.version.dataset_id).exclude(special_values=[])
        for each in setting.special_values
    }
    proposals = [
        (proposal.get("rows", 0), pk, place)
        for pk, name, values in check.version.columns.exclude(special_values=[])
        .exclude(name=check.target)
        .values_list("pk", "name", "special_values")
        for place, proposal in enumerate(values)
        if (name, str(proposal["value"])) not in answered
    ]
    most = sorted(proposals, key=lambda entry: (-entry[0], entry[1:]))[:MOST_SPECIAL]
    columns = check.version.columns.defer("profile").in_bulk([pk for _, pk, _ in most])
    lines = [_special_lines(columns[pk], {})[place] for _, pk, place in most]
    return {"lines": lines, "count": len(proposals), "answered": len(answered)}


def _special_lines(column: Column, answers: dict[str, str]) -> list[SpecialLine]:
    return [
        SpecialLine(
            column=column,
            place=place,
            value=masked(proposal["value"]),
            rows=proposal.get("rows", 0),
            share=proposal.get("share", 0.0),
            evidence=list(proposal.get("evidence", [])),
            proposed=proposal.get("meaning") or "missing",
            meaning=answers.get(str(proposal["value"]), ""),
        )
        for place, proposal in enumerate(column.special_values)
    ]


def _bin(plain: dict[str, Any]) -> Bin:
    kind = next((name for name in ("missing", "special", "other", "level") if name in plain), "range")
    return Bin(
        name=_bin_name(plain, kind),
        rows=plain["rows"],
        events=plain["events"],
        rate=plain["rate"],
        low=plain["rate_low"],
        high=plain["rate_high"],
        kind=kind,
    )


def _bin_name(plain: dict[str, Any], kind: str) -> str:
    if kind in ("special", "level"):
        return masked(plain[kind])
    if kind != "range":
        return ""
    low, high = (
        number(end) if isinstance(end, int | float) else str(end or "") for end in (plain["low"], plain["high"])
    )
    return low if low == high else f"{low} … {high}"


def _months(measured: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the shift of each month after the first ones, beside the limit for its number of rows."""
    values = zip(measured.get("periods", []), measured.get("psi", []), measured.get("psi_limit", []), strict=False)
    return [{"period": period, "psi": psi, "limit": limit} for period, psi, limit in values if psi is not None]


def _figures(measured: dict[str, Any], bins: list[Bin], months: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    figures = {}
    histogram = measured.get("histogram") or {}
    if histogram.get("edges"):
        figures["histogram"] = _histogram(histogram)
    ranked = [each for each in bins if each.rate is not None]
    if ranked:
        figures["rates"] = _rates(ranked)
    if months:
        figures["psi"] = _psi(months)
    return figures


def _histogram(histogram: dict[str, Any]) -> dict[str, Any]:
    """Rows with and without the event, one on the other, along an axis of round numbers or of days."""
    edges = histogram["edges"]
    places = list(itertools.pairwise(edges))
    names = [f"{_edge(low)} … {_edge(high)}" for low, high in places]
    if all(isinstance(edge, int | float) for edge in edges):
        x = [(low + high) / 2 for low, high in places]
        where = {"width": [0.95 * (high - low) for low, high in places]}
        axis: dict[str, Any] = {"type": "linear", "nticks": 5, "tickangle": 0}
    else:
        x, where = names, {}
        axis = {"type": "category", "tickvals": names, "ticktext": [_edge(low) for low, _ in places], "tickangle": 0}
    bars = [("others", "nonevent"), ("events", "event")]
    return {
        "data": [
            {
                "type": "bar",
                "x": x,
                "y": histogram[key],
                **where,
                "customdata": names,
                "marker": {"color": f"token:{colour}"},
                "hovertemplate": "%{customdata}: %{y:,}<extra></extra>",
            }
            for key, colour in bars
        ],
        "layout": {
            "barmode": "stack",
            "bargap": 0.05,
            "xaxis": axis,
            "yaxis": {"nticks": 4, "rangemode": "tozero"},
        },
    }


def _edge(edge: Any) -> str:
    return number(edge) if isinstance(edge, int | float) else str(edge)[:10]


def _rates(bins: list[Bin]) -> dict[str, Any]:
    """The event's rate in each bin with its interval."""
    names = [each.name or {"missing": "∅", "other": "…"}.get(each.kind, "") for each in bins]
    return {
        "data": [
            {
                "type": "scatter",
                "mode": "markers",
                "x": names,
                "y": [each.rate for each in bins],
                "marker": {"color": "token:event", "size": 7},
                "error_y": {
                    "type": "data",
                    "symmetric": False,
                    "array": [(each.high or 0) - (each.rate or 0) for each in bins],
                    "arrayminus": [(each.rate or 0) - (each.low or 0) for each in bins],
                    "color": "token:event",
                    "thickness": 1.5,
                    "width": 3,
                },
                "text": [f"{name}: {rate(each.rate, 1)} ({each.events:,} / {each.rows:,})"
                         for name, each in zip(names, bins, strict=True)],
                "hovertemplate": "%{text}<extra></extra>",
            }
        ],
        "layout": {
            "xaxis": {"type": "category", "tickangle": 0},
            "yaxis": {"tickformat": ".0%", "rangemode": "tozero", "nticks": 4},
        },
    }  # fmt: skip


def _psi(months: list[dict[str, Any]]) -> dict[str, Any]:
    """The shift of each month, and the limit that its number of rows allows."""
    names = [month["period"][2:] for month in months]
    return {
        "data": [
            {"type": "bar", "x": names, "y": [month["psi"] for month in months],
             "marker": {"color": "token:train"}, "hovertemplate": "%{x}: %{y:.3f}<extra></extra>"},
            {"type": "scatter", "mode": "lines", "x": names, "y": [month["limit"] for month in months],
             "line": {"color": "token:bad", "width": 1, "dash": "dot"}, "hovertemplate": "%{y:.3f}<extra></extra>"},
        ],
        "layout": {
            "xaxis": {"type": "category", "tickangle": 0},
            "yaxis": {"rangemode": "tozero", "nticks": 4},
        },
    }  # fmt: skip
