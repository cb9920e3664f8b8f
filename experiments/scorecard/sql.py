"""A scorecard as one SELECT that a database can run, with the same points and probabilities as in Python."""

import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from experiments.data.schema import ColumnReading
from experiments.errors import BadInput
from experiments.errors import gettext_noop as _
from experiments.evaluation.calibrators import AnyCalibrator, BetaCalibrator, IsotonicCalibrator, PlattCalibrator
from experiments.features.bins import Bin, BinnedColumn
from experiments.features.levels import BOOLEAN_WORDS
from experiments.generation import FeatureGenerator
from experiments.scorecard.dates_sql import DatesSql
from experiments.scorecard.generated_sql import generated_sql
from experiments.scorecard.reading_sql import Dialect, ReadingSql, indented, with_clause
from experiments.scorecard.scorecard import Scorecard

__all__ = ["scorecard_sql"]

DIALECTS: tuple[Dialect, ...] = ("generic", "postgres", "mysql")
# PostgreSQL cuts longer names off, MySQL refuses them.
LONGEST_NAME = 63
NO_SQL_FOR_COLUMN = _("The scorecard uses the derived column %(column)s, which cannot be written as portable SQL.")
_INTEGER = re.compile(r"-?\d+")


def scorecard_sql(
    card: Scorecard,
    table: str,
    *,
    dialect: Dialect = "generic",
    calibrator: AnyCalibrator | None = None,
    with_score: bool = True,
    other_columns: Iterable[str] = (),
    generator: FeatureGenerator | None = None,
    readings: Mapping[str, ColumnReading] | None = None,
    has_typed_numbers: bool = False,
) -> str:
    """Return one SELECT: all columns of ``table``, the points of each characteristic, their sum, score, probability.

    ``points`` is the sum of the card's rows. ``probability`` is the card's own or, with a ``calibrator``, the
    calibrated one; ``score`` are the points that mean this probability, so without a calibrator it equals ``points``.

    Parameters
    ----------
    table : name of the table; a schema stands before a dot. Names are quoted, whatever they hold.
    dialect : ``generic`` runs in SQLite and DuckDB, ``postgres`` in PostgreSQL, ``mysql`` in MySQL 8 and MariaDB.
    with_score : leave ``score`` out where a model's score is not in points.
    other_columns : columns of ``table`` that are not on the card; what is added gets a number where its name is taken
        by one of them or by a column of the card.
    generator : makes the columns of the card that are not in ``table``.
    readings : how the columns were written in training, which settles what a text could mean in two ways.
    has_typed_numbers : whether all columns of numbers are numeric in the database, which makes a shorter statement.

    Returns
    -------
    str
        The statement, without a closing semicolon.

    Raises
    ------
    BadInput : a generated column has no portable SQL.

    Notes
    -----
    Cells are read as scoring a file reads them: spaces of all kinds around a text, words for nothing and the ="…" of
    spreadsheets are taken off; numbers and dates may be texts in any writing, such as 1,234, 12%, ￥1.2万 or
    １２; what is none is empty. A level that training never saw gets the points of the rare levels or, where there were
    none, those of the average customer, as in Python.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> frame = pd.DataFrame({"age": np.arange(400) // 100})
    >>> y = np.where(frame["age"] == 0, np.arange(400) % 2, np.arange(400) % 5 == 0)
    >>> card = Scorecard(max_p_value=1.0).fit(frame, y)
    >>> statement = scorecard_sql(card, "loans", has_typed_numbers=True)
    >>> 'FROM "loans"' in statement
    True
    """
    reader = ReadingSql(_known(dialect), readings)
    writer = _Writer(card, table, reader, other_columns, generator or FeatureGenerator("off"), has_typed_numbers)
    return writer.select(calibrator, with_score=with_score)


def _known(dialect: Dialect) -> Dialect:
    if dialect not in DIALECTS:
        raise ValueError(f"unknown dialect: {dialect}")
    return dialect


