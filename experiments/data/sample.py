"""Says which rows of a table a question is put to, counts what each step leaves out, and writes the rest."""

import hashlib
import json
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from experiments.data.conversion import ColumnPlan, convert
from experiments.data.parsing import as_texts
from experiments.data.parts import parts_of
from experiments.data.schema import SCHEMA_KEY, ColumnSchema, ColumnTypeName, file_hash, read_schema, schema_json
from experiments.data.stray_dates import believable_span
from experiments.data.target import MOST_SPELLINGS, spellings_of
from experiments.data.type_inference import expected_plan
from experiments.data.written_counts import count_column
from experiments.errors import BadInput, about, gettext_noop
from experiments.meant import refuse_column
from experiments.telling import filled

OperatorName = Literal["is", "is_not", "one_of", "at_least", "more", "at_most", "less", "missing", "present"]
OPERATORS: tuple[OperatorName, ...] = (
    *("is", "is_not", "one_of", "at_least", "more"),
    *("at_most", "less", "missing", "present"),
)
ORDERED = frozenset({"at_least", "more", "at_most", "less"})
WITHOUT_VALUE = frozenset({"missing", "present"})
CELLS_AT_ONCE = 8_000_000
MOST_ROWS_AT_ONCE = 500_000
MOST_MONTHS = 60
EVENT, NO_EVENT = "1", "0"
MANY_INDETERMINATES = 0.15
ROWS_LOOKED_AT = 20_000

NO_OPERATOR = gettext_noop("%(operator)s is not a comparison. Choose one from the list.")
NO_ORDER = gettext_noop("%(column)s holds text, which has no order. Compare it with: is, is not, is one of.")
NOT_A_NUMBER = gettext_noop("%(column)s holds numbers, but %(value)s is not a number. Enter a number.")
NOT_A_DATE = gettext_noop("%(value)s is not a date. Enter it like 2025-06-30.")
NO_VALUE = gettext_noop("Enter the value that %(column)s is compared with.")
NOT_DATES = gettext_noop("%(column)s is not a date, so it cannot say when a customer was observed.")
NO_OBSERVATION = gettext_noop("A performance window begins at the observation point. Choose the column that holds it.")
BAD_MONTHS = gettext_noop("A window is 1 to 60 months long. Leave it empty if there is none.")
NOT_NUMERIC_EVENT = gettext_noop("%(column)s does not hold numbers, so no threshold can define the event.")
NO_ROWS_LEFT = gettext_noop(
    "None of the %(rows)s rows is left after this step: %(step)s. Loosen this step of the sample, or undo the "
    "definition."
)

ALL_ROWS = gettext_noop("All rows of the file")
LEFT_OUT = gettext_noop("Left out: %(column)s %(operator)s %(value)s")
INDETERMINATE = gettext_noop("Neither good nor bad: %(column)s %(operator)s %(value)s without the event")
IMMATURE = gettext_noop("Window of %(months)s months not closed by %(until)s")
NO_DATE = gettext_noop("No observation date, so it is not known whether the window is closed")
REMAINING = gettext_noop("Rows to build the model on")


@dataclass(frozen=True)
class Rule:
    """A comparison of one column with one value.

    Attributes
    ----------
    value : as text; a number for columns of numbers, an ISO date for dates; several, parted by commas, for ``one_of``.
    """

    column: str
    operator: OperatorName
    value: str = ""


