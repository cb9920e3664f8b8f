"""Looks for columns that know the answer, or know nothing, before any model is trained."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd

from experiments.data.ablation import find_suspects
from experiments.data.roles import ID_NAME
from experiments.data.schema import ColumnSchema
from experiments.data.single_feature import (
    ROWS_LOOKED_AT,
    Bins,
    as_numbers,
    cut,
    is_ordered,
    ranking_auc,
    sample_rows,
    single_feature_power,
)
from experiments.errors import gettext_noop
from experiments.spec import ExperimentSpec

__all__ = ["Finding", "check_leakage", "single_feature_power"]

Severity = Literal["block", "warning", "passed"]

BLOCKING_AUC, WARNING_AUC = 0.95, 0.85
BLOCKING_IV = 3.0
COPY_SHARE = 0.99
MISSING_AUC, MISSING_GAP = 0.75, 0.30
ID_SHARE, ORDER_RHO = 0.95, 0.95
ALMOST_EMPTY = 0.99
LATE_SHARE = 0.001
MONTH_AUC = 0.90
SETTLED_ROWS, SETTLED_SHARE, SETTLED_EXPECTED = 50, 0.99, 20.0
NAMED_AUC = 0.55
DUPLICATE_SHARE = 0.05
LEANED_ON_FROM = 0.02
FILLED = ("filled", None)

EMPTY = gettext_noop("%(column)s has no value in %(share)s of the rows. It cannot help a model and was taken out.")
CONSTANT = gettext_noop(
    "%(column)s has the value %(value)s in every row. It cannot tell customers apart and was taken out."
)
ID_LIKE = gettext_noop(
    "%(column)s numbers the rows: nearly every row has another value. It tells customers apart, not good from bad, and "
    "was taken out."
)
ROW_ORDER = gettext_noop(
    "%(column)s rises or falls with the order of the rows, as a running number does. It was taken out, because next "
    "month's numbers will be higher than all of today's."
)
TARGET_COPY = gettext_noop(
    "%(column)s is the target in other words: the two agree in %(share)s of the rows. It was taken out."
)
TOO_STRONG = gettext_noop(
    "%(column)s alone nearly knows the answer (AUC %(auc)s). Hardly anything known beforehand is so good, so it was "
    "taken out. If it really is known on the day of scoring, put it back."
)
STRONG = gettext_noop(
    "%(column)s alone is very strong (AUC %(auc)s). Make sure that it is known on the day of scoring, before the "
    "outcome."
)
SETTLED = gettext_noop(
    "%(column)s settles the answer: of the %(count)s rows with %(value)s, %(events)s have the event, against %(rate)s "
    "of all. It was probably filled in after the outcome and was taken out."
)
SETTLED_BY_FILLING = gettext_noop(
    "%(column)s settles the answer: of the %(count)s rows in which it is filled, %(events)s have the event, against "
    "%(rate)s of all. It was probably filled in after the outcome and was taken out."
)
LEANED_ON = gettext_noop(
    "A model with %(column)s reaches AUC %(auc_with)s, without it %(auc_without)s. One column rarely gives so much "
    "unless it is filled in after the outcome. It was taken out; if it is known on the day of scoring, put it back."
)
LEANED_ON_SOMEWHAT = gettext_noop(
    "A model with %(column)s reaches AUC %(auc_with)s, without it %(auc_without)s: the column carries much of it. Make "
    "sure that it is known on the day of scoring."
)
TOO_GOOD_TOGETHER = gettext_noop(
    "With %(column)s the model is too good to be true (AUC %(auc_with)s), and it leans on this column most. It was "
    "taken out; if it is known on the day of scoring, put it back."
)
MISSING_TELLS = gettext_noop(
    "Whether %(column)s is filled already tells the answer: it is missing in %(with_event)s of the rows with the event "
    "and in %(without_event)s of the others. It was probably filled in after the outcome and was taken out."
)
MISSING_DIFFERS = gettext_noop(
    "%(column)s is missing in %(with_event)s of the rows with the event and in %(without_event)s of the others. Make "
    "sure that it is not filled in after the outcome."
)
AFTERWARDS = gettext_noop(
    "%(column)s lies after the observation date in %(share)s of the rows, so it was not known then. It was taken out."
)
NAMED_AFTERWARDS = gettext_noop(
    "The name of %(column)s speaks of something that happens after the outcome, and it says something about it (AUC "
    "%(auc)s). It was taken out; if it is known on the day of scoring, put it back."
)
MONTH_PROXY = gettext_noop(
    "%(column)s tells older rows from newer ones (AUC %(auc)s): a model would learn the calendar from it. It was "
    "taken out."
)
DUPLICATES = gettext_noop(
    "%(count)s rows (%(share)s) are exact copies of another row. The same customer in training and test makes a model "
    "look better than it is: remove the copies, or choose a customer id."
)
GROUPED = gettext_noop(
    "%(column)s repeats: %(customers)s customers have %(rows)s rows. All rows of a customer stay on one "
    "side of every split."
)
NONE_EMPTY = gettext_noop("Every column holds at least two values.")
NO_IDS = gettext_noop("No column is a running number or a key in disguise.")
NO_COPY = gettext_noop("No column repeats the target.")
NONE_STRONG = gettext_noop("No column alone is too good to be true; the strongest, %(column)s, has AUC %(auc)s.")
NONE_LEANED_ON = gettext_noop("No single column carries the model: leaving any out costs little.")
NONE_MISSING = gettext_noop("In no column do gaps give the answer away.")
NONE_AFTERWARDS = gettext_noop("No column is named or dated after the outcome.")
NO_MONTH = gettext_noop("No column gives the month away.")
NO_DUPLICATES = gettext_noop("Rows do not repeat each other.")

AFTER_OUTCOME = {
    "default": re.compile(
        r"recover(y|ies)|collection|charge_?off|write_?off|settlement|hardship|out_prncp|outstanding_pr"
        r"|(total|last|next)_?(pymnt|paym|rec_|received|paid)|last_credit_pull|loan_status|is_bad|\bdpd\b"
        r"|核销|催收|结清|代偿|诉讼|放款后|还款后|贷后",
        re.IGNORECASE,
    ),
    "response": re.compile(
        r"duration|call_?(length|seconds|time)|result|\bresponse|spend$|通话时长|接通后|回访|结果|响应后", re.IGNORECASE
    ),
}
AFTER_OUTCOME["conversion"] = re.compile(
    AFTER_OUTCOME["response"].pattern + r"|last (notable )?activity|lead (quality|profile)|tags?$|成交后|提款后",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Finding:
    """What one test found.

    Attributes
    ----------
    code : the test. severity : ``block``, ``warning`` or ``passed``. column : ``None`` for the whole table.
    message, params : a sentence with places. action : ``exclude`` where the column should be taken out.
    evidence : the numbers behind it.
    """

    code: str
    severity: Severity
    column: str | None
    message: str
    params: dict[str, Any] = field(default_factory=dict)
    action: Literal["exclude", "none"] = "none"
    evidence: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as JSON-ready plain data."""
        return asdict(self)


