"""A scorecard as one SELECT that a database can run, with the same points and probabilities as in Python."""

import itertools
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

import numpy as np

from experiments.errors import BadInput
from experiments.errors import gettext_noop as _
from experiments.evaluation.calibration import AnyCalibrator, BetaCalibrator, IsotonicCalibrator, PlattCalibrator
from experiments.features.binning import BinnedColumn
from experiments.features.generation import FeatureGenerator
from experiments.features.levels import BOOLEAN_WORDS
from experiments.scorecard.generated_sql import generated_sql

if TYPE_CHECKING:
    from experiments.scorecard.scorecard import Scorecard

Dialect = Literal["generic", "postgres", "mysql"]
DIALECTS: tuple[Dialect, ...] = ("generic", "postgres", "mysql")
# PostgreSQL cuts longer names off, MySQL refuses them.
LONGEST_NAME = 63
NO_SQL_FOR_COLUMN = _("The card reads %(column)s, a generated column that cannot be written as portable SQL.")
_INTEGER = re.compile(r"-?\d+")


def scorecard_sql(
    card: "Scorecard",
    table: str,
    dialect: Dialect = "generic",
    *,
    calibrator: AnyCalibrator | None = None,
    with_score: bool = True,
    other_columns: Iterable[str] = (),
    generator: FeatureGenerator | None = None,
) -> str:
    """Return one SELECT: all columns of ``table``, the points of each characteristic, their sum, score, probability.

    ``points`` is the sum of the card's rows. ``probability`` is the card's own or, with a ``calibrator``, the
    calibrated one; ``score`` are the points that mean this probability, so without a calibrator it equals ``points``.

    Parameters
    ----------
    table : name of the table; a schema stands before a dot. Names are quoted, whatever they hold.
    dialect : ``generic`` is standard SQL with names in double quotes (SQLite, DuckDB, Oracle); ``postgres`` also takes
        NaN for empty; ``mysql`` quotes names by backticks and compares text to the letter.
    with_score : leave ``score`` out where a model's score is not in points.
    other_columns : columns of ``table`` that are not on the card; what is added gets a number where its name is taken
        by one of them or by a column of the card.
    generator : makes the columns of the card that are not in ``table``.

    Raises
    ------
    BadInput : a generated column has no portable SQL.

    Notes
    -----
    Numbers are compared as they are, so a column of numbers has to be numeric in the database; categories are compared
    as trimmed text. A level that training never saw gets the points of the rare levels or, where there were none, those
    of the average customer, as in Python.
    """
    writer = _Writer(card, table, dialect, other_columns, generator or FeatureGenerator("off"))
    return writer.select(calibrator, with_score=with_score)


