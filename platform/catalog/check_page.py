"""What the page of a data check shows: findings with what was done, the target, one line a column."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from catalog.models import CheckedColumn, Column, ColumnRole, DataCheck, Finding
from catalog.proposals import event_choices
from common.templatetags.formatting import rate

GROUP_FROM = 4
NAMES_SHOWN = 6
TONES = {Finding.Severity.BLOCK: ("bad", "alert-octagon"), Finding.Severity.WARNING: ("warn", "alert-triangle")}
MARKS = {
    "empty": _("Empty"),
    "constant": _("One value"),
    "id_like": _("Running number"),
    "target_copy": _("Copy of the target"),
    "single_feature": _("Too strong alone"),
    "settled": _("Settles the answer"),
    "ablation": _("Leak"),
    "missing_by_class": _("Missing tells"),
    "after_observation": _("Known only later"),
    "name": _("Known only later"),
    "month_proxy": _("Month proxy"),
}
PASSED = {
    "empty": _("No empty column"),
    "id_like": _("No running number"),
    "target_copy": _("No copy of the target"),
    "single_feature": _("None too strong alone"),
    "ablation": _("No leak found by leaving out"),
    "missing_by_class": _("Gaps tell nothing"),
    "after_observation": _("Nothing known only later"),
    "month_proxy": _("No month proxy"),
    "duplicates": _("No repeated rows"),
    "grouped": _("Customers kept together"),
}


@dataclass(frozen=True)
class Badge:
    """A mark on a column, from a finding."""

    tone: str
    icon: str
    text: Any


@dataclass(frozen=True)
class ColumnLine:
    """One column of a check, ready to be shown."""

    checked: CheckedColumn
    missing_share: float
    badges: list[Badge] = field(default_factory=list)

    @property
    def column(self) -> Column:
        return self.checked.column

    @property
    def is_out(self) -> bool:
        return self.checked.excluded or self.checked.role == ColumnRole.IGNORE

    @property
    def is_target(self) -> bool:
        return self.checked.role == ColumnRole.TARGET

    @property
    def is_too_strong(self) -> bool:
        return not self.is_target and (self.checked.single_auc or 0) > 0.85


def findings_by_severity(check: DataCheck) -> dict[str, list[Finding]]:
    """Return findings in the order block, warning, passed."""
    findings = list(check.findings.select_related("column", "undone_by"))
    return {
        severity: [finding for finding in findings if finding.severity == severity]
        for severity in Finding.Severity.values
    }


@dataclass(frozen=True)
class FindingGroup:
    """Findings of one kind; a table with eighty empty columns must not hide its one leak below them."""

    findings: list[Finding]

    @property
    def is_many(self) -> bool:
        return len(self.findings) >= GROUP_FROM

    @property
    def first(self) -> Finding:
        return self.findings[0]

    @property
    def mark(self) -> Any:
        return MARKS.get(self.first.code, self.first.get_severity_display())

    @property
    def names(self) -> str:
        """Name the first columns; the rest are a click away."""
        names = [name for finding in self.findings for name in finding.columns]
        return ", ".join(names[:NAMES_SHOWN]) + (" …" if len(names) > NAMES_SHOWN else "")

    @property
    def undone_count(self) -> int:
        return sum(finding.undone_at is not None for finding in self.findings)

    @property
    def is_all_undone(self) -> bool:
        return self.undone_count == len(self.findings)


def grouped(findings: Iterable[Finding]) -> list[FindingGroup]:
    """Put findings of one kind together where there are many, in the order of their first."""
    by_kind: dict[tuple[str, bool], list[Finding]] = {}
    for finding in findings:
        by_kind.setdefault((finding.code, bool(finding.action)), []).append(finding)
    groups: list[FindingGroup] = []
    for same in by_kind.values():
        groups += [FindingGroup(same)] if len(same) >= GROUP_FROM else [FindingGroup([each]) for each in same]
    return groups


def passed_chip(finding: Finding) -> Any:
    """Return the few words that stand for a test that found nothing; its sentence is a click away."""
    return PASSED.get(finding.code, finding.code)


def column_lines(check: DataCheck, findings: Iterable[Finding]) -> list[ColumnLine]:
    """Return a line for every column, with a badge for every finding about it."""
    badges: dict[str, list[Badge]] = {}
    for finding in findings:
        if finding.severity != Finding.Severity.PASSED:
            for name in finding.columns:
                badges.setdefault(name, []).append(_badge(finding))
    rows = check.version.row_count
    return [
        ColumnLine(
            checked=checked,
            missing_share=checked.column.missing_count / rows if rows else 0.0,
            badges=badges.get(checked.column.name, []),
        )
        for checked in check.columns.select_related("column").order_by("column__position")
    ]


def _badge(finding: Finding) -> Badge:
    tone, icon = TONES[Finding.Severity(finding.severity)]
    return Badge(tone, icon, MARKS.get(finding.code, Finding.Severity(finding.severity).label))


FILTERS = {
    "": lambda line: True,
    "look": lambda line: bool(line.badges),
    "out": lambda line: line.is_out,
    "numeric": lambda line: line.column.type == "numeric",
    "category": lambda line: line.column.is_category,
}


def count_filters(lines: list[ColumnLine]) -> dict[str, int]:
    """Return how many lines each filter would show."""
    return {name: sum(map(keep, lines)) for name, keep in FILTERS.items()}


def narrow(lines: list[ColumnLine], *, show: str, text: str, sort: str) -> list[ColumnLine]:
    """Return the lines a filter and a word leave, the target first, the rest in the order asked for."""
    keep = FILTERS.get(show, FILTERS[""])
    wanted = text.lower()
    found = [
        line
        for line in lines
        if keep(line) and (wanted in line.column.name.lower() or wanted in line.column.label.lower())
    ]
    found.sort(key=_sort_key(sort))
    return sorted(found, key=lambda line: not line.is_target)


def _sort_key(sort: str) -> Any:
    return {
        "iv": lambda line: -(line.checked.information_value or -1),
        "missing": lambda line: -line.missing_share,
        "distinct": lambda line: -line.column.distinct_count,
        "name": lambda line: line.column.name.lower(),
        "position": lambda line: line.column.position,
    }.get(sort, lambda line: -(line.checked.single_auc or -1))


@dataclass(frozen=True)
class TargetCard:
    """Which column is asked about, which value counts, how often, and how that changes with time."""

    names: list[str]
    events: list[str]
    rate: float | None
    one_in: int | None
    figure: dict[str, Any] | None
    periods: list[dict[str, Any]]


def target_card(check: DataCheck, lines: list[ColumnLine], rate_label: str) -> TargetCard:
    """Gather the card: only columns with exactly two values can be targets, the present one is always offered."""
    possible = [line.column for line in lines if line.column.distinct_count == 2 or line.column.name == check.target]
    chosen = next((column for column in possible if column.name == check.target), None)
    events = event_choices(chosen) if chosen else []
    if check.event and check.event not in events:
        events = [check.event, *events]
    share = check.event_rate
    periods = [{**period, "rate": _share(period)} for period in check.rate_by_period]
    return TargetCard(
        names=[column.name for column in possible],
        events=events,
        rate=share,
        one_in=round(1 / share) if share else None,
        figure=_rate_figure(periods, rate_label) if len(periods) > 1 else None,
        periods=periods,
    )


def _share(period: dict[str, Any]) -> float | None:
    return period["events"] / period["rows"] if period["rows"] else None


def _rate_figure(periods: list[dict[str, Any]], rate_label: str) -> dict[str, Any]:
    """Bars from zero, one a month, as plain Plotly JSON; colours are named, the page knows their values."""
    hover = [f"{p['period']}: {rate_label} {rate(p['rate'], 1)} ({p['events']:,} / {p['rows']:,})" for p in periods]
    return {
        "data": [
            {
                "type": "bar",
                "x": [period["period"][2:] for period in periods],
                "y": [period["rate"] for period in periods],
                "marker": {"color": "token:event"},
                "text": hover,
                "textposition": "none",
                "hovertemplate": "%{text}<extra></extra>",
            }
        ],
        "layout": {
            "bargap": 0.25,
            "xaxis": {"type": "category", "nticks": 8, "tickangle": 0},
            "yaxis": {"tickformat": ".0%", "rangemode": "tozero", "nticks": 5},
        },
    }