@dataclass
class _Table:
    """The features of one question: a sample of labelled rows, their answers, and each column's power."""

    frame: pd.DataFrame
    y: np.ndarray
    types: dict[str, str]
    time: pd.Series | None
    kind: str
    power: dict[str, tuple[float | None, float | None]]
    bins: dict[str, Bins]

    def auc(self, name: str) -> float:
        return self.power[name][0] or 0.5


def check_leakage(
    frame: pd.DataFrame,
    y: np.ndarray,
    spec: ExperimentSpec,
    schema: Sequence[ColumnSchema],
    on_progress: Callable[[float], None] = lambda fraction: None,
) -> list[Finding]:
    """Run every test on the columns that would become features; at most one finding a column, the gravest.

    Tests look at up to 200,000 labelled rows, the ablation at 20,000; columns with a role and those in
    ``spec.excluded`` are not looked at. Tests that found nothing are returned as ``passed``.

    Parameters
    ----------
    frame : the whole table. y : 1, 0 or NaN, one value a row. on_progress : called with the share done.
    """
    rows = sample_rows(y, ROWS_LOOKED_AT)
    table = _look_at(frame, y, rows, spec, schema)
    found: list[Finding] = []
    left = list(table.frame.columns)
    for number, name in enumerate(left):
        found += _one_a_column(list(_column_findings(table, name)))
        on_progress(0.4 * (number + 1) / len(left))
    out = {finding.column for finding in found if finding.action == "exclude"}
    left = [name for name in left if name not in out and table.types.get(name) != "text"]
    found += _ablation_findings(table, left, lambda share: on_progress(0.4 + 0.6 * share))
    found = _one_a_column(found)
    found += _row_findings(table, spec, frame)
    on_progress(1.0)
    return [*found, *_passed(found, table)]