class _Writer:
    def __init__(
        self,
        card: "Scorecard",
        table: str,
        dialect: Dialect,
        other_columns: Iterable[str],
        generator: FeatureGenerator,
    ) -> None:
        if dialect not in DIALECTS:
            raise ValueError(f"unknown dialect: {dialect}")
        self.card = card
        self.table = table
        self.dialect = dialect
        self.generator = generator
        self.taken = {name.casefold() for name in (*card.columns_, *other_columns)}

    def select(self, calibrator: AnyCalibrator | None, *, with_score: bool) -> str:
        columns = list(self.card.binning_.bins_.values())
        names = [self._free_name(f"points_{column.name}", f"points_{n}") for n, column in enumerate(columns, start=1)]
        points, log_odds = self._free_name("points", "total_points"), self._free_name("log_odds")
        parts = [
            f"{self._points(column, coefficient)} AS {name}"
            for column, coefficient, name in zip(columns, self.card.coefficients_, names, strict=True)
        ]
        total = " + ".join(names) or _number(self.card.scale.score_from_margin(np.array(self.card.intercept_)))
        last = [f"1e0 / (1e0 + EXP(-{log_odds})) AS {self._free_name('probability')}"]
        if with_score:
            last.insert(0, f"{self._score_of(log_odds)} AS {self._free_name('score')}")
        found = f"SELECT source.*{_listed(parts)}\nFROM {self._source()} AS source"
        found = f"SELECT binned.*,\n  {total} AS {points}\nFROM (\n{_indented(found)}\n) AS binned"
        margin = self._log_odds(points, calibrator)
        found = f"SELECT added.*,\n  {margin} AS {log_odds}\nFROM (\n{_indented(found)}\n) AS added"
        return f"SELECT scored.*{_listed(last)}\nFROM (\n{_indented(found)}\n) AS scored"

    def _free_name(self, wanted: str, otherwise: str = "") -> str:
        """Return a quoted name for what is added, another than wanted where that is long or (case aside) taken."""
        otherwise = otherwise or wanted
        choices = itertools.chain((wanted, otherwise), (f"{otherwise}_{number}" for number in itertools.count(2)))
        name = next(x for x in choices if len(x.encode()) <= LONGEST_NAME and x.casefold() not in self.taken)
        self.taken.add(name.casefold())
        return self.name(name)

    def name(self, text: str) -> str:
        """Return an identifier, quoted."""
        mark = "`" if self.dialect == "mysql" else '"'
        return mark + text.replace(mark, 2 * mark) + mark

    def text(self, text: str) -> str:
        """Return a literal of text, quoted."""
        if self.dialect == "mysql":
            text = text.replace("\\", "\\\\")
        return "'" + text.replace("'", "''") + "'"

    def _source(self) -> str:
        """Return the table, or what adds to it the generated columns that the card reads."""
        table = ".".join(self.name(part) for part in self.table.split("."))
        wanted = [feature for feature in self.generator.features_ if feature.name in self.card.columns_]
        if not wanted:
            return table
        parts = []
        for feature in wanted:
            expression = generated_sql(feature, self._double_of)
            if expression is None:
                raise BadInput(NO_SQL_FOR_COLUMN, column=feature.name)
            parts.append(f"{expression} AS {self.name(feature.name)}")
        made = f"SELECT original.*{_listed(parts)}\nFROM {table} AS original"
        return f"(\n{_indented(made)}\n)"

    def _double_of(self, column: str) -> str:
        """Return a column as doubles, NULL where it is empty or holds a special value."""
        source = f"original.{self.name(column)}"
        double = f"CAST({source} AS {'DOUBLE' if self.dialect == 'mysql' else 'DOUBLE PRECISION'})"
        codes = [_number(code) for code in (self.generator.special_values or {}).get(column, [])]
        if self.dialect == "postgres":
            codes.append("CAST('NaN' AS DOUBLE PRECISION)")
        return f"CASE WHEN {double} NOT IN ({', '.join(codes)}) THEN {double} END" if codes else double

    def _points(self, column: BinnedColumn, coefficient: float) -> str:
        """Return the CASE that gives a characteristic's points."""
        points = [row["points"] for row in self.card.rows_of(column, coefficient)]
        neutral = self.card.neutral_points()
        by_kind = {bin_.kind: worth for bin_, worth in zip(column.bins, points, strict=True)}
        source = f"source.{self.name(column.name)}"
        value = self._value(column, source)
        empty = by_kind.get("missing", neutral)
        lines = [f"WHEN {self._is_empty(column, source, value)} THEN {_number(empty)}"]
        lines += [
            f"WHEN {value} IN ({', '.join(self._literals(column, bin_.levels))}) THEN {_number(worth)}"
            for bin_, worth in zip(column.bins, points, strict=True)
            if bin_.levels and bin_.kind != "other"
        ]
        ranges = [(bin_.high, worth) for bin_, worth in zip(column.bins, points, strict=True) if bin_.kind == "range"]
        lines += [f"WHEN {value} < {self._edge(column, high)} THEN {_number(worth)}" for high, worth in ranges[:-1]]
        rest = ranges[-1][1] if ranges else by_kind.get("other", neutral)
        body = "\n    ".join([*lines, f"ELSE {_number(rest)}"])
        return f"CASE\n    {body}\n  END"

    def _value(self, column: BinnedColumn, source: str) -> str:
        if column.type == "boolean":
            yes, no = (
                ", ".join(self.text(word) for word, flag in BOOLEAN_WORDS.items() if flag == wanted)
                for wanted in (1.0, 0.0)
            )
            word = f"LOWER({self._as_text(source)})"
            return f"CASE WHEN {word} IN ({yes}, '1.0') THEN 1 WHEN {word} IN ({no}, '0.0') THEN 0 END"
        if column.type == "date":
            return f"CAST({source} AS {'DATETIME(6)' if self.dialect == 'mysql' else 'TIMESTAMP'})"
        return source if column.is_ordered else self._as_text(source)

    def _as_text(self, source: str) -> str:
        if self.dialect == "mysql":
            return f"TRIM(CONVERT({source} USING utf8mb4)) COLLATE utf8mb4_bin"
        return f"TRIM(CAST({source} AS {'TEXT' if self.dialect == 'postgres' else 'VARCHAR(4000)'}))"

    def _is_empty(self, column: BinnedColumn, source: str, value: str) -> str:
        if column.type == "numeric" and self.dialect == "postgres":
            return f"{source} IS NULL OR CAST({source} AS DOUBLE PRECISION) = CAST('NaN' AS DOUBLE PRECISION)"
        if column.is_ordered:
            return f"{value} IS NULL"
        return f"{source} IS NULL OR {value} = ''"

    def _literals(self, column: BinnedColumn, levels: list[str]) -> list[str]:
        if column.is_ordered:
            return [self._edge(column, float(level)) for level in levels]
        # A number that stands for a category may come as 1 or as 1.0, and both are one level.
        return [
            self.text(text)
            for level in levels
            for text in ([level, f"{level}.0"] if _INTEGER.fullmatch(level) else [level])
        ]

    def _edge(self, column: BinnedColumn, edge: float | None) -> str:
        if column.type == "date":
            moment = datetime(1970, 1, 1) + timedelta(microseconds=round((edge or 0.0) * 86_400_000_000))
            return f"TIMESTAMP '{moment.isoformat(sep=' ')}'"
        return _number(edge or 0.0)

    def _log_odds(self, points: str, calibrator: AnyCalibrator | None) -> str:
        """Return the log-odds of the event for the sum of points."""
        scale = self.card.scale
        margin = f"({_number(scale.offset)} - {points}) * {_number(scale.direction / scale.factor)}"
        match calibrator:
            case None:
                return margin
            case PlattCalibrator(intercept, slope):
                return f"{_number(intercept)} + {_number(slope)} * ({margin})"
            case BetaCalibrator(intercept, a, b):
                of_low, of_high = f"-LN(1e0 + EXP(-({margin})))", f"LN(1e0 + EXP({margin}))"
                return f"{_number(intercept)} + {_number(a)} * ({of_low}) + {_number(b)} * ({of_high})"
            case IsotonicCalibrator(margins, calibrated):
                return _broken_line(f"({margin})", margins, calibrated)

    def _score_of(self, log_odds: str) -> str:
        scale = self.card.scale
        return f"{_number(scale.offset)} - {_number(scale.direction * scale.factor)} * {log_odds}"


def _broken_line(value: str, xs: tuple[float, ...], ys: tuple[float, ...]) -> str:
    """Return the CASE for straight lines between the points and slope 1 beyond both ends."""
    lines = [f"WHEN {value} <= {_number(xs[0])} THEN {value} + {_number(ys[0] - xs[0])}"]
    for x, y, next_x, next_y in zip(xs, ys, xs[1:], ys[1:], strict=False):
        if next_x > x:
            slope = _number((next_y - y) / (next_x - x))
            lines.append(f"WHEN {value} <= {_number(next_x)} THEN {_number(y)} + {slope} * ({value} - {_number(x)})")
    body = "\n    ".join([*lines, f"ELSE {value} + {_number(ys[-1] - xs[-1])}"])
    return f"CASE\n    {body}\n  END"


def _number(value: float | np.ndarray) -> str:
    """Return a literal that every database reads as the same double: all digits, with an exponent."""
    text = repr(float(value))
    literal = text if "e" in text else f"{text}e0"
    return f"({literal})" if literal.startswith("-") else literal


def _listed(parts: list[str]) -> str:
    return "".join(f",\n  {part}" for part in parts)


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.split("\n"))
