"""Writes the rows that a question is put to, and counts what each step leaves out."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from experiments.data.conversion import ColumnPlan
from experiments.data.parsing import as_texts
from experiments.data.sample.definition import SampleDefinition, refuse_faults
from experiments.data.sample.retyping import changed_types, reading_plans, retyped, retyped_arrow_schema
from experiments.data.sample.rules import expression_of, unless
from experiments.data.sample.windows import MonthCounts, closed_months, count_months, months_of, parts_in_bounds
from experiments.data.schema import ColumnSchema, ColumnTypeName, file_hash, read_schema
from experiments.data.target import MOST_SPELLINGS, spellings_of
from experiments.errors import BadInput, gettext_noop
from experiments.paths import AnyPath
from experiments.sentence import Sentence

__all__ = ["SampleReport", "build_sample"]

EVENT, NO_EVENT = "1", "0"
MANY_INDETERMINATES = 0.15
NO_ROWS_LEFT = gettext_noop(
    "None of the %(rows)s rows is left after this step: %(step)s. Loosen this step of the sample, or undo the "
    "definition."
)
ALL_ROWS = gettext_noop("All rows of the file")
LEFT_OUT = gettext_noop("Left out: %(column)s %(operator)s %(value)s")
INDETERMINATE = gettext_noop("Indeterminate: %(column)s %(operator)s %(value)s without the event")
IMMATURE = gettext_noop("Window of %(months)s months not closed by %(until)s")
NO_DATE = gettext_noop("No observation date, so it is not known whether the window is closed")
REMAINING = gettext_noop("Rows to build the model on")


@dataclass(frozen=True)
class SampleReport:
    r"""What became of the rows.

    Attributes
    ----------
    waterfall : ``{"step", "message", "params", "removed", "rows", "events"}`` a step, what is left after it.
    months : ``{"period", "rows", "events", "is_mature"}`` a month of observation, before the immature are left out.
    known_until : the date the windows were closed by. sha256 : of the written file.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from experiments.ingest.reading import ingest_file
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.csv").write_text("age,city,bad\n23,A,1\n45,B,0\n31,A,0\n")
    >>> _ = ingest_file(folder / "a.csv", folder / "a.parquet")
    >>> from experiments.data.sample.definition import SampleDefinition
    >>> from experiments.data.sample.rules import Rule
    >>> definition = SampleDefinition(exclusions=(Rule("city", "is", "B"),))
    >>> report = build_sample(folder / "a.parquet", folder / "b.parquet", definition=definition, target="bad")
    >>> [step["rows"] for step in report.waterfall]
    [3, 2, 2]
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
class _Kept:
    """Rows and events, all of them and those that stay, counted part by part."""

    rows: int = 0
    events: int = 0
    left: int = 0
    left_events: int = 0

    def add(self, kept: pl.Series, is_event: pl.Series) -> None:
        self.rows += len(kept)
        self.events += int(is_event.sum())
        self.left += int(kept.sum())
        self.left_events += int((kept & is_event).sum())


def build_sample(
    source: AnyPath,
    destination: AnyPath,
    *,
    definition: SampleDefinition,
    target: str,
    event: str | None = None,
    types: Mapping[str, ColumnTypeName] | None = None,
    on_progress: Callable[[float], None] = lambda fraction: None,
) -> SampleReport:
    r"""Write the rows a question is put to, typed as people decided, and count what each step left out.

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

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from experiments.ingest.reading import ingest_file
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.csv").write_text("age,city,bad\n23,A,1\n45,B,0\n31,A,0\n")
    >>> _ = ingest_file(folder / "a.csv", folder / "a.parquet")
    >>> from experiments.data.sample.definition import SampleDefinition
    >>> from experiments.data.sample.rules import Rule
    >>> definition = SampleDefinition(exclusions=(Rule("city", "is", "B"),))
    >>> build_sample(folder / "a.parquet", folder / "b.parquet", definition=definition, target="bad").rows
    2
    """
    source = Path(source)
    destination = Path(destination)
    schema = read_schema(source)
    refuse_faults(definition, schema)
    by_name = {column.name: column for column in schema}
    until, closed = closed_months(source, definition)
    months, steps = MonthCounts(closed), _steps(definition, by_name, until, closed)
    changed = changed_types(by_name, types or {}, definition)
    kept_so_far = _Kept()
    half_written = destination.with_suffix(".part")
    with pq.ParquetFile(source) as table:
        spellings = _spellings_of_event(table, target, event)
        plans = reading_plans(table, changed)
        layout = [
            replace(each, type=changed[each.name], reading=plans[each.name].reading) if each.name in changed else each
            for each in schema
        ]
        arrow_schema = retyped_arrow_schema(table.schema_arrow, changed, layout)
        with pq.ParquetWriter(half_written, arrow_schema, compression="zstd") as writer:
            for part in parts_in_bounds(table):
                frame = pl.DataFrame(part.select(_columns_needed(definition, target, by_name)))
                is_event = _is_event(frame, definition, target, spellings)
                kept = _apply(steps, frame, is_event, months, definition)
                kept_so_far.add(kept, is_event)
                writer.write_table(_written(part.filter(kept.to_arrow()), is_event.filter(kept), definition, changed,
                                            plans, arrow_schema))  # fmt: skip
                on_progress(kept_so_far.rows / max(1, table.metadata.num_rows))
    if kept_so_far.rows and not kept_so_far.left:
        half_written.unlink()
        worst = max(steps, key=lambda step: step.removed)
        raise BadInput(NO_ROWS_LEFT, rows=f"{kept_so_far.rows:,}", step=str(Sentence(worst.message, worst.params)))
    half_written.replace(destination)
    return _report(
        kept_so_far, steps, months, until=until, sha256=file_hash(destination),
        counts_events=bool(definition.event or event),
    )  # fmt: skip