def _look_at(
    frame: pd.DataFrame, y: np.ndarray, rows: np.ndarray, spec: ExperimentSpec, schema: Sequence[ColumnSchema]
) -> _Table:
    aside = {spec.target, spec.id_column, spec.time_column, spec.group_column, spec.weight_column, *spec.excluded}
    features = [name for name in frame.columns if name not in aside]
    part = frame[features].iloc[rows].reset_index(drop=True)
    answers = y[rows]
    time = None
    if spec.time_column in frame:
        time = pd.to_datetime(frame[spec.time_column].iloc[rows], errors="coerce").reset_index(drop=True)
    return _Table(
        frame=part,
        y=answers,
        types={column.name: column.type for column in schema},
        time=time,
        kind=spec.kind,
        power=single_feature_power(part, answers),
        bins={name: cut(part[name], answers) for name in features},
    )


def _column_findings(table: _Table, name: str) -> Iterator[Finding]:
    """Yield what the tests of one column find, the gravest first."""
    for test in COLUMN_TESTS:
        finding = test(table, name)
        if finding:
            yield finding


def _test_empty(table: _Table, name: str) -> Finding | None:
    series = table.frame[name]
    missing = float(series.isna().mean())
    if missing >= ALMOST_EMPTY and (missing == 1.0 or table.bins[name].events[:-1].sum() < 10):
        return _out("empty", "warning", name, EMPTY, {"share": _percent(missing)}, {"missing": missing})
    present = series.dropna()
    if len(present) == len(series) and present.nunique() == 1:
        return _out("constant", "warning", name, CONSTANT, {"value": str(present.iloc[0])[:40]}, {})
    if present.nunique() <= 1 and abs(table.auc(name) - 0.5) < 0.01:
        return _out("empty", "warning", name, EMPTY, {"share": _percent(missing)}, {"missing": missing})
    return None


def _test_copy(table: _Table, name: str) -> Finding | None:
    bins = table.bins[name]
    if not 2 <= len(bins.names) <= 10:
        return None
    as_event = bins.events > bins.non_events
    with_event = float(bins.events[as_event].sum() / max(1.0, bins.events.sum()))
    without = float(bins.non_events[~as_event].sum() / max(1.0, bins.non_events.sum()))
    if min(with_event, without) < COPY_SHARE:
        return None
    share = float((bins.events[as_event].sum() + bins.non_events[~as_event].sum()) / len(table.y))
    return _out("target_copy", "block", name, TARGET_COPY, {"share": _percent(share)}, {"agreement": share})


def _test_id(table: _Table, name: str) -> Finding | None:
    series = table.frame[name].dropna()
    if (
        len(series) < 20
        or len(series) < 0.5 * len(table.frame)
        or (pd.api.types.is_float_dtype(series) and (series % 1).any())
    ):
        return None
    if pd.api.types.is_datetime64_any_dtype(series):
        return None
    share = series.nunique() / len(series)
    if share <= ID_SHARE:
        return None
    evidence = {"distinct_share": share}
    if not is_ordered(series):
        return _out("id_like", "warning", name, ID_LIKE, {}, evidence)
    rho = _order_rho(series)
    if abs(rho) > ORDER_RHO:
        return _out("id_like", "warning", name, ROW_ORDER, {}, evidence | {"rho": rho})
    is_dense = float(series.max() - series.min()) < 3 * len(series)
    return _out("id_like", "warning", name, ID_LIKE, {}, evidence) if is_dense or ID_NAME.search(name) else None


def _order_rho(series: pd.Series) -> float:
    ranks = series.rank().to_numpy()
    return float(np.corrcoef(ranks, np.arange(len(ranks)))[0, 1])


def _test_afterwards(table: _Table, name: str) -> Finding | None:
    series = table.frame[name]
    if table.time is None or not pd.api.types.is_datetime64_any_dtype(series):
        return None
    late = float((series > table.time).mean())
    if late <= LATE_SHARE:
        return None
    return _out("after_observation", "block", name, AFTERWARDS, {"share": _percent(late)}, {"late": late})


