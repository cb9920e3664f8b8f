"""What the page of a data check shows: findings with what was done, the target, and the columns part by part."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.models import CATEGORIES, Column, ColumnRole, ColumnType
from checks import attributes
from checks.models import CheckedColumn, DataCheck, Finding
from checks.queries import ASKING
from checks.targets import event_choices
from common.templatetags.formatting import listed, rate
from dictionary.page import called, labels_for_reader
from experiments.data.target import spellings_of
from experiments.evaluation.reliability import jeffreys_interval
from experiments.telling import filled
from privacy import marks as protected_marks

COLUMNS_AT_ONCE = 30
MOST_TARGETS = 200
# As many as a profile lists.
MOST_SPELLINGS = 10
FINDINGS_SHOWN = 10
TOO_STRONG = 0.85
GROUP_FROM = 4
NAMES_SHOWN = 6
TONES = {Finding.Severity.BLOCK: ("bad", "alert-octagon"), Finding.Severity.WARNING: ("warn", "alert-triangle")}
MARKS = {
    "empty": _("Empty"),
    "constant": _("Constant"),
    "id_like": _("Serial number"),
    "target_copy": _("Copy of the target"),
    "single_feature": _("Suspiciously strong on its own"),
    "settled": _("Please check: some values always have the same outcome"),
    "ablation": _("Please check: large effect"),
    "missing_by_class": _("Please check: missing values predict the target"),
    "after_observation": _("Known only later"),
    "name": _("Please check: known only later?"),
    "copy": _("Identical to another column"),
    "near_copy": _("Almost identical to another column"),
    "month_proxy": _("Month proxy"),
    "personal_data": _("Personal data"),
    "protected": _("Protected"),
    "looks_protected": _("Protected?"),
    "duplicates": _("Same in training and test"),
    "join_explosion": _("Join changed the rows"),
    "shuffled_target": _("Pattern found even in a shuffled target"),
    "too_good": _("Too good to be true"),
    "few_events": _("Few events"),
    "immature": _("Immature months"),
    "ripening": _("Latest months may be immature"),
    "indeterminate": _("Indeterminate"),
}
PASSED = {
    "empty": _("No empty columns"),
    "id_like": _("No serial numbers"),
    "target_copy": _("No copy of the target"),
    "single_feature": _("No single column is suspiciously strong"),
    "ablation": _("No column decides the outcome alone"),
    "missing_by_class": _("Missing values do not reveal the target"),
    "after_observation": _("Nothing known only later"),
    "month_proxy": _("No month proxy"),
    "copy": _("No duplicate columns"),
    "duplicates": _("No duplicate rows"),
    "grouped": _("Customers kept together"),
    "name": _("No column name points to later information"),
    "encoder_leak": _("Preprocessing learns from training rows only"),
    "shuffled_target": _("No pattern found in a shuffled target"),
    "too_good": _("Plausible performance"),
    "join_explosion": _("Join kept the rows"),
    "sample": _("Checked on a sample"),
    "constant": _("No constant columns"),
    "settled": _("No value decides the outcome"),
    "personal_data": _("No personal data"),
    "looks_protected": _("No protected attributes"),
    "protected_known": _("Protected attributes marked"),
    "few_events": _("Enough events"),
    "immature": _("All months mature"),
    "ripening": _("No immature months"),
}


# What of a finding is shown; its column's profile is not.
FOUND = ("code", "severity", "message", "params", "action", "evidence", "undone_at", "check_of")


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
    label: str = ""
    badges: list[Badge] = field(default_factory=list)

    @property
    def column(self) -> Column:
        return self.checked.column

    @property
    def type(self) -> str:
        return self.checked.read_as

    @property
    def type_label(self) -> Any:
        return ColumnType(self.type).label

    @property
    def is_category(self) -> bool:
        return self.type not in (ColumnType.NUMERIC, ColumnType.DATE)

    @property
    def is_proposed(self) -> bool:
        """Whether its role is the one the system guessed, and not an ordinary one."""
        return self.checked.role == self.column.proposed_role != ColumnRole.FEATURE and not self.role_from

    @property
    def confidence(self) -> float:
        return float(self.column.profile.get("role_confidence") or 0.0)

    @property
    def role_from(self) -> int | None:
        """The version on which people decided its role, where that was an earlier one."""
        return self.checked.remembered.get("role") or None

    @property
    def type_from(self) -> int | None:
        return self.checked.remembered.get("type") or None

    @property
    def is_out(self) -> bool:
        return self.checked.excluded or self.checked.role == ColumnRole.IGNORE

    @property
    def is_target(self) -> bool:
        return self.checked.role == ColumnRole.TARGET

    @property
    def is_too_strong(self) -> bool:
        return not self.is_target and (self.checked.single_auc or 0) > TOO_STRONG


def findings_by_severity(check: DataCheck) -> dict[str, list[Finding]]:
    """Return findings in the order block, warning, passed."""
    people = ("undone_by__username", "undone_by__display_name")
    findings = list(check.findings.select_related("column", "undone_by").only(*FOUND, "column__name", *people))
    out = set(check.columns.filter(excluded=True).values_list("column_id", flat=True))
    for finding in findings:
        finding.asks = finding.code in ASKING and finding.column_id is not None and not finding.action
        finding.is_answered = finding.asks and finding.column_id in out
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
        return listed(names[:NAMES_SHOWN]) + (" …" if len(names) > NAMES_SHOWN else "")

    @property
    def shown(self) -> list[Finding]:
        """The first of them; all are in the table of columns, one click away."""
        return self.findings[:FINDINGS_SHOWN]

    @property
    def asks(self) -> bool:
        """Whether it is for a person to say that the columns go."""
        return all(finding.asks for finding in self.findings)

    @property
    def is_answered(self) -> bool:
        return all(finding.is_answered for finding in self.findings)

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


@dataclass(frozen=True)
class Asked:
    """Which columns a person wants to see, and in which order."""

    show: str = ""
    q: str = ""
    type: str = ""
    role: str = ""
    finding: str = ""
    sort: str = ""

    @classmethod
    def of(cls, query: Any) -> "Asked":
        """Read it from the query of an address."""
        return cls(**{name: query.get(name, "").strip()[:200] for name in cls.__dataclass_fields__})


# Columns whose values name somebody or something rather than say anything of them.
NO_VALUES = (ColumnRole.ID, ColumnRole.GROUP)
SHOWN: dict[str, Q] = {
    "out": Q(excluded=True) | Q(role=ColumnRole.IGNORE),
    "numeric": Q(kind=ColumnType.NUMERIC) & ~Q(role__in=NO_VALUES),
    # An id written in words is no category, as one written in digits is no quantity.
    "category": Q(kind__in=CATEGORIES) & ~Q(role__in=NO_VALUES),
    "date": Q(kind=ColumnType.DATE),
    "special": ~Q(column__special_values=[]),
    "personal": ~Q(column__personal_data=""),
    "remembered": ~Q(remembered={}),
}
SORTS: dict[str, tuple[Any, ...]] = {
    "auc": (F("single_auc").desc(nulls_last=True),),
    "iv": (F("information_value").desc(nulls_last=True),),
    "missing": (F("column__missing_count").desc(),),
    "distinct": (F("column__distinct_count").desc(),),
    "name": (F("column__name").asc(),),
    "position": (),
}


def _with_kind(check: DataCheck) -> QuerySet[CheckedColumn]:
    """Return a check's columns with the type they are read as."""
    kind = Case(When(type="", then=F("column__type")), default=F("type"))
    return CheckedColumn.objects.filter(check_of=check).annotate(kind=kind)