def _report(
    kept: _Kept, steps: list[_Step], months: MonthCounts, *, until: str | None, sha256: str, counts_events: bool
) -> SampleReport:
    indeterminate = sum(step.removed for step in steps if step.name == "indeterminate")
    return SampleReport(
        waterfall=_waterfall(steps, kept.rows, kept.events if counts_events else None),
        months=months.listed(),
        rows=kept.left,
        events=kept.left_events if counts_events else None,
        known_until=until,
        sha256=sha256,
        indeterminate_share=indeterminate / kept.rows if kept.rows else 0.0,
    )


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
        return frame.select(expression_of(definition.event, "numeric")).to_series()
    if not spellings:
        return pl.Series([False], dtype=pl.Boolean).new_from_index(0, frame.height)
    return as_texts(frame[target]).is_in(list(spellings)).fill_null(False)


def _steps(
    definition: SampleDefinition, by_name: Mapping[str, ColumnSchema], until: str | None, closed: frozenset[str]
) -> list[_Step]:
    steps = [
        _Step("exclusion", LEFT_OUT, asdict(rule), unless(rule, by_name[rule.column].type))
        for rule in definition.exclusions
    ]
    if definition.indeterminate:
        rule = definition.indeterminate
        steps.append(_Step("indeterminate", INDETERMINATE, asdict(rule), unless(rule, by_name[rule.column].type)))
    if definition.performance_months and definition.observed_at:
        column, known = definition.observed_at, list(closed)
        steps.append(_Step("undated", NO_DATE, {}, lambda frame: frame[column].is_not_null()))
        params = {"months": definition.performance_months, "until": until}
        steps.append(_Step("immature", IMMATURE, params, lambda frame: months_of(frame[column]).is_in(known)))
    return steps


def _apply(
    steps: list[_Step], frame: pl.DataFrame, is_event: pl.Series, months: MonthCounts, definition: SampleDefinition
) -> pl.Series:
    """Return which rows stay; each row is counted at the first step that leaves it out."""
    kept = pl.Series([True]).new_from_index(0, frame.height)
    is_counted = False
    for step in steps:
        if step.name == "immature":
            count_months(frame, kept, is_event, months, definition)
            is_counted = True
        stays = step.keep(frame).fill_null(False)
        if step.name == "indeterminate":
            stays = stays | is_event
        gone = kept & ~stays
        step.removed += int(gone.sum())
        step.removed_events += int((gone & is_event).sum())
        kept = kept & stays
    if not is_counted:
        count_months(frame, kept, is_event, months, definition)
    return kept


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
            # A row without the number has no outcome; it must not count as good.
            answers = pc.if_else(is_event.to_arrow(), EVENT, NO_EVENT)
            values = pc.if_else(pc.is_valid(part[name]).combine_chunks(), answers, pa.scalar(None, pa.string()))
        else:
            values = retyped(pl.Series(name, part[name]), plans[name]).to_arrow()
        place = part.schema.get_field_index(name)
        part = part.set_column(place, schema.field(name), pc.cast(values, schema.field(name).type))
    return part.cast(schema) if part.schema != schema else part