@dataclass(frozen=True)
class SampleDefinition:
    """Which rows a question is put to.

    Attributes
    ----------
    observed_at : date column of the observation point.
    observation_months, performance_months : months looked back for features, and forward for the event.
    known_until : ISO date up to which the outcome is known; the newest observation when ``None``.
    event : makes the event of a column of numbers (days overdue at least 90); the target as it is when ``None``.
    indeterminate : rows that are neither; a row with the event is one all the same.
    exclusions : rows left out, in this order.
    """

    observed_at: str | None = None
    observation_months: int | None = None
    performance_months: int | None = None
    known_until: str | None = None
    event: Rule | None = None
    indeterminate: Rule | None = None
    exclusions: tuple[Rule, ...] = ()

    @property
    def leaves_all_rows(self) -> bool:
        """Whether every row stays as it is."""
        return not (self.performance_months or self.event or self.indeterminate or self.exclusions)

    @property
    def placed_rules(self) -> list[tuple[tuple[str | int, ...], Rule]]:
        """Return each rule with the steps that lead to it."""
        single = ("event", self.event), ("indeterminate", self.indeterminate)
        left_out = ((("exclusions", place), rule) for place, rule in enumerate(self.exclusions))
        return [*(((name,), rule) for name, rule in single if rule), *left_out]

    @property
    def rules(self) -> tuple[Rule, ...]:
        return tuple(rule for _steps, rule in self.placed_rules)

    def to_dict(self) -> dict[str, Any]:
        """Return the definition as JSON-ready plain data."""
        return {**asdict(self), "exclusions": [asdict(rule) for rule in self.exclusions]}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "SampleDefinition":
        """Build a definition from what ``to_dict`` gave; other keys are left aside."""
        values = {name: plain[name] for name in cls.__dataclass_fields__ if name in plain}
        for name in ("event", "indeterminate"):
            values[name] = Rule(**values[name]) if values.get(name) else None
        values["exclusions"] = tuple(Rule(**rule) for rule in values.get("exclusions", ()))
        return cls(**values)