def _looked_at(check: DataCheck, code: str = "") -> Q:
    """Return the columns something was found about, by one test or by any."""
    findings = check.findings.exclude(severity=Finding.Severity.PASSED)
    if code:
        findings = findings.filter(code=code)
    names = {name for finding in findings.filter(column=None).only("evidence") for name in finding.found.columns}
    about = Q(column_id__in=findings.exclude(column=None).values("column_id"))
    return about | Q(column__name__in=names) if names else about


def columns_asked_for(check: DataCheck, asked: Asked) -> QuerySet[CheckedColumn]:
    """Return the columns a filter and a word leave, the target first, the rest in the order asked for."""
    found = _with_kind(check)
    if asked.show == "look" or asked.finding:
        found = found.filter(_looked_at(check, asked.finding))
    if asked.show in SHOWN:
        found = found.filter(SHOWN[asked.show])
    if asked.type in ColumnType.values:
        found = found.filter(Q(kind=asked.type))
    if asked.role in ColumnRole.values:
        found = found.filter(role=asked.role)
    if asked.q:
        by_word = Q(column__name__in=called(asked.q, check.version.dataset))
        found = found.filter(Q(column__name__icontains=asked.q) | Q(column__label__icontains=asked.q) | by_word)
    is_target = Case(When(role=ColumnRole.TARGET, then=Value(0)), default=Value(1), output_field=IntegerField())
    return found.order_by(is_target, *SORTS.get(asked.sort, SORTS["auc"]), "column__position")


