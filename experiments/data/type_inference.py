"""Decides each column's type from all of its rows, and the SQL that turns its text into that type."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb

from experiments.data.delimited import Note
from experiments.data.schema import ColumnTypeName
from experiments.errors import gettext_noop

CELLS_IN_SAMPLE = 1_000_000
ROWS_IN_SAMPLE = 20_000
MOSTLY = 0.95
FEW_WORDS = 20
LARGEST_NUMBER = 1e30
LARGEST_EXACT = 1e15
LONG_TEXT = 60
MANY_LEVELS = 100

# Read as missing everywhere …
MISSING = ("", "NULL", "null", "Null", "\\N", "NaN", "nan", "NAN", "#N/A", "N/A", "n/a", "<NA>", "#NULL!", "#DIV/0!")
# … and these only where the other values are numbers or dates: as a category they may mean something.
MISSING_AMONG_NUMBERS = (
    *("NA", "na", "None", "none", "-", "--", "—", ".", "?", "unknown", "Unknown", "missing", "#VALUE!", "#REF!"),
    *("无", "未知", "空", "缺失", "不详", "0000-00-00", "00000000"),
)
YES_NO = (
    *(("yes", "no"), ("y", "n"), ("true", "false"), ("t", "f"), ("是", "否"), ("有", "无"), ("对", "错"), ("真", "假")),
)
DATE_FORMATS = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y年%m月"),
    *("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M"),
    *("%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%dT%H:%M:%SZ", "%Y年%m月%d日 %H:%M:%S"),
    *("%Y-%m", "%Y/%m", "%b-%Y", "%d-%b-%Y", "%d %b %Y", "%Y%m%d %H:%M:%S"),
)
DAY_FIRST, MONTH_FIRST = "%d/%m/%Y", "%m/%d/%Y"

WORDS_DROPPED = gettext_noop(
    "%(column)s: %(count)s of %(rows)s values are words (%(words)s) among numbers; they count as missing."
)
WORDS_KEPT = gettext_noop(
    "%(column)s mixes numbers and words (%(count)s of %(rows)s values are words, such as %(words)s); it is read as a "
    "category."
)
HUGE = gettext_noop(
    "%(column)s: %(count)s values are infinite or larger than any amount (beyond 10 to the power of 30); they count "
    "as missing."
)
FORMATTED = gettext_noop(
    "%(column)s: %(count)s numbers were written with signs such as %%, 万, ￥ or thousands commas and were converted."
)
LEADING_ZERO = gettext_noop("%(column)s has codes that begin with 0 and is kept as text, so that no zero is lost.")
LONG_NUMBERS = gettext_noop(
    "%(column)s has numbers of more than 15 digits and is kept as text, so that no digit is lost."
)
RUINED_BY_EXCEL = gettext_noop(
    "%(column)s holds long numbers written like 6.22E+18: their last digits were lost before the upload. Export the "
    "column as text if it is an account or card number."
)
UNREADABLE_DATES = gettext_noop("%(column)s: %(count)s of %(rows)s values are not dates (%(words)s); they count as missing.")
DAY_OR_MONTH = gettext_noop("%(column)s: dates such as 01/02/2024 were read as %(order)s.")
DAY_FIRST_WORDS = gettext_noop("day/month/year")
MONTH_FIRST_WORDS = gettext_noop("month/day/year")
NOT_AS_EXPECTED = gettext_noop(
    "%(column)s: %(count)s of %(rows)s values are not of the expected type (%(words)s); they count as missing."
)


@dataclass(frozen=True)
class ColumnPlan:
    """What a column becomes: its type, the SQL expression over ``{v}`` that makes it, and notes on the way."""

    type: ColumnTypeName
    sql: str
    notes: tuple[Note, ...] = ()


def _quoted(words: Sequence[str]) -> str:
    return ", ".join("'" + word.replace("'", "''") + "'" for word in words)


def text_value(column: str) -> str:
    """SQL for a trimmed text in which the usual words for nothing are NULL."""
    return f"CASE WHEN trim({column}) IN ({_quoted(MISSING)}) THEN NULL ELSE trim({column}) END"


# A number as try_cast reads it, but not 1_000, which it would take for one thousand.
NUMBER = "CASE WHEN contains({v}, '_') THEN NULL ELSE try_cast({v} AS DOUBLE) END"
# Full-width digits and signs to plain ones, then without currency signs and blanks.
PLAIN = (
    "regexp_replace(translate({v}, '０１２３４５６７８９．，％－＋￥　', '0123456789.,%-+¥ '), '[¥$€£\\s]|元$|CNY|RMB', '', 'g')"
)
FORMATTED_PATTERN = r"[-+]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?[%万亿]?"
HAS_DIGIT = "regexp_matches({v}, '[0-9０-９]')"
AMOUNT_SHAPE = r"[-+－＋]?\s*(CNY|RMB|[￥¥$€£])?[\s　]*[-+]?[0-9０-９][0-9０-９,，.．]*\s*[%％万亿]?\s*(元|CNY|RMB)?"
FORMATTED_NUMBER = (
    f"CASE WHEN regexp_full_match({{v}}, '{AMOUNT_SHAPE}') AND ({NUMBER}) IS NULL AND regexp_full_match({PLAIN}, '{FORMATTED_PATTERN}') THEN "
    f"try_cast(regexp_replace({PLAIN}, '[,%万亿]', '', 'g') AS DOUBLE) * CASE right({PLAIN}, 1) "
    "WHEN '%' THEN 0.01 WHEN '万' THEN 1e4 WHEN '亿' THEN 1e8 ELSE 1 END END"
)
EIGHT_DIGITS = (
    "CASE WHEN length({v}) = 8 AND {v} BETWEEN '19000101' AND '21001231' THEN try_strptime({v}, '%Y%m%d') END"
)
# Trying a score of formats is dear: only values that look like a date are tried.
DATE_SHAPE = r"\d{4}[-/.年]\d{1,2}.*|\d{1,2}[- ][A-Za-z]{3}[- ]\d{4}|[A-Za-z]{3}-\d{4}|\d{8} \d\d:.*"
SLASH_SHAPE = r"\d{1,2}/\d{1,2}/\d{4}"
WRITTEN_DATE = (
    f"CASE WHEN regexp_full_match({{v}}, '{DATE_SHAPE}') THEN try_strptime({{v}}, [{_quoted(DATE_FORMATS)}]) END"
)


def _slash_date(order: str) -> str:
    return f"CASE WHEN regexp_full_match({{v}}, '{SLASH_SHAPE}') THEN try_strptime({{v}}, '{order}') END"


ODD = f"{{v}} IN ({_quoted(MISSING_AMONG_NUMBERS)})"

# What is counted over all rows of a column; cheap tests first, the dear ones only where the sample calls for them.
BASIC = {
    "present": "count({v})",
    "numbers": f"count({NUMBER})",
    "levels": "approx_count_distinct({v})",
}
FOR_NUMBERS = {
    "whole": f"count(*) FILTER (({NUMBER}) = floor({NUMBER}) AND abs({NUMBER}) < {LARGEST_EXACT})",
    "leading_zero": "count(*) FILTER ({v} LIKE '0_%' AND {v} NOT LIKE '0.%' AND {v} NOT LIKE '0e%')",
    "long": f"count(*) FILTER (length({{v}}) > 15 AND abs({NUMBER}) >= {LARGEST_EXACT} AND regexp_full_match({{v}}, '\\d+'))",
    "ruined": "count(*) FILTER (contains({v}, 'E+1') AND regexp_full_match({v}, '\\d\\.\\d+E\\+1[5-9]'))",
    "huge": f"count(*) FILTER (abs({NUMBER}) > {LARGEST_NUMBER} OR isnan({NUMBER}))",
    "eight_digit_dates": f"count({EIGHT_DIGITS})",
}
FOR_WORDS = {
    "odd": f"count(*) FILTER ({ODD})",
    "formatted": f"count({FORMATTED_NUMBER})",
    "dates": f"count({WRITTEN_DATE})",
    "day_first": f"count({_slash_date(DAY_FIRST)})",
    "month_first": f"count({_slash_date(MONTH_FIRST)})",
    "codes": f"count(*) FILTER (({NUMBER}) IS NULL AND NOT ({ODD}) AND {HAS_DIGIT})",
    "yes_no": " OR ".join(
        f"count(*) FILTER (lower({{v}}) NOT IN ({_quoted(pair)})) = 0" for pair in YES_NO
    ),
    "length": "avg(length({v}))",
}
EVERYTHING = BASIC | FOR_NUMBERS | FOR_WORDS


def infer_types(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    columns: Sequence[tuple[str, str, str]],
    expected: Mapping[str, ColumnTypeName] | None = None,
) -> list[ColumnPlan]:
    """Return a plan for each column of a relation, from counts over all of its rows.

    A sample only decides which tests are worth running on all rows; where all rows surprise, every test is run.

    Parameters
    ----------
    relation : SQL that can stand after FROM. columns : ``(column in SQL, name, DuckDB type)``.
    expected : types that are known already, by name (a file to be scored has the types of development).
    """
    inference = _Inference(connection, relation, columns, dict(expected or {}))
    return inference.plans()


class _Inference:
    """The state of one inference: the relation, a sample of it, and what was counted."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        relation: str,
        columns: Sequence[tuple[str, str, str]],
        expected: dict[str, ColumnTypeName],
    ) -> None:
        self.connection = connection
        self.relation = relation
        self.columns = columns
        self.expected = expected
        self.source = {column: _as_text(column, type_) for column, _, type_ in columns}

    def plans(self) -> list[ColumnPlan]:
        whole = self._take_sample()
        native = {column: type_ for column, _, type_ in self.columns if self._stays_native(column, type_)}
        texts = [column for column, _, _ in self.columns if column not in native]
        counts = self._measure("sample", {column: EVERYTHING for column in texts})
        if not whole:
            counts = self._measure_all(texts, counts)
        huge = self._measure_native(native)
        plans = []
        for column, name, type_ in self.columns:
            if column in native:
                plans.append(_native_plan(name, type_, huge.get(column, 0)))
            else:
                plans.append(self._decide(column, name, counts[column]))
        return plans

    def _take_sample(self) -> bool:
        """Keep the first rows as a table of texts; tell whether these are all rows."""
        rows = max(500, min(ROWS_IN_SAMPLE, CELLS_IN_SAMPLE // max(1, len(self.columns))))
        selected = ", ".join(f"{self._clean(column)} AS {column}" for column, _, _ in self.columns)
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE sample AS SELECT {selected} FROM {self.relation} LIMIT {rows}"  # noqa: S608
        )
        (taken,) = self.connection.execute("SELECT count(*) FROM sample").fetchone() or (0,)
        return taken < rows

    def _clean(self, column: str) -> str:
        return text_value(self.source[column])

    def _stays_native(self, column: str, type_: str) -> bool:
        if type_ == "VARCHAR" or not _is_native(type_):
            return False
        name = next(name for candidate, name, _ in self.columns if candidate == column)
        if name in self.expected:
            return self.expected[name] == _native_type(type_)
        if not _is_integer(type_):
            return True
        # Whole numbers may be dates (20240131) or codes too long for a float: those go the way of texts.
        dates, long, present = self.connection.execute(
            f"SELECT count({EIGHT_DIGITS.replace('{v}', column)}), "  # noqa: S608
            f"count(*) FILTER (length({column}) > 15), count({column}) FROM sample"
        ).fetchone() or (0, 0, 0)
        return not (present and (dates == present or long))

    def _measure_all(self, texts: list[str], sample: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        wanted = {column: _worthwhile(sample[column]) for column in texts}
        counts = self._measure(None, wanted)
        surprises = [column for column in texts if _is_surprise(counts[column], sample[column])]
        if surprises:
            counts |= self._measure(None, {column: EVERYTHING for column in surprises})
        return {column: dict.fromkeys(EVERYTHING, 0) | counts[column] for column in texts}

    def _measure(self, table: str | None, wanted: dict[str, dict[str, str]]) -> dict[str, dict[str, Any]]:
        """Count the wanted tests of each column, in one pass over the sample or the whole relation."""
        if not wanted:
            return {}
        if table and len(wanted) > 50:
            return self._measure_long(table, list(wanted))
        inner = ", ".join(column if table else f"{self._clean(column)} AS {column}" for column in wanted)
        aggregates = [sql.replace("{v}", column) for column, tests in wanted.items() for sql in tests.values()]
        found = self.connection.execute(
            f"SELECT {', '.join(aggregates)} FROM (SELECT {inner} FROM {table or self.relation})"  # noqa: S608
        ).fetchone()
        values = iter(found or ())
        return {column: {test: next(values) for test in tests} for column, tests in wanted.items()}

    def _measure_long(self, table: str, columns: list[str]) -> dict[str, dict[str, Any]]:
        """Count every test for thousands of columns at once: rows become (column, value), grouped by column."""
        tests = ", ".join(sql.replace("{v}", "v") for sql in EVERYTHING.values())
        found = self.connection.execute(
            f"SELECT c, {tests} FROM (UNPIVOT {table} ON {', '.join(columns)} INTO NAME c VALUE v) GROUP BY c"  # noqa: S608
        ).fetchall()
        # A column without any value makes no row here.
        return {column: dict.fromkeys(EVERYTHING, 0) for column in columns} | {
            row[0]: dict(zip(EVERYTHING, row[1:], strict=True)) for row in found
        }

    def _measure_native(self, native: dict[str, str]) -> dict[str, int]:
        floats = [column for column, type_ in native.items() if _native_type(type_) == "numeric" and not _is_integer(type_)]
        if not floats:
            return {}
        tests = ", ".join(
            f"count(*) FILTER (abs({column}::DOUBLE) > {LARGEST_NUMBER} AND NOT isnan({column}::DOUBLE))"
            for column in floats
        )
        found = self.connection.execute(f"SELECT {tests} FROM {self.relation}").fetchone() or ()  # noqa: S608
        return dict(zip(floats, found, strict=True))

    def _decide(self, column: str, name: str, counts: dict[str, Any]) -> ColumnPlan:
        plan = self._expected_plan(column, name, counts) if name in self.expected else self._guess(column, name, counts)
        return replace(plan, sql=plan.sql.replace("{v}", f"({self._clean(column)})"))

    def _expected_plan(self, column: str, name: str, counts: dict[str, Any]) -> ColumnPlan:
        type_ = self.expected[name]
        sql = {"numeric": _any_number(), "date": _any_date(), "text": "{v}"}.get(type_, "{v}")
        (lost,) = self.connection.execute(
            "SELECT count({v}) - count({sql}) FROM (SELECT {clean} AS {v} FROM {relation})".format(  # noqa: S608
                v=column, sql=sql.replace("{v}", column), clean=self._clean(column), relation=self.relation
            )
        ).fetchone() or (0,)
        if not lost:
            return ColumnPlan(type_, sql)
        words, _ = self._words(column, f"({sql}) IS NULL")
        params = {"column": name, "count": lost, "rows": counts["present"], "words": words}
        return ColumnPlan(type_, sql, (Note(NOT_AS_EXPECTED, params),))

    def _guess(self, column: str, name: str, counts: dict[str, Any]) -> ColumnPlan:
        """Take the first type that all values fit, then the first that nearly all fit."""
        present, numbers, odd = counts["present"], counts["numbers"], counts["odd"]
        if present == 0:
            return ColumnPlan("numeric", "CAST(NULL AS DOUBLE)")
        if counts["eight_digit_dates"] and counts["eight_digit_dates"] + odd == present:
            return self._date_plan(column, name, counts, EIGHT_DIGITS)
        if numbers and (counts["leading_zero"] or counts["long"]):
            note = LEADING_ZERO if counts["leading_zero"] else LONG_NUMBERS
            return self._words_plan(name, counts, Note(note, {"column": name}))
        if numbers + counts["formatted"] and numbers + counts["formatted"] + odd == present:
            return self._number_plan(column, name, counts)
        if counts["yes_no"]:
            return ColumnPlan("boolean", "{v}")
        for test, sql in _date_ways(counts):
            if test and test + odd >= MOSTLY * present:
                return self._date_plan(column, name, counts, sql)
        return self._mixed_plan(column, name, counts)

    def _mixed_plan(self, column: str, name: str, counts: dict[str, Any]) -> ColumnPlan:
        present, numbers = counts["present"], counts["numbers"] + counts["formatted"]
        if numbers < present / 2:
            return self._words_plan(name, counts)
        words, kinds = self._words(column, f"({_any_number()}) IS NULL")
        mostly = numbers + counts["odd"] >= MOSTLY * present and kinds <= FEW_WORDS and not counts["codes"]
        if mostly:
            return self._number_plan(column, name, counts)
        params = {"column": name, "count": present - numbers, "rows": present, "words": words}
        return self._words_plan(name, counts, *([] if counts["codes"] else [Note(WORDS_KEPT, params)]))

    def _number_plan(self, column: str, name: str, counts: dict[str, Any]) -> ColumnPlan:
        notes = []
        words = counts["present"] - counts["numbers"] - counts["formatted"]
        if words:
            named, _ = self._words(column, f"({_any_number()}) IS NULL")
            params = {"column": name, "count": words, "rows": counts["present"], "words": named}
            notes.append(Note(WORDS_DROPPED, params))
        if counts["formatted"]:
            notes.append(Note(FORMATTED, {"column": name, "count": counts["formatted"]}))
        if counts["huge"]:
            notes.append(Note(HUGE, {"column": name, "count": counts["huge"]}))
        if counts["ruined"]:
            notes.append(Note(RUINED_BY_EXCEL, {"column": name}))
        number = _any_number() if counts["formatted"] else NUMBER
        if counts["whole"] == counts["numbers"] and not counts["formatted"]:
            return ColumnPlan("numeric", f"CAST({number} AS BIGINT)", tuple(notes))
        return ColumnPlan("numeric", _within_reason(number), tuple(notes))

    def _date_plan(self, column: str, name: str, counts: dict[str, Any], sql: str) -> ColumnPlan:
        notes = []
        words, kinds = self._words(column, f"({sql}) IS NULL")
        if kinds:
            lost = counts["present"] - max(counts["dates"], counts["eight_digit_dates"], counts["day_first"], counts["month_first"])
            params = {"column": name, "count": lost, "rows": counts["present"], "words": words}
            notes.append(Note(UNREADABLE_DATES, params))
        if DAY_FIRST in sql or MONTH_FIRST in sql:
            order = DAY_FIRST_WORDS if DAY_FIRST in sql else MONTH_FIRST_WORDS
            notes.append(Note(DAY_OR_MONTH, {"column": name, "order": order}))
        return ColumnPlan("date", f"CAST({sql} AS TIMESTAMP)", tuple(notes))

    def _words_plan(self, name: str, counts: dict[str, Any], *notes: Note) -> ColumnPlan:
        nearly_unique = counts["levels"] > MANY_LEVELS and counts["levels"] > counts["present"] / 2
        long = (counts["length"] or 0) > LONG_TEXT and counts["levels"] > MANY_LEVELS
        return ColumnPlan("text" if nearly_unique or long else "categorical", "{v}", notes)

    def _words(self, column: str, condition: str) -> tuple[str, int]:
        """Return the most frequent values that meet a condition, as a list to read, and how many there are."""
        found = self.connection.execute(
            f"SELECT v, count(*) FROM (SELECT {self._clean(column)} AS v FROM {self.relation}) "  # noqa: S608
            f"WHERE v IS NOT NULL AND {condition.replace('{v}', 'v')} "
            f"GROUP BY v ORDER BY 2 DESC, 1 LIMIT {FEW_WORDS + 1}"
        ).fetchall()
        shown = ", ".join(_shorten(value) for value, _ in found[:4])
        return (shown if len(found) <= 4 else shown + ", …"), len(found)


def _worthwhile(sample: dict[str, Any]) -> dict[str, str]:
    """Choose the tests that can matter on all rows, by what the sample showed."""
    tests = set(BASIC) | {"length"}
    if sample["numbers"]:
        tests |= set(FOR_NUMBERS)
        if sample["eight_digit_dates"] < sample["numbers"]:
            tests.discard("eight_digit_dates")
        if sample["numbers"] == sample["present"]:
            tests.discard("length")
    if 0 < sample["numbers"] < sample["present"]:
        tests |= {"odd", "codes"}
    if sample["numbers"] + sample["dates"] + sample["formatted"] + sample["day_first"] + sample["month_first"]:
        tests |= {"odd"} if sample["numbers"] < sample["present"] else set()
    tests |= {test for test in ("formatted", "dates", "day_first", "month_first", "yes_no") if sample[test]}
    return {test: sql for test, sql in EVERYTHING.items() if test in tests}


def _is_surprise(counts: dict[str, Any], sample: dict[str, Any]) -> bool:
    """Tell whether all rows hold what the sample did not, so that tests are lacking."""
    if sample["present"] == 0:
        return counts["present"] > 0
    if sample["numbers"] == sample["present"]:
        return counts["numbers"] < counts["present"]
    return sample["numbers"] == 0 and counts["numbers"] >= counts["present"] / 2


def _date_ways(counts: dict[str, Any]) -> list[tuple[int, str]]:
    day_first = (counts["day_first"], _slash_date(DAY_FIRST))
    month_first = (counts["month_first"], _slash_date(MONTH_FIRST))
    # The order that fits more rows; day first where both fit all.
    slashes = [day_first, month_first] if day_first[0] >= month_first[0] else [month_first, day_first]
    return [(counts["dates"], WRITTEN_DATE), *slashes]


def _any_number() -> str:
    return f"coalesce({NUMBER}, {FORMATTED_NUMBER})"


def _any_date() -> str:
    return f"CAST(coalesce({EIGHT_DIGITS}, {WRITTEN_DATE}) AS TIMESTAMP)"


def _within_reason(number: str) -> str:
    return f"CASE WHEN abs({number}) <= {LARGEST_NUMBER} THEN {number} END"


def _shorten(text: str) -> str:
    return text if len(text) <= 24 else text[:23] + "…"


def _is_integer(type_: str) -> bool:
    return type_.upper() in {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "HUGEINT"}


def _native_type(type_: str) -> ColumnTypeName | None:
    upper = type_.upper()
    if _is_integer(upper) or upper in {"FLOAT", "DOUBLE"} or upper.startswith("DECIMAL"):
        return "numeric"
    if upper == "DATE" or upper.startswith("TIMESTAMP"):
        return "date"
    return "boolean" if upper == "BOOLEAN" else None


def _is_native(type_: str) -> bool:
    return _native_type(type_) is not None


def _as_text(column: str, type_: str) -> str:
    upper = type_.upper()
    if upper == "VARCHAR":
        return column
    if upper in {"FLOAT", "DOUBLE"}:
        return f"CASE WHEN {column} = floor({column}) AND abs({column}) < {LARGEST_EXACT} THEN CAST(CAST({column} AS BIGINT) AS VARCHAR) ELSE CAST({column} AS VARCHAR) END"
    return f"CAST({column} AS VARCHAR)"


def _native_plan(name: str, type_: str, huge: int) -> ColumnPlan:
    kind = _native_type(type_)
    notes = (Note(HUGE, {"column": name, "count": huge}),) if huge else ()
    if kind == "boolean":
        return ColumnPlan("boolean", "CAST({raw} AS VARCHAR)")
    if kind == "date":
        return ColumnPlan("date", "CAST({raw} AS TIMESTAMP)")
    if _is_integer(type_) and type_.upper() not in {"UBIGINT", "HUGEINT"}:
        return ColumnPlan("numeric", "CAST({raw} AS BIGINT)")
    number = "CAST({raw} AS DOUBLE)"
    return ColumnPlan("numeric", f"CASE WHEN isnan({number}) THEN NULL ELSE {_within_reason(number)} END", notes)