class _Writer:
    def __init__(
        self,
        card: Scorecard,
        table: str,
        reader: ReadingSql,
        other_columns: Iterable[str],
        generator: FeatureGenerator,
        has_typed_numbers: bool,
    ) -> None:
        self.card = card
        self.reader = reader
        self.dialect = reader.dialect
        self.name, self.text = reader.name, reader.text
        self.table = ".".join(self.name(part) for part in table.split("."))
        self.generator = generator
        self.made = [feature for feature in generator.features_ if feature.name in card.columns_]
        self.joined = {} if has_typed_numbers else self._numbers_to_read()
        self.dates = DatesSql(reader)
        dates = [column.name for column in card.binning_.bins_.values() if column.type == "date"]
        self.dated = {name: f"date_{number}" for number, name in enumerate(dates, start=1)}
        self.taken = {name.casefold() for name in (*card.columns_, *other_columns)}

    def select(self, calibrator: AnyCalibrator | None, *, with_score: bool) -> str:
        columns = list(self.card.binning_.bins_.values())
        names = [self._free_name(f"points_{column.name}", f"points_{n}") for n, column in enumerate(columns, start=1)]
        points, log_odds = self._free_name("points", "total_points"), self._free_name("log_odds")
        parts = [
            f"{self._points(column, coefficient)} AS {name}"
            for column, coefficient, name in zip(columns, self.card.coefficients_, names, strict=True)
        ]
        total = " + ".join(names) or number_literal(self.card.scale.score_from_margin(np.array(self.card.intercept_)))
        last = [f"1e0 / (1e0 + EXP(-{log_odds})) AS {self._free_name('probability')}"]
        if with_score:
            last.insert(0, f"{self._score_of(log_odds)} AS {self._free_name('score')}")
        found = f"SELECT source.*{_listed(parts)}\nFROM {self._source()} AS source{self._joins('source')}"
        found = f"SELECT binned.*,\n  {total} AS {points}\nFROM (\n{indented(found)}\n) AS binned"
        margin = self._log_odds(points, calibrator)
        found = f"SELECT added.*,\n  {margin} AS {log_odds}\nFROM (\n{indented(found)}\n) AS added"
        found = f"SELECT scored.*{_listed(last)}\nFROM (\n{indented(found)}\n) AS scored"
        tables = self.reader.tables(self.table, list(self.joined)) if self.joined else []
        tables += self.dates.tables(self.table, list(self.dated)) if self.dated else []
        return f"{with_clause(tables)}\n{found}" if tables else found

    def _free_name(self, wanted: str, otherwise: str = "") -> str:
        """Return a quoted name for what is added, another than wanted where that is long or (case aside) taken."""
        otherwise = otherwise or wanted
        choices = itertools.chain((wanted, otherwise), (f"{otherwise}_{number}" for number in itertools.count(2)))
        name = next(x for x in choices if len(x.encode()) <= LONGEST_NAME and x.casefold() not in self.taken)
        self.taken.add(name.casefold())
        return self.name(name)

    def _numbers_to_read(self) -> dict[str, str]:
        """Return the columns of the table that hold numbers, each with the alias of what is read of its texts."""
        made = {feature.name for feature in self.made}
        own = [column.name for column in self.card.binning_.bins_.values() if column.type == "numeric"]
        sources = [source for feature in self.made for source in feature.sources]
        wanted = dict.fromkeys([*(name for name in own if name not in made), *sources])
        return {name: f"read_{number}" for number, name in enumerate(wanted, start=1)}

    def _joins(self, alias: str) -> str:
        """Return the joins that bring what is read of the texts of the columns that are needed there."""
        inside = {source for feature in self.made for source in feature.sources}
        own = set(self.card.columns_)
        wanted = [name for name in self.joined if (name in own if alias == "source" else name in inside)]
        joins = [self.reader.join(f"{alias}.{self.name(name)}", self.joined[name]) for name in wanted]
        if alias == "source":
            joins += [self.dates.join(f"source.{self.name(name)}", self.dated[name]) for name in self.dated]
        return "".join(f"\n{join}" for join in joins)

    def _source(self) -> str:
        """Return the table, or what adds to it the generated columns that the card reads."""
        if not self.made:
            return self.table
        parts = []
        for feature in self.made:
            expression = generated_sql(feature, self._double_of)
            if expression is None:
                raise BadInput(NO_SQL_FOR_COLUMN, column=feature.name)
            parts.append(f"{expression} AS {self.name(feature.name)}")
        made = f"SELECT original.*{_listed(parts)}\nFROM {self.table} AS original{self._joins('original')}"
        return f"(\n{indented(made)}\n)"

    def _double_of(self, column: str) -> str:
        """Return a column as doubles, NULL where it is empty or holds a special value."""
        source = f"original.{self.name(column)}"
        double = self.reader.as_double(source)
        if column in self.joined:
            read = self.reader.read_number(column, self.joined[column])
            double = f"CASE WHEN {self.reader.is_plain(source, column)} THEN {double} ELSE {read} END"
        codes = [number_literal(code) for code in (self.generator.special_values or {}).get(column, [])]
        if self.dialect == "postgres":
            codes.append("CAST('NaN' AS DOUBLE PRECISION)")
        return f"CASE WHEN {double} NOT IN ({', '.join(codes)}) THEN {double} END" if codes else double

    def _points(self, column: BinnedColumn, coefficient: float) -> str:
        """Return the CASE that gives a characteristic's points."""
        source = f"source.{self.name(column.name)}"
        bins = _Bins(
            column, [row["points"] for row in self.card.rows_of(column, coefficient)], self.card.neutral_points()
        )
        if column.name in self.joined:
            plain = self._ordered(bins, self.reader.as_double(source))
            read = self._ordered(bins, self.reader.read_number(column.name, self.joined[column.name]))
            return f"CASE\n    WHEN {self.reader.is_plain(source, column.name)} THEN {plain}\n    ELSE {read}\n  END"
        if column.is_ordered:
            return self._ordered(bins, self._value(column, source))
        return self._categories(bins, source)

    def _ordered(self, bins: "_Bins", value: str) -> str:
        """Return the points of numbers, dates or flags."""
        column = bins.column
        lines = [f"WHEN {self._is_empty(column, value)} THEN {number_literal(bins.empty)}"]
        lines += [
            f"WHEN {value} IN ({', '.join(map(number_literal, map(float, bin_.levels)))}) THEN {number_literal(worth)}"
            for bin_, worth in bins.pairs
            if bin_.levels and bin_.kind != "other"
        ]
        ranges = [(bin_.high, worth) for bin_, worth in bins.pairs if bin_.kind == "range"]
        lines += [
            f"WHEN {value} < {number_literal(high or 0.0)} THEN {number_literal(worth)}" for high, worth in ranges[:-1]
        ]
        return _case(lines, ranges[-1][1] if ranges else bins.rest)

    def _categories(self, bins: "_Bins", source: str) -> str:
        """Return the points of categories."""
        tidy = self.reader.tidy(self.reader.as_text(source))
        level = self.reader.trimmed(tidy)
        lines = [f"WHEN {self.reader.is_nothing(tidy)} OR {level} = '' THEN {number_literal(bins.empty)}"]
        lines += [
            f"WHEN {self._is_level(level, bin_.levels)} THEN {number_literal(worth)}"
            for bin_, worth in bins.pairs
            if bin_.levels and bin_.kind != "other"
        ]
        return _case(lines, bins.rest)

    def _is_level(self, level: str, wanted: list[str]) -> str:
        """Whether a text is one of these levels; 3, 3.0 and 3.00 are one level, for a number may come as each."""
        whole = [text for text in wanted if _INTEGER.fullmatch(text)]
        found = f"{level} IN ({self.reader.listed(wanted)})"
        if not whole:
            return found
        pointed = self.reader.listed(f"{text}." for text in whole)
        return f"{found} OR ({level} LIKE '%.0%' AND {self.reader.rtrim(level, '0')} IN ({pointed}))"

    def _value(self, column: BinnedColumn, source: str) -> str:
        if column.type == "boolean":
            level = self.reader.trimmed(self.reader.tidy(self.reader.as_text(source)))
            yes, no = (
                self._is_level(f"LOWER({level})", [word for word, flag in BOOLEAN_WORDS.items() if flag == wanted])
                for wanted in (1.0, 0.0)
            )
            return f"CASE WHEN {yes} THEN 1 WHEN {no} THEN 0 END"
        if column.type == "date":
            return self.dates.days(column.name, self.dated[column.name])
        return source

    def _is_empty(self, column: BinnedColumn, value: str) -> str:
        if column.type != "numeric":
            return f"{value} IS NULL"
        return f"{value} IS NULL OR {self.reader.is_not_a_number(value)}"

    def _log_odds(self, points: str, calibrator: AnyCalibrator | None) -> str:
        """Return the log-odds of the event for the sum of points."""
        scale = self.card.scale
        margin = f"({number_literal(scale.offset)} - {points}) * {number_literal(scale.direction / scale.factor)}"
        return margin if calibrator is None else calibrated_sql(margin, calibrator)

    def _score_of(self, log_odds: str) -> str:
        scale = self.card.scale
        return f"{number_literal(scale.offset)} - {number_literal(scale.direction * scale.factor)} * {log_odds}"