def column_lines(
    check: DataCheck, columns: QuerySet[CheckedColumn], marks: list[protected_marks.ProtectedMark] | None = None
) -> list[ColumnLine]:
    """Return a line for each of these columns, with a badge for every finding about it; ``marks`` if known already."""
    # Sorting carries every column of the rows along: first the order, then the few rows.
    order = list(columns.values_list("pk", flat=True))
    found = CheckedColumn.objects.filter(pk__in=order).select_related("column")
    by_key = {checked.pk: checked for checked in found.defer("by_target", "column__special_values")}
    shown = [by_key[key] for key in order]
    badges = badges_of(check, [checked.column for checked in shown], marks)
    labels = labels_for_reader([checked.column for checked in shown], check.version.dataset)
    rows = check.version.row_count
    return [
        ColumnLine(
            checked=checked,
            missing_share=checked.column.missing_count / rows if rows else 0.0,
            label=labels[checked.column.name],
            badges=badges.get(checked.column.name, []),
        )
        for checked in shown
    ]


def badges_of(
    check: DataCheck,
    columns: list[Column] | None = None,
    marks: list[protected_marks.ProtectedMark] | None = None,
) -> dict[str, list[Badge]]:
    """Return the marks of these columns, or of all, by name."""
    findings = check.findings.exclude(severity=Finding.Severity.PASSED).select_related("column")
    findings = findings.only("code", "severity", "evidence", "check_of", "column__name")
    if columns is not None:
        findings = findings.filter(Q(column=None) | Q(column__in=columns))
    badges: dict[str, list[Badge]] = {}
    for finding in findings:
        for name in finding.columns:
            badges.setdefault(name, []).append(_badge(finding))
    for mark in attributes.marks_asked(check) if marks is None else marks:
        if mark.decided == protected_marks.YES:
            badges.setdefault(mark.name, []).append(Badge("info", "shield", MARKS["protected"]))
    return badges


def _badge(finding: Finding) -> Badge:
    tone, icon = TONES[Finding.Severity(finding.severity)]
    return Badge(tone, icon, MARKS.get(finding.code, Finding.Severity(finding.severity).label))


def count_filters(check: DataCheck) -> dict[str, int]:
    """Return how many columns each filter would show."""
    counts = {name: Count("pk", filter=condition) for name, condition in SHOWN.items()}
    found = _with_kind(check).order_by().aggregate(all=Count("pk"), **counts)
    return {**found, "look": _with_kind(check).filter(_looked_at(check)).count()}