@dataclass(frozen=True)
class SampleReport:
    """What became of the rows.

    Attributes
    ----------
    waterfall : ``{"step", "message", "params", "removed", "rows", "events"}`` a step, what is left after it.
    months : ``{"period", "rows", "events", "is_mature"}`` a month of observation, before the immature are left out.
    known_until : the date the windows were closed by. sha256 : of the written file.
    """

    waterfall: list[dict[str, Any]]
    months: list[dict[str, Any]]
    rows: int
    events: int | None
    known_until: str | None
    sha256: str = ""
    indeterminate_share: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON-ready plain data."""
        return asdict(self)


@dataclass
class _Step:
    """One way in which rows are left out, counted part by part."""

    name: str
    message: str
    params: dict[str, Any]
    keep: Callable[[pl.DataFrame], pl.Series]
    removed: int = 0
    removed_events: int = 0


@dataclass
class _Months:
    """Rows and events by month of observation, and which months are closed."""

    closed: frozenset[str]
    rows: dict[str, int] = field(default_factory=dict)
    events: dict[str, int] = field(default_factory=dict)

    def add(self, months: pl.Series, events: pl.Series) -> None:
        counted = pl.DataFrame({"month": months, "event": events}).drop_nulls("month").group_by("month")
        for month, rows, happened in counted.agg(pl.len(), pl.col("event").sum().alias("events")).iter_rows():
            self.rows[month] = self.rows.get(month, 0) + rows
            self.events[month] = self.events.get(month, 0) + int(happened)

    def listed(self) -> list[dict[str, Any]]:
        return [
            {"period": month, "rows": self.rows[month], "events": self.events[month],
             "is_mature": month in self.closed}
            for month in sorted(self.rows)
        ]  # fmt: skip


def refuse_faults(definition: SampleDefinition, schema: Sequence[ColumnSchema]) -> None:
    """Say what of a definition this table cannot give.

    Raises
    ------
    BadInput : a column that is not there, a comparison its type does not know, a window without a beginning.
    """
    types = {column.name: column.type for column in schema}
    named = [(("observed_at",), definition.observed_at)] if definition.observed_at else []
    for steps, name in [*named, *(((*steps, "column"), rule.column) for steps, rule in definition.placed_rules)]:
        if name not in types:
            with about(*steps):
                refuse_column(name, list(types))
    if definition.observed_at and types[definition.observed_at] != "date":
        raise BadInput(NOT_DATES, column=definition.observed_at).about("observed_at")
    for field_ in ("observation_months", "performance_months"):
        months = getattr(definition, field_)
        if months is not None and not 1 <= months <= MOST_MONTHS:
            raise BadInput(BAD_MONTHS).about(field_)
    if definition.performance_months and not definition.observed_at:
        raise BadInput(NO_OBSERVATION).about("observed_at")
    if definition.known_until:
        with about("known_until"):
            _day(definition.known_until)
    if definition.event and types[definition.event.column] != "numeric":
        raise BadInput(NOT_NUMERIC_EVENT, column=definition.event.column).about("event", "column")
    for steps, rule in definition.placed_rules:
        with about(*steps, "value"):
            _expression(rule, types[rule.column])


def build_sample(
    source: Path,
    destination: Path,
    definition: SampleDefinition,
    *,
    target: str,
    event: str | None = None,
    types: Mapping[str, ColumnTypeName] | None = None,
    on_progress: Callable[[float], None] = lambda fraction: None,
) -> SampleReport:
    """Write the rows a question is put to, typed as people decided, and count what each step left out.

    The table is read part by part; memory holds a few million cells, whatever its size. The same source, definition
    and types give the same bytes.

    Parameters
    ----------
    source, destination : Parquet as ``ingest_file`` writes it.
    target, event : the column asked about and its event, for counting events; with ``definition.event`` the target
        becomes its 1 and 0.
    types : columns whose type is not the file's own.

    Returns
    -------
    SampleReport
        The waterfall from all rows to those to train on, and the months of observation with their maturity.

    Raises
    ------
    BadInput : the definition does not fit the table, or leaves no row.
    """
    schema = read_schema(source)
    refuse_faults(definition, schema)
    by_name = {column.name: column for column in schema}
    until, closed = _closed_months(source, definition)
    months, steps = _Months(closed), _steps(definition, by_name, until, closed)
    changed = _changed_types(by_name, types or {}, definition)
    rows = left = events = left_events = 0
    half_written = destination.with_suffix(".part")
    with pq.ParquetFile(source) as table:
        spellings = _spellings_of_event(table, target, event)
        plans = reading_plans(table, changed)
        layout = [
            replace(each, type=changed[each.name], reading=plans[each.name].reading) if each.name in changed else each
            for each in schema
        ]
        arrow_schema = _arrow_schema(table.schema_arrow, changed, layout)
        with pq.ParquetWriter(half_written, arrow_schema, compression="zstd") as writer:
            for part in _parts(table):
                frame = pl.DataFrame(part.select(_columns_needed(definition, target, by_name)))
                is_event = _is_event(frame, definition, target, spellings)
                kept = _apply(steps, frame, is_event, months, definition)
                rows, events = rows + frame.height, events + int(is_event.sum())
                left, left_events = left + int(kept.sum()), left_events + int((kept & is_event).sum())
                writer.write_table(_written(part.filter(kept.to_arrow()), is_event.filter(kept), definition, changed,
                                            plans, arrow_schema))  # fmt: skip
                on_progress(rows / max(1, table.metadata.num_rows))
    if rows and not left:
        half_written.unlink()
        worst = max(steps, key=lambda step: step.removed)
        raise BadInput(NO_ROWS_LEFT, rows=f"{rows:,}", step=filled(worst.message, worst.params))
    half_written.replace(destination)
    counts_events = bool(definition.event or event)
    indeterminate = sum(step.removed for step in steps if step.name == "indeterminate")
    return SampleReport(
        waterfall=_waterfall(steps, rows, events if counts_events else None),
        months=months.listed(),
        rows=left,
        events=left_events if counts_events else None,
        known_until=until,
        sha256=file_hash(destination),
        indeterminate_share=indeterminate / rows if rows else 0.0,
    )


def definition_hash(definition: SampleDefinition, types: Mapping[str, str], source_sha256: str) -> str:
    """Return the SHA-256 of everything a sample table is made of; equal ones need not be made again."""
    made_of = [definition.to_dict(), dict(sorted(types.items())), source_sha256]
    return hashlib.sha256(json.dumps(made_of, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _parts(table: pq.ParquetFile) -> Iterator[pa.Table]:
    at_once = min(MOST_ROWS_AT_ONCE, max(1_000, CELLS_AT_ONCE // max(1, table.metadata.num_columns)))
    return parts_of(table, rows=at_once)


def _columns_needed(definition: SampleDefinition, target: str, by_name: Mapping[str, ColumnSchema]) -> list[str]:
    names = [target, definition.observed_at, *(rule.column for rule in definition.rules)]
    return list(dict.fromkeys(name for name in names if name and name in by_name))


def _spellings_of_event(table: pq.ParquetFile, target: str, event: str | None) -> set[str]:
    """Return how the event is written in the whole column."""
    if event is None or target not in table.schema_arrow.names:
        return set()
    found: set[str] = set()
    for batch in table.iter_batches(columns=[target]):
        found.update(as_texts(pl.DataFrame(batch)[target]).drop_nulls().unique())
        if len(found) > MOST_SPELLINGS:
            return {event}
    return spellings_of(event, found)


def _is_event(frame: pl.DataFrame, definition: SampleDefinition, target: str, spellings: set[str]) -> pl.Series:
    if definition.event:
        return frame.select(_expression(definition.event, "numeric")).to_series()
    if not spellings:
        return pl.Series([False], dtype=pl.Boolean).new_from_index(0, frame.height)
    return as_texts(frame[target]).is_in(list(spellings)).fill_null(False)


def _steps(
    definition: SampleDefinition, by_name: Mapping[str, ColumnSchema], until: str | None, closed: frozenset[str]
) -> list[_Step]:
    steps = [
        _Step("exclusion", LEFT_OUT, asdict(rule), _unless(rule, by_name[rule.column].type))
        for rule in definition.exclusions
    ]
    if definition.indeterminate:
        rule = definition.indeterminate
        steps.append(_Step("indeterminate", INDETERMINATE, asdict(rule), _unless(rule, by_name[rule.column].type)))
    if definition.performance_months and definition.observed_at:
        column, known = definition.observed_at, list(closed)
        steps.append(_Step("undated", NO_DATE, {}, lambda frame: frame[column].is_not_null()))
        params = {"months": definition.performance_months, "until": until}
        steps.append(_Step("immature", IMMATURE, params, lambda frame: _months_of(frame[column]).is_in(known)))
    return steps


def _apply(
    steps: list[_Step], frame: pl.DataFrame, is_event: pl.Series, months: _Months, definition: SampleDefinition
) -> pl.Series:
    """Return which rows stay; each row is counted at the first step that leaves it out."""
    kept = pl.Series([True]).new_from_index(0, frame.height)
    is_counted = False
    for step in steps:
        if step.name == "immature":
            _count_months(frame, kept, is_event, months, definition)
            is_counted = True
        stays = step.keep(frame).fill_null(False)
        if step.name == "indeterminate":
            stays = stays | is_event
        gone = kept & ~stays
        step.removed += int(gone.sum())
        step.removed_events += int((gone & is_event).sum())
        kept = kept & stays
    if not is_counted:
        _count_months(frame, kept, is_event, months, definition)
    return kept


def _count_months(
    frame: pl.DataFrame, kept: pl.Series, is_event: pl.Series, months: _Months, definition: SampleDefinition
) -> None:
    if definition.observed_at:
        months.add(_months_of(frame[definition.observed_at]).filter(kept), is_event.filter(kept))


def _waterfall(steps: list[_Step], rows: int, events: int | None) -> list[dict[str, Any]]:
    left, left_events = rows, events
    lines = [{"step": "all", "message": ALL_ROWS, "params": {}, "removed": 0, "rows": left, "events": left_events}]
    for step in steps:
        if step.name == "undated" and not step.removed:
            continue
        left -= step.removed
        left_events = None if left_events is None else left_events - step.removed_events
        lines.append({"step": step.name, "message": step.message, "params": step.params, "removed": step.removed,
                      "rows": left, "events": left_events})  # fmt: skip
    lines.append({"step": "left", "message": REMAINING, "params": {}, "removed": 0, "rows": left,
                  "events": left_events})  # fmt: skip
    return lines


def _closed_months(source: Path, definition: SampleDefinition) -> tuple[str | None, frozenset[str]]:
    """Return the date the outcome is known until and the months whose last observation has its whole window before it.

    A month is left out as a whole, so that no month's rate mixes customers who had the time with some who had not.
    """
    if not definition.observed_at:
        return definition.known_until, frozenset()
    days = pl.col(definition.observed_at)
    last_days = (
        pl.scan_parquet(source)
        .select(days.dt.strftime("%Y-%m").alias("month"), days.dt.date().alias("day"))
        .drop_nulls()
        .group_by("month")
        .agg(pl.col("day").max(), pl.len().alias("rows"))
        .sort("month")
        .collect(engine="streaming")
    )
    newest = _newest_believable(last_days)
    until = _day(definition.known_until) if definition.known_until else newest
    if not isinstance(until, date):
        return None, frozenset()
    window = f"{definition.performance_months or 0}mo"
    closed = last_days.filter(pl.col("day").dt.offset_by(window) <= until)["month"]
    return until.isoformat(), frozenset(closed.to_list())


def newest_month_end(source: Path, observed_at: str) -> str | None:
    """Return the last day of the newest month that has observations; ``None`` without any."""
    schema = read_schema(source)
    refuse_faults(SampleDefinition(observed_at=observed_at), schema)
    until, _ = _closed_months(source, SampleDefinition(observed_at=observed_at))
    if until is None:
        return None
    newest = date.fromisoformat(until)
    return newest.replace(day=monthrange(newest.year, newest.month)[1]).isoformat()


def _newest_believable(last_days: pl.DataFrame) -> date | None:
    """Return the last day of the newest month but those that only a slip of the pen or a system's 9999 has made."""
    months = last_days["day"].to_numpy().astype("datetime64[M]")
    span = believable_span(months, last_days["rows"].to_numpy())
    if span is None:
        return None
    newest = last_days.filter(pl.Series(months <= span[1]))["day"].max()
    return newest if isinstance(newest, date) else None


