"""How dates are read, as SQL: every way of writing one that ``experiments.data`` knows, as days since 1970."""

from collections.abc import Sequence

from experiments.data.values import FIRST_SERIAL, LAST_SERIAL, NO_END
from experiments.scorecard.reading_sql import DIGITS, ReadingSql, indented, select

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH_OF = " ".join(f"WHEN '{name}' THEN '{number:02}'" for number, name in enumerate(MONTHS, start=1))
DAYS_BEFORE = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)
# From the first day of the year 1 to 1970, and from the day that spreadsheets count as 0.
DAYS_TO_1970, SERIAL_OF_1970 = 719_162, 25_569
DAY = 86_400_000_000
ORDERS = ("day_first", "month_first")
IS_LEAP = "(y % 4 = 0 AND (y % 100 <> 0 OR y % 400 = 0))"
DATES = "xiaoyu_dates"
# What is carried from step to step.
DATE, CLOCK = ("cell", "n", "year_digits", "month_digits", "day_digits", "day_order"), ("hour", "minute", "second")


class DatesSql:
    """Writes the table that reads the different texts of date columns, and what finds a cell in it.

    A date with a type of its own is read as the text that the database makes of it.
    """

    def __init__(self, reader: ReadingSql) -> None:
        self.reader = reader

    def days(self, column: str, joined: str) -> str:
        """Return a cell as days since 1970, NULL where it is none; ``joined`` is the alias that ``join`` was given."""
        return f"{joined}.{self.reader.reading_of(column).day_order or 'plainly'}"

    def join(self, source: str, joined: str) -> str:
        """Return the join that finds what was read of a cell's text."""
        return f"LEFT JOIN {DATES} AS {joined} ON {joined}.cell = {self.reader.cell(source)}"

    def tables(self, table: str, columns: Sequence[str]) -> list[tuple[str, str]]:
        """Return the tables that read every text of these columns, each with its name."""
        cells = "\nUNION\n".join(
            select([f"{self.reader.cell(self.reader.name(column))} AS cell"], table) for column in columns
        )
        steps = [("xiaoyu_date_cells", cells)]
        for name, make in (
            ("texts", self._texts), ("firsts", self._firsts), ("seconds", self._seconds), ("thirds", self._thirds),
            ("forms", self._forms), ("clocks", self._clocks), ("hours", self._hours), ("minutes", self._minutes),
            ("moments", self._moments),
        ):  # fmt: skip
            steps.append((f"xiaoyu_date_{name}", make(steps[-1][0])))
        return [*steps, (DATES, self._dates(steps[-1][0]))]

    def _texts(self, source: str) -> str:
        """Return each text tidied, with signs of the usual width."""
        tidy = select(["cell", f"{self.reader.tidy('cell')} AS raw"], source)
        signs = self.reader.usual_width("raw", more="：／")
        return select(["cell", f"{signs} AS n"], tidy, where=f"NOT ({self.reader.is_nothing('raw')})")

    def _firsts(self, source: str) -> str:
        return select(["cell", "n", *self._digits("n", "a", "rest_a")], source)

    def _seconds(self, source: str) -> str:
        second = self._digits("SUBSTR(rest_a, 2)", "b", "rest_b")
        return select(["cell", "n", "a", "rest_a", "SUBSTR(rest_a, 1, 1) AS sign_a", *second], source)

    def _thirds(self, source: str) -> str:
        """Part the third figure; a month in letters stands where the second would."""
        is_named = "b = '' AND SUBSTR(rest_b, 4, 1) = sign_a AND sign_a IN ('-', ' ')"
        named = f"CASE WHEN {is_named} THEN CASE LOWER(SUBSTR(rest_b, 1, 3)) {MONTH_OF} END END"
        after = f"CASE WHEN {is_named} THEN SUBSTR(rest_b, 4) ELSE rest_b END"
        parted = select(["cell", "n", "a", "rest_a", "sign_a", "b", f"{named} AS named", f"{after} AS rest_b"], source)
        return select(
            ["cell", "n", "a", "rest_a", "sign_a", "b", "named", "rest_b", "SUBSTR(rest_b, 1, 1) AS sign_b",
             *self._digits("SUBSTR(rest_b, 2)", "c", "rest_c")],
            parted,
        )  # fmt: skip

    def _forms(self, source: str) -> str:
        """Say what is the year, the month, the day and the time; a date that may be of each order is of both."""
        return "\nUNION ALL\n".join(
            select(
                ["cell", "n", f"{year} AS year_digits", f"{month} AS month_digits", f"{day} AS day_digits",
                 f"{self.reader.text(order)} AS day_order", f"{self.reader.text(way)} AS way", f"{clock} AS clock"],
                source, where=f"({condition})",
            )
            for way, order, condition, year, month, day, clock in self._ways()
        )  # fmt: skip

    def _ways(self) -> list[tuple[str, str, str, str, str, str, str]]:
        """Return the ways of writing a date: a name, the order of day and month, when it is one, and where what is."""
        length, listed = self.reader.length, self.reader.listed
        in_range, one_or_two = "a >= '1900' AND a < '2101'", f"{length('a')} BETWEEN 1 AND 2"
        first = f"{length('a')} = 4 AND {length('b')} BETWEEN 1 AND 2"
        usual = f"{first} AND {length('c')} BETWEEN 1 AND 2"
        last = f"{length('c')} = 4 AND {one_or_two} AND {length('b')} BETWEEN 1 AND 2 AND sign_a = sign_b"
        named = f"named IS NOT NULL AND {one_or_two} AND {length('c')} = 4 AND sign_b = sign_a"
        month = f"{first} AND {in_range}"
        month += " AND (sign_a IN ('-', '/') AND rest_b = '' OR sign_a = '年' AND rest_b = '月')"
        letters = "n LIKE '___-____' AND a = '' AND SUBSTR(n, 5) >= '1900' AND SUBSTR(n, 5) < '2101'"
        letters += f" AND {self.reader.ltrim('SUBSTR(n, 5)', DIGITS)} = ''"
        eight = f"{length('a')} = 8 AND (rest_a = '' AND ({in_range} OR a IN ({listed(NO_END)})) OR rest_a LIKE ' %')"
        packed = ("SUBSTR(a, 1, 4)", "SUBSTR(a, 5, 2)", "SUBSTR(a, 7, 2)")
        moment = self.reader.joined("' '", "SUBSTR(a, 9, 2)", "':'", "SUBSTR(a, 11, 2)", "':'", "SUBSTR(a, 13, 2)")
        return [
            ("iso", "", f"{usual} AND sign_a = '-' AND sign_b = '-'", "a", "b", "c", "rest_c"),
            ("marks", "", f"{usual} AND sign_a IN ('/', '.') AND sign_a = sign_b", "a", "b", "c", "rest_c"),
            ("words", "", f"{usual} AND sign_a = '年' AND sign_b = '月' AND rest_c LIKE '日%'", "a", "b", "c",
             "SUBSTR(rest_c, 2)"),
            ("month", "", month, "a", "b", "'01'", "''"),
            ("month", "", letters, "SUBSTR(n, 5)", f"CASE LOWER(SUBSTR(n, 1, 3)) {MONTH_OF} END", "'01'", "''"),
            ("last", "", f"{last} AND sign_a = '.'", "c", "b", "a", "rest_c"),
            ("named", "", f"{named} AND (sign_a = '-' OR rest_c = '')", "c", "named", "a", "rest_c"),
            ("packed", "", eight, *packed, "rest_a"),
            ("packed", "", f"{length('a')} = 14 AND rest_a = '' AND {in_range}", *packed, moment),
            ("month", "", f"{length('a')} = 6 AND rest_a = '' AND {in_range}", *packed[:2], "'01'", "''"),
            ("last", "day_first", f"{last} AND sign_a IN ('-', '/')", "c", "b", "a", "rest_c"),
            ("last", "month_first", f"{last} AND sign_a IN ('-', '/')", "c", "a", "b", "rest_c"),
        ]  # fmt: skip

    def _clocks(self, source: str) -> str:
        """Take the distance to Greenwich off a time of day, and say how the time is joined to the date."""
        length = f"{self.reader.length('clock')}"
        distances = []
        for size, colon in ((6, ":"), (5, "")):
            begin = f"SUBSTR(clock, {length} - {size - 1}, 1)"
            minutes = f"SUBSTR(clock, {length} - 1, 2)"
            hours = self.reader.ltrim(f"SUBSTR(clock, {length} - {size - 2}, 2)", DIGITS)
            between = f" AND SUBSTR(clock, {length} - 2, 1) = ':'" if colon else ""
            is_distance = f"{begin} IN ('+', '-') AND {minutes} IN ('00', '30', '45') AND {hours} = ''{between}"
            before = self.reader.rtrim(f"SUBSTR(clock, 1, {length} - {size})", " ")
            distances.append(f"WHEN {length} > {size + 4} AND clock LIKE '%:%' AND {is_distance} THEN {before}")
        bare = f"CASE WHEN {length} > 6 THEN CASE {' '.join(distances)} ELSE clock END ELSE clock END"
        parted = select([*DATE, "way", f"{bare} AS clock"], source)
        chinese = "way = 'words' AND clock LIKE '%时%分'"
        plain = "REPLACE(REPLACE(REPLACE(clock, ' ', ''), '时', ':'), '分', '')"
        return select(
            [*DATE, "way",
             f"CASE WHEN {chinese} THEN ' ' ELSE SUBSTR(clock, 1, 1) END AS joint",
             f"CASE WHEN {chinese} THEN {plain} ELSE SUBSTR(clock, 2) END AS clock"],
            parted,
        )  # fmt: skip

    def _hours(self, source: str) -> str:
        return select([*DATE, "way", "joint", "clock", *self._digits("clock", "hour", "rest_h")], source)

    def _minutes(self, source: str) -> str:
        minutes = self._digits("SUBSTR(rest_h, 2)", "minute", "rest_m")
        return select([*DATE, "way", "joint", "clock", "hour", "rest_h", *minutes], source)

    def _moments(self, source: str) -> str:
        """Part seconds and their fraction, and what closes a time."""
        seconds = self._digits("SUBSTR(rest_m, 2)", "second_digits", "rest_s")
        first = select([*DATE, "way", "joint", "clock", "hour", "rest_h", "minute", "rest_m", *seconds], source)
        has_seconds = "rest_m LIKE ':%' AND second_digits <> ''"
        end = f"CASE WHEN {has_seconds} THEN rest_s ELSE rest_m END"
        second = select(
            [*DATE, "way", "joint", "clock", "hour", "rest_h", "minute",
             f"CASE WHEN {has_seconds} THEN second_digits ELSE '' END AS second", f"{end} AS ending"],
            first,
        )  # fmt: skip
        fraction = self._digits("SUBSTR(ending, 2)", "fraction", "rest_f")
        return select(
            [*DATE, "way", "joint", "clock", *CLOCK, "rest_h", "ending", *fraction], second
        )  # fmt: skip

    def _dates(self, source: str) -> str:
        """Return each text's day for every order of day and month that may have been learnt."""
        whole = self._whole
        year, month, day = whole("year_digits"), whole("month_digits"), whole("day_digits")
        numbers = select(
            [*DATE, "way", "joint", "clock", "rest_h", "ending", "fraction", "rest_f", *CLOCK,
             f"{year} AS y", f"{month} AS m", f"{day} AS d"],
            source,
        )  # fmt: skip
        moment = self.reader.as_double(f"({self._days()}) * {DAY}e0 + {self._clock()}")
        value = f"CASE WHEN {self._is_day()} THEN {moment} / {DAY}e0 END"
        moments = select(["cell", "n", "day_order", f"{value} AS days"], numbers)
        texts = "xiaoyu_date_texts"
        found = select(
            ["texts.cell AS cell", "texts.n AS n",
             *(f"MAX(CASE WHEN day_order IN ({self.reader.listed(['', order])}) THEN days END) AS {order or 'plainly'}"
               for order in ("", *ORDERS))],
            f"{texts} AS texts LEFT JOIN (\n{indented(moments)}\n) AS moments ON moments.cell = texts.cell\n"
            "GROUP BY texts.cell, texts.n",
        )  # fmt: skip
        serial = self._serial("n")
        return select(
            ["cell", *(f"COALESCE({name}, {serial}) AS {name}" for name in ("plainly", *ORDERS))], found
        )  # fmt: skip

    def _is_day(self) -> str:
        """Return whether there is such a day; only a date that begins with its year may be of the first thousand."""
        length = f"CASE WHEN m IN (4, 6, 9, 11) THEN 30 WHEN m <> 2 THEN 31 WHEN {IS_LEAP} THEN 29 ELSE 28 END"
        early = "(y >= 1000 OR y >= 1 AND way IN ('iso', 'marks', 'words', 'packed'))"
        return f"{early} AND m BETWEEN 1 AND 12 AND d BETWEEN 1 AND {length}"

    def _days(self) -> str:
        """Return the days from the first of 1970."""
        before = " ".join(f"WHEN {number} THEN {days}" for number, days in enumerate(DAYS_BEFORE, start=1))
        leaps = "((y - 1) - (y - 1) % 4) / 4 - ((y - 1) - (y - 1) % 100) / 100 + ((y - 1) - (y - 1) % 400) / 400"
        leap = f"CASE WHEN m > 2 AND {IS_LEAP} THEN 1 ELSE 0 END"
        return f"365 * (y - 1) + {leaps} + CASE m {before} END + {leap} + d - 1 - {DAYS_TO_1970}"

    def _clock(self) -> str:
        """Return the time of day in microseconds, 0 without one, NULL where the way of writing has no such time."""
        length, whole = self.reader.length, self._whole
        hour, minute = whole("hour"), whole("minute")
        second = f"CASE WHEN second = '' THEN 0 ELSE {whole('second')} END"
        figures = f"{length('hour')} BETWEEN 1 AND 2 AND {length('minute')} BETWEEN 1 AND 2 AND {length('second')} <= 2"
        is_timed = f"rest_h LIKE ':%' AND {figures} AND {minute} < 60 AND {second} <= 60"
        half = "LOWER(ending) IN (' am', ' pm')"
        fraction = "way = 'iso' AND second <> '' AND ending LIKE '.%' AND fraction <> '' AND rest_f = ''"
        zulu = "way = 'iso' AND second <> '' AND joint = 'T' AND ending = 'Z'"
        full = f"{hour} < 24 AND (ending = '' OR {fraction} OR {zulu})"
        of_half = f"{half} AND day_order <> '' AND {hour} BETWEEN 1 AND 12"
        joint = "(joint = ' ' AND (way <> 'named' OR second <> '') OR joint = 'T' AND way = 'iso' AND second <> '')"
        noon = "CASE WHEN LOWER(ending) = ' pm' THEN 12 ELSE 0 END"
        hours = f"CASE WHEN {half} THEN {hour} % 12 + {noon} ELSE {hour} END"
        micro = whole(f"SUBSTR({self.reader.joined('fraction', self.reader.text('000000'))}, 1, 6)")
        micros = f"CASE WHEN ending LIKE '.%' THEN {micro} ELSE 0 END"
        found = f"({hours}) * 3600e6 + {minute} * 60e6 + {second} * 1e6 + {micros}"
        return (
            "CASE WHEN joint = '' AND clock = '' THEN 0e0\n"
            f"    WHEN {joint} AND {is_timed} AND ({full} OR {of_half}) THEN {found} END"
        )

    def _serial(self, text: str) -> str:
        """Return the day of a number of days as spreadsheets count them, to the second."""
        double = self.reader.as_double(text)
        plain = self.reader.is_plain_text(text)
        limits = f"{double} BETWEEN {FIRST_SERIAL} AND {LAST_SERIAL}"
        moment = f"(ROUND({double} * 86400e0) - {SERIAL_OF_1970} * 86400e0) / 86400e0"
        return f"CASE WHEN {plain} THEN CASE WHEN {limits} THEN {moment} END END"

    def _digits(self, text: str, name: str, rest: str) -> list[str]:
        """Return the digits that a text begins with, and what stands behind them."""
        behind = self.reader.ltrim(text, DIGITS)
        length = self.reader.length
        return [f"SUBSTR({text}, 1, {length(text)} - {length(behind)}) AS {name}", f"{behind} AS {rest}"]

    def _whole(self, digits: str) -> str:
        """Return digits as a whole number, NULL where there are none or too many."""
        kind = "SIGNED" if self.reader.dialect == "mysql" else "INTEGER"
        return f"CASE WHEN {self.reader.length(digits)} BETWEEN 1 AND 6 THEN CAST({digits} AS {kind}) END"