def _test_alone(table: _Table, name: str) -> Finding | None:
    auc, iv = table.power[name]
    if auc is None or iv is None:
        return None
    evidence = {"auc": auc, "iv": iv}
    params = {"auc": _three(auc)}
    if auc > BLOCKING_AUC or (iv > BLOCKING_IV and auc > 0.75):
        return _out("single_feature", "block", name, TOO_STRONG, params, evidence)
    if auc > WARNING_AUC:
        return _warn("single_feature", name, STRONG, params, evidence)
    return None


def _test_missing(table: _Table, name: str) -> Finding | None:
    missing = table.frame[name].isna().to_numpy()
    if not missing.any():
        return None
    with_event, without = float(missing[table.y == 1].mean()), float(missing[table.y == 0].mean())
    auc = 0.5 + abs(with_event - without) / 2
    if auc <= MISSING_AUC and abs(with_event - without) <= MISSING_GAP:
        return None
    params = {"with_event": _percent(with_event), "without_event": _percent(without)}
    evidence = {"auc": auc, "with_event": with_event, "without_event": without}
    if auc > MISSING_AUC:
        return _out("missing_by_class", "warning", name, MISSING_TELLS, params, evidence)
    return _warn("missing_by_class", name, MISSING_DIFFERS, params, evidence)


def _test_settled(table: _Table, name: str) -> Finding | None:
    """Find a value or a range after which the answer is certain, though it is open for the other rows."""
    series, bins = table.frame[name], table.bins[name]
    rate = float(table.y.mean())
    groups = list(zip(bins.events, bins.non_events, bins.names, strict=True))
    present = series.notna().to_numpy()
    if not present.all():
        groups.append((float(table.y[present].sum()), float((1 - table.y[present]).sum()), FILLED))
    if is_ordered(series):
        groups += _besides_most_frequent(series, table.y)
    for events, others, value in groups:
        size = events + others
        all_events = size >= SETTLED_ROWS and rate < 0.5 and events >= SETTLED_SHARE * size
        no_events = size * rate >= SETTLED_EXPECTED and events == 0
        if all_events or no_events:
            params = {"count": int(size), "events": int(events), "rate": _percent(rate)}
            evidence = {"rows": int(size), "events": int(events), "rate": rate}
            if value == FILLED:
                return _out("settled", "warning", name, SETTLED_BY_FILLING, params, evidence)
            return _out("settled", "warning", name, SETTLED, params | {"value": _name_of(value)}, evidence)
    return None


def _besides_most_frequent(series: pd.Series, y: np.ndarray) -> list[tuple[float, float, Any]]:
    """Return the rows whose value is not the usual one (an amount recovered is nought for nearly everybody)."""
    numbers = as_numbers(series)
    present = ~np.isnan(numbers)
    if not present.any():
        return []
    values, counts = np.unique(numbers[present], return_counts=True)
    usual = values[counts.argmax()]
    if counts.max() < 0.5 * len(numbers):
        return []
    others = present & (numbers != usual)
    return [(float(y[others].sum()), float((1 - y[others]).sum()), ("≠", float(usual)))]


def _name_of(value: Any) -> str:
    if value is None:
        return "—"
    if isinstance(value, tuple):
        first, second = value
        if first == "≠":
            return f"≠ {second:g}"
        return f"{first:g} … {second:g}"
    return f"{value:g}" if isinstance(value, float) else str(value)[:40]


def _test_month(table: _Table, name: str) -> Finding | None:
    if table.time is None or table.types.get(name) == "text":
        return None
    known = table.time.notna().to_numpy()
    newer = (table.time > table.time.median()).to_numpy()[known].astype(float)
    series = table.frame[name][known]
    if not 0 < newer.mean() < 1 or not is_ordered(series):
        return None
    auc = ranking_auc(as_numbers(series), newer)
    auc = max(auc, 1 - auc)
    return (
        _out("month_proxy", "warning", name, MONTH_PROXY, {"auc": _three(auc)}, {"auc": auc})
        if auc > MONTH_AUC
        else None
    )


def _test_name(table: _Table, name: str) -> Finding | None:
    auc = table.auc(name)
    if not AFTER_OUTCOME[table.kind].search(name) or auc < NAMED_AUC:
        return None
    return _out("name", "warning", name, NAMED_AFTERWARDS, {"auc": _three(auc)}, {"auc": auc})


# A column gets the first finding that takes it out, else the first that warns.
COLUMN_TESTS: tuple[Callable[[_Table, str], Finding | None], ...] = (
    _test_empty,
    _test_copy,
    _test_afterwards,
    _test_missing,
    _test_alone,
    _test_id,
    _test_month,
)