def _months_of(days: pl.Series) -> pl.Series:
    return days.dt.strftime("%Y-%m")


def _unless(rule: Rule, type_: str) -> Callable[[pl.DataFrame], pl.Series]:
    expression = _expression(rule, type_)
    return lambda frame: ~frame.select(expression).to_series()


def _expression(rule: Rule, type_: str) -> pl.Expr:
    """Return the rule as an expression that is true or false in every row; a missing value meets no comparison."""
    if rule.operator not in OPERATORS:
        raise BadInput(NO_OPERATOR, operator=rule.operator)
    column = pl.col(rule.column)
    if rule.operator in WITHOUT_VALUE:
        return column.is_null() if rule.operator == "missing" else column.is_not_null()
    if not rule.value.strip():
        raise BadInput(NO_VALUE, column=rule.column)
    if type_ not in ("numeric", "date"):
        if rule.operator in ORDERED:
            raise BadInput(NO_ORDER, column=rule.column)
        return _compared(column.cast(pl.String).str.strip_chars(), rule, [value.strip() for value in _listed(rule)])
    if type_ == "date":
        return _compared(column.dt.date(), rule, [_day(value) for value in _listed(rule)])
    return _compared(column.cast(pl.Float64), rule, [_number(rule, value) for value in _listed(rule)])