@dataclass(frozen=True)
class _Bins:
    """A characteristic's bins with their points, and the points where training has no counterpart."""

    column: BinnedColumn
    points: list[float]
    neutral: float

    @property
    def pairs(self) -> list[tuple[Bin, float]]:
        return list(zip(self.column.bins, self.points, strict=True))

    @property
    def empty(self) -> float:
        return self._of_kind("missing")

    @property
    def rest(self) -> float:
        return self._of_kind("other")

    def _of_kind(self, kind: str) -> float:
        return {bin_.kind: worth for bin_, worth in self.pairs}.get(kind, self.neutral)


def _case(lines: list[str], otherwise: float) -> str:
    body = "\n    ".join([*lines, f"ELSE {number_literal(otherwise)}"])
    return f"CASE\n    {body}\n  END"


def calibrated_sql(margin: str, calibrator: AnyCalibrator) -> str:
    """Return the calibrated log-odds of an expression that gives log-odds."""
    match calibrator:
        case PlattCalibrator(intercept, slope):
            return f"{number_literal(intercept)} + {number_literal(slope)} * ({margin})"
        case BetaCalibrator(intercept, a, b):
            of_low, of_high = f"-LN(1e0 + EXP(-({margin})))", f"LN(1e0 + EXP({margin}))"
            return f"{number_literal(intercept)} + {number_literal(a)} * ({of_low}) + {number_literal(b)} * ({of_high})"
        case IsotonicCalibrator(margins, calibrated):
            return _broken_line(f"({margin})", margins, calibrated)


def _broken_line(value: str, xs: tuple[float, ...], ys: tuple[float, ...]) -> str:
    """Return the CASE for straight lines between the points and slope 1 beyond both ends."""
    lines = [f"WHEN {value} <= {number_literal(xs[0])} THEN {value} + {number_literal(ys[0] - xs[0])}"]
    for x, y, next_x, next_y in zip(xs, ys, xs[1:], ys[1:], strict=False):
        if next_x > x:
            slope = number_literal((next_y - y) / (next_x - x))
            line = f"{number_literal(y)} + {slope} * ({value} - {number_literal(x)})"
            lines.append(f"WHEN {value} <= {number_literal(next_x)} THEN {line}")
    body = "\n    ".join([*lines, f"ELSE {value} + {number_literal(ys[-1] - xs[-1])}"])
    return f"CASE\n    {body}\n  END"


def number_literal(value: float | np.ndarray) -> str:
    """Return a literal that every database reads as the same double: all digits, with an exponent."""
    text = repr(float(value))
    literal = text if "e" in text else f"{text}e0"
    return f"({literal})" if literal.startswith("-") else literal


def _listed(parts: list[str]) -> str:
    return "".join(f",\n  {part}" for part in parts)