def _ablation_findings(table: _Table, columns: list[str], on_progress: Callable[[float], None]) -> list[Finding]:
    power = {name: table.auc(name) for name in columns}
    findings = []
    for suspect in find_suspects(table.frame, table.y, columns, power, on_progress):
        lost = suspect.auc_with - suspect.auc_without
        params = {"auc_with": _three(suspect.auc_with), "auc_without": _three(suspect.auc_without)}
        if suspect.is_grave:
            message = LEANED_ON if lost > LEANED_ON_FROM else TOO_GOOD_TOGETHER
            findings.append(_out("ablation", "warning", suspect.column, message, params, asdict(suspect)))
        else:
            findings.append(_warn("ablation", suspect.column, LEANED_ON_SOMEWHAT, params, asdict(suspect)))
    taken = {finding.column for finding in findings if finding.action == "exclude"}
    later = (test(table, name) for name in columns if name not in taken for test in (_test_settled, _test_name))
    return findings + [finding for finding in later if finding]


def _one_a_column(found: list[Finding]) -> list[Finding]:
    """Keep the finding that takes a column out before one that only warns of it."""
    best: dict[str | None, Finding] = {}
    for finding in found:
        known = best.get(finding.column)
        if known is None or (known.action == "none" and finding.action == "exclude"):
            best[finding.column] = finding
    order = {"block": 0, "warning": 1, "passed": 2}
    return sorted(best.values(), key=lambda finding: order[finding.severity])


def _row_findings(table: _Table, spec: ExperimentSpec, frame: pd.DataFrame) -> list[Finding]:
    findings = []
    if spec.id_column in frame:
        ids = frame[spec.id_column].dropna()
        customers = int(ids.nunique())
        if customers < len(ids):
            params = {"column": spec.id_column, "customers": customers, "rows": len(ids)}
            findings.append(Finding("grouped", "passed", spec.id_column, GROUPED, params))
            return findings
    copies = _exact_copies(table)
    share = copies / max(1, len(table.frame))
    if share > DUPLICATE_SHARE:
        params = {"count": copies, "share": _percent(share)}
        findings.append(Finding("duplicates", "warning", None, DUPLICATES, params, "none", {"share": share}))
    return findings


def _exact_copies(table: _Table) -> int:
    """Count copies of rows, unless the columns are so coarse that different customers look the same."""
    if not len(table.frame.columns):
        return 0
    combinations = np.prod([min(len(bins.names), 20.0) for bins in table.bins.values()])
    if combinations < 1e3 * len(table.frame):
        return 0
    hashes = pd.util.hash_pandas_object(table.frame, index=False)
    return int(hashes.duplicated().sum())


def _passed(found: list[Finding], table: _Table) -> list[Finding]:
    """Say for each test that found nothing that it was made."""
    codes = {finding.code for finding in found}
    strongest = max(table.power, key=lambda name: table.auc(name), default="")
    params = {"column": strongest, "auc": _three(table.auc(strongest))} if strongest else {}
    tests = [
        (("empty", "constant"), NONE_EMPTY, {}),
        (("id_like",), NO_IDS, {}),
        (("target_copy",), NO_COPY, {}),
        (("single_feature", "settled"), NONE_STRONG, params),
        (("ablation",), NONE_LEANED_ON, {}),
        (("missing_by_class",), NONE_MISSING, {}),
        (("after_observation", "name"), NONE_AFTERWARDS, {}),
        (("duplicates", "grouped"), NO_DUPLICATES, {}),
    ]
    if table.time is not None:
        tests.append((("month_proxy",), NO_MONTH, {}))
    return [
        Finding(names[0], "passed", None, message, filled)
        for names, message, filled in tests
        if not codes & set(names) and (message != NONE_STRONG or strongest)
    ]


def _out(
    code: str, severity: Severity, column: str, message: str, params: dict[str, Any], evidence: dict[str, Any]
) -> Finding:
    return Finding(code, severity, column, message, {"column": column, **params}, "exclude", evidence)


def _warn(code: str, column: str, message: str, params: dict[str, Any], evidence: dict[str, Any]) -> Finding:
    return Finding(code, "warning", column, message, {"column": column, **params}, "none", evidence)


def _percent(share: float) -> str:
    return f"{100 * share:.4g} %" if share < 0.9999 or share == 1 else "99.99 %"


def _three(value: float) -> str:
    return f"{value:.3f}"