def _compared(column: pl.Expr, rule: Rule, values: list[Any]) -> pl.Expr:
    value = values[0]
    compared = {
        "is": lambda: column == value,
        "is_not": lambda: column != value,
        "one_of": lambda: column.is_in(values),
        "at_least": lambda: column >= value,
        "more": lambda: column > value,
        "at_most": lambda: column <= value,
        "less": lambda: column < value,
    }
    return compared[rule.operator]().fill_null(False)


def _listed(rule: Rule) -> list[str]:
    if rule.operator != "one_of":
        return [rule.value]
    parted = rule.value.replace("，", ",").replace("、", ",").split(",")
    return [value for value in parted if value.strip()] or [rule.value]


def _number(rule: Rule, value: str) -> float:
    try:
        return float(value.strip())
    except ValueError:
        raise BadInput(NOT_A_NUMBER, column=rule.column, value=value) from None


def _day(value: str) -> date:
    try:
        return datetime.fromisoformat(value.strip()).date()
    except ValueError:
        raise BadInput(NOT_A_DATE, value=value) from None


def _changed_types(
    by_name: Mapping[str, ColumnSchema], types: Mapping[str, ColumnTypeName], definition: SampleDefinition
) -> dict[str, ColumnTypeName]:
    changed = {name: kind for name, kind in types.items() if name in by_name and by_name[name].type != kind}
    if definition.event:
        changed[definition.event.column] = "boolean"
    return changed