@dataclass(frozen=True)
class TargetCard:
    """Which column is asked about, which value counts, how often, and how that changes with time."""

    names: list[str]
    events: list[str]
    rate: float | None
    one_in: int | None
    figure: dict[str, Any] | None
    periods: list[dict[str, Any]]
    threshold: dict[str, Any] | None
    segments: list[dict[str, Any]]
    open_months: list[dict[str, Any]]
    interval: tuple[float, float] | None

    @property
    def open_rows(self) -> int:
        return sum(period["rows"] for period in self.open_months)


def target_card(check: DataCheck, rate_label: str) -> TargetCard:
    """Gather the card: only columns with exactly two values can be targets, the present one is always offered."""
    columns = check.version.columns
    names = _possible_targets(check)
    chosen = columns.filter(name=check.target).first() if check.target else None
    threshold = check.sample.get("event")
    events = event_choices(chosen) if chosen and not threshold else []
    if check.event and check.event not in events:
        # Other rows may have another spelling most often: the one the check has taken is shown.
        same = spellings_of(check.event, events)
        events = [check.event, *(value for value in events if value not in same)]
    share = check.event_rate
    periods = [_period(period) for period in check.rate_by_period]
    return TargetCard(
        names=[*([check.target] if chosen else []), *names],
        events=events,
        rate=share,
        one_in=round(1 / share) if share else None,
        figure=_rate_figure(periods, rate_label) if len(periods) > 1 else None,
        periods=periods,
        threshold=threshold,
        segments=check.segments,
        open_months=[period for period in periods if not period["is_mature"]],
        interval=jeffreys_interval(float(check.event_count), float(check.labelled_count))
        if check.labelled_count
        else None,
    )


def _possible_targets(check: DataCheck) -> list[str]:
    """Return the columns of two values; a word may be spelled in several ways."""
    others = check.version.columns.exclude(name=check.target).order_by("position")
    few_words = Q(distinct_count__range=(3, MOST_SPELLINGS), type__in=CATEGORIES)
    found = (
        column.name
        for column in others.filter(Q(distinct_count=2) | few_words).iterator()
        if column.distinct_count == 2 or event_choices(column)
    )
    return list(islice(found, MOST_TARGETS))


def _period(period: dict[str, Any]) -> dict[str, Any]:
    """Add to a month its rate and what that may be by chance."""
    rows, events = period["rows"], period["events"]
    low, high = jeffreys_interval(float(events), float(rows)) if rows else (None, None)
    share = events / rows if rows else None
    return {**period, "is_mature": period.get("is_mature", True), "rate": share, "low": low, "high": high}


def _told(period: dict[str, Any], rate_label: str) -> str:
    """Say a month as a sentence, for who points at its bar."""
    words = gettext("%(period)s: %(label)s %(rate)s, %(events)s of %(rows)s rows; 95%% interval %(low)s to %(high)s")
    facts = {
        "period": period["period"],
        "label": rate_label,
        "rate": rate(period["rate"], 1),
        "events": f"{period['events']:,}",
        "rows": f"{period['rows']:,}",
        "low": rate(period["low"], 1),
        "high": rate(period["high"], 1),
    }
    return filled(words, facts)


def _rate_figure(periods: list[dict[str, Any]], rate_label: str) -> dict[str, Any]:
    """Bars from zero, one a month, hatched where the window is open; colours are named, the page knows their values."""
    hover = [_told(period, rate_label) for period in periods]
    return {
        "data": [
            {
                "type": "bar",
                "x": [period["period"][2:] for period in periods],
                "y": [period["rate"] for period in periods],
                "marker": {
                    "color": ["token:event" if period["is_mature"] else "token:nonevent" for period in periods],
                    "pattern": {"shape": ["" if period["is_mature"] else "/" for period in periods]},
                },
                "error_y": {
                    "type": "data",
                    "symmetric": False,
                    "array": [(p["high"] or 0) - (p["rate"] or 0) if p["is_mature"] else 0 for p in periods],
                    "arrayminus": [(p["rate"] or 0) - (p["low"] or 0) if p["is_mature"] else 0 for p in periods],
                    "color": "token:text-2",
                    "thickness": 1,
                    "width": 2,
                },
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