def _arrow_schema(source: pa.Schema, changed: Mapping[str, str], layout: Sequence[ColumnSchema]) -> pa.Schema:
    kinds = {"numeric": pa.float64(), "date": pa.timestamp("us")}
    fields = [
        pa.field(each.name, kinds.get(changed[each.name], pa.string())) if each.name in changed else each
        for each in source
    ]
    return pa.schema(fields, metadata={**(source.metadata or {}), SCHEMA_KEY.encode(): schema_json(layout).encode()})


def _written(
    part: pa.Table,
    is_event: pl.Series,
    definition: SampleDefinition,
    changed: Mapping[str, str],
    plans: Mapping[str, ColumnPlan],
    schema: pa.Schema,
) -> pa.Table:
    for name in changed:
        if definition.event and name == definition.event.column:
            # A row without the number has no answer; it is none of the good ones.
            answers = pc.if_else(is_event.to_arrow(), EVENT, NO_EVENT)
            values = pc.if_else(pc.is_valid(part[name]).combine_chunks(), answers, pa.scalar(None, pa.string()))
        else:
            values = retyped(pl.Series(name, part[name]), plans[name]).to_arrow()
        place = part.schema.get_field_index(name)
        part = part.set_column(place, schema.field(name), pc.cast(values, schema.field(name).type))
    return part.cast(schema) if part.schema != schema else part


def reading_plans(table: pq.ParquetFile, kinds: Mapping[str, ColumnTypeName]) -> dict[str, ColumnPlan]:
    """Return how each column is to be read as another type, by the way its first values are written."""
    first = next(table.iter_batches(batch_size=ROWS_LOOKED_AT, columns=list(kinds)), None)
    values = {name: pl.Series(name, first[name]) if first is not None else pl.Series(name, []) for name in kinds}
    return {name: expected_plan(kind, count_column(_tidy_texts(values[name]))) for name, kind in kinds.items()}


def retyped(values: pl.Series, plan: ColumnPlan) -> pl.Series:
    """Return a column as another type, as reading a file would; what cannot be read as that type becomes missing.

    Examples
    --------
    >>> texts = pl.Series(["1.2万", "12%", "many"])
    >>> retyped(texts, expected_plan("numeric", count_column(texts))).to_list()
    [12000.0, 0.12, None]
    """
    if plan.way == "words" and values.dtype == pl.Datetime:
        return values.dt.strftime("%Y-%m-%d")
    return convert(_tidy_texts(values) if plan.way != "words" else as_texts(values), plan)


def _tidy_texts(values: pl.Series) -> pl.Series:
    if values.dtype == pl.Datetime:
        values = values.dt.strftime("%Y-%m-%d %H:%M:%S")
    return as_texts(values).str.strip_chars()
