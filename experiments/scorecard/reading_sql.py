"""How cells are read, as SQL: trimming, words for nothing and written numbers as ``experiments.data`` has them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from experiments.data.schema import NOT_WRITTEN, ColumnReading
from experiments.data.values import (
    LARGEST_NUMBER,
    LONG_FRACTION,
    LONG_WHOLE,
    MISSING,
    MOST_WHOLE_DIGITS,
    POWERS,
    plain_width,
)

Dialect = Literal["generic", "postgres", "mysql"]
_QUOTED_OR_BREAK = re.compile(r""""(?:[^"]|"")*"|`(?:[^`]|``)*`|'(?:[^']|'')*'|\n""")
DIGITS = "0123456789"
# What Unicode counts as a space, as polars takes it off.
SPACES = " \t\n\v\f\r\u0085\u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
WIDE = "０１２３４５６７８９．，％－＋￥＄（）−‐’"
# Spaces that may stand inside an amount.
INNER_SPACES = "\u3000\u00a0\u202f\u2009"
CURRENCIES = ("CNY", "RMB", "USD", "EUR", "HKD", "US$", "HK$", "人民币", "¥", "$", "€", "£")
CLOSINGS = ("元", "圆", "块", "CNY", "RMB", "USD", "EUR", "HKD", "¥", "$", "€", "£")
# Longer ones may be beyond any amount.
LONGEST_PLAIN = 30
LONGEST_CELL = 190
POSTGRES_TEXTS = ("text", "character varying", "character", "varchar")
# Tables of the statement: what is no plain number, and its parts one after the other.
KEY = ("cell", "mark")
CELLS, TEXTS, TIDY, LEADS, TAILS, PARTS, AMOUNTS, NUMBERS = (
    f"xiaoyu_{name}" for name in ("cells", "texts", "tidy", "leads", "tails", "parts", "amounts", "numbers")
)


class ReadingSql:
    """Writes expressions that read a cell of any type as the scorer reads it.

    Numbers that are written with signs need several steps. They are made once for each different text that is no plain
    number, in tables of the statement's own, and joined to the rows; see ``tables`` and ``join``.

    Parameters
    ----------
    dialect : see ``scorecard_sql``.
    readings : how columns were written in training.
    """

    def __init__(self, dialect: Dialect, readings: Mapping[str, ColumnReading] | None = None) -> None:
        self.dialect = dialect
        self.readings = readings or {}

    def name(self, text: str) -> str:
        """Return an identifier, quoted."""
        mark = "`" if self.dialect == "mysql" else '"'
        return mark + text.replace(mark, 2 * mark) + mark

    def text(self, text: str) -> str:
        """Return a literal of text, quoted."""
        if self.dialect == "mysql":
            text = text.replace("\\", "\\\\")
        return "'" + text.replace("'", "''") + "'"

    def listed(self, texts: Iterable[str]) -> str:
        """Return literals, listed."""
        return ", ".join(map(self.text, texts))

    def as_text(self, source: str) -> str:
        """Return a cell as text, as it stands."""
        if self.dialect == "mysql":
            return f"CONVERT({source} USING utf8mb4) COLLATE utf8mb4_bin"
        return f"CAST({source} AS {'TEXT' if self.dialect == 'postgres' else 'VARCHAR(4000)'})"

    def as_double(self, source: str) -> str:
        """Return a number, or a text that is a plain number, as a double."""
        return f"CAST({source} AS {'DOUBLE' if self.dialect == 'mysql' else 'DOUBLE PRECISION'})"

    def tidy(self, text: str) -> str:
        """Return a text without spaces of any kind around it and without the ="…" that spreadsheets are told."""
        trimmed = self.trimmed(text)
        bare = f"SUBSTR({trimmed}, 3, {self.length(trimmed)} - 3)"
        return f"CASE WHEN {trimmed} LIKE '=\"%\"' THEN {bare} ELSE {trimmed} END"

    def is_nothing(self, tidy: str) -> str:
        """Return whether a tidy text is empty or a word for nothing."""
        return f"{tidy} IS NULL OR {tidy} IN ({self.listed(MISSING)})"

    def trimmed(self, text: str) -> str:
        """Return a text without spaces of any kind around it."""
        return self.ltrim(self.rtrim(text, SPACES), SPACES)

    def ltrim(self, text: str, characters: str) -> str:
        """Return a text without these characters at its beginning."""
        if self.dialect == "mysql":
            return f"REGEXP_REPLACE({text}, {self.text(f'^[{_in_class(characters)}]+')}, '')"
        return f"LTRIM({text}, {self.text(characters)})"

    def rtrim(self, text: str, characters: str) -> str:
        """Return a text without these characters at its end."""
        if self.dialect == "mysql":
            return f"REGEXP_REPLACE({text}, {self.text(f'[{_in_class(characters)}]+$')}, '')"
        return f"RTRIM({text}, {self.text(characters)})"

    def length(self, text: str) -> str:
        """Return the number of a text's characters."""
        return f"CHAR_LENGTH({text})" if self.dialect == "mysql" else f"LENGTH({text})"

    def joined(self, *texts: str) -> str:
        """Return texts one behind the other."""
        return f"CONCAT({', '.join(texts)})" if self.dialect == "mysql" else " || ".join(texts)

    def replaced(self, text: str, pairs: Iterable[tuple[str, str]]) -> str:
        """Return a text in which some characters stand for others."""
        for old, new in pairs:
            text = f"REPLACE({text}, {self.text(old)}, {self.text(new)})"
        return text

    def is_plain(self, source: str, column: str) -> str:
        """Whether a cell is a number, or a text that is a plain one, which a database reads as the scorer does."""
        is_plain = self._is_plain(self.as_text(source), digits_only=self.reading_of(column).decimal == ",")
        is_typed = self._is_typed(source)
        return f"{is_typed} OR {is_plain}" if is_typed else is_plain

    def _is_typed(self, source: str) -> str:
        """Return whether a cell is no text, where a database can tell."""
        match self.dialect:
            case "generic":
                return f"LOWER(TYPEOF({source})) NOT IN ('text', 'varchar')"
            case "postgres":
                return f"CAST(PG_TYPEOF({source}) AS TEXT) NOT IN ({self.listed(POSTGRES_TEXTS)})"
        return ""

    def is_not_a_number(self, source: str) -> str:
        """Return whether a cell is the NaN of a database that has one."""
        return f"LOWER({self.as_text(source)}) = 'nan'"

    def read_number(self, column: str, joined: str) -> str:
        """Return what was read of a cell that is no plain number; ``joined`` is the alias that ``join`` was given."""
        return f"{joined}.{_variant(self.reading_of(column))}"

    def reading_of(self, column: str) -> ColumnReading:
        """Return how a column was written in training."""
        return self.readings.get(column, NOT_WRITTEN)

    def join(self, source: str, joined: str) -> str:
        """Return the join that finds what was read of a cell's text."""
        return f"LEFT JOIN {NUMBERS} AS {joined} ON {joined}.cell = {self.cell(source)}"

    def usual_width(self, text: str, *, more: str = "") -> str:
        """Return a text with full-width digits, signs and spaces as the usual ones; ``more`` are further signs."""
        signs = [(sign, plain_width(sign)) for sign in WIDE + more]
        return self.replaced(text, [*signs, *((space, " ") for space in INNER_SPACES)])

    def is_plain_text(self, text: str) -> str:
        """Return whether a text is digits, with a sign before them and a point among them."""
        return self._is_plain(text)

    def cell(self, source: str) -> str:
        """Return a cell as the text by which it is found; only a short one can be looked up fast in every database."""
        text = self.as_text(source)
        return f"LEFT({text}, {LONGEST_CELL})" if self.dialect == "mysql" else text

    def tables(self, table: str, columns: Sequence[str]) -> list[tuple[str, str]]:
        """Return the tables that read every text of these columns that is no plain number, each with its name."""
        return [
            (CELLS, self._cells(table, columns)),
            (TEXTS, self._texts()),
            (TIDY, self._tidy_texts()),
            (LEADS, self._leads()),
            (TAILS, self._tails()),
            (PARTS, self._parts()),
            (AMOUNTS, self._amounts()),
            (NUMBERS, self._numbers()),
        ]

    def _cells(self, table: str, columns: Sequence[str]) -> str:
        """Return the different texts of all columns that are no plain numbers."""
        parts = []
        for column in columns:
            source = self.name(column)
            is_plain = self.is_plain(source, column)
            parts.append(select([f"{self.cell(source)} AS cell"], table, where=f"NOT ({is_plain})"))
        return "\nUNION\n".join(parts)

    def _texts(self) -> str:
        """Return each text tidied, with its signs of the usual width, and as plain numbers are written."""
        tidy = self.tidy("cell")
        usual = self.usual_width("raw")
        different = select(["cell", f"{tidy} AS raw"], CELLS)
        before = self.rtrim("LOWER(raw)", DIGITS)
        # What stands before an exponent, up to its e, which without digits behind it is none.
        base = (
            f"CASE WHEN {self.length(before)} = {self.length('raw')} THEN ''"
            f" WHEN {before} LIKE '%e+' OR {before} LIKE '%e-' THEN SUBSTR({before}, 1, {self.length(before)} - 1)"
            f" ELSE {before} END"
        )
        digits = f"{self.length('raw')} - {self.length(before)} AS exponent_digits"
        columns = ["cell", "raw", f"{usual} AS plain", f"{base} AS base", digits]
        return select(columns, different, where=f"NOT ({self.is_nothing('raw')})")

    def _tidy_texts(self) -> str:
        """Return each text twice, for a decimal point and a decimal comma, without spaces and brackets."""
        shape = self.replaced("plain", [(digit, "0") for digit in DIGITS[1:]])
        # Digits that spaces part are one number only in groups of three.
        parted = (
            f"{shape} LIKE '%0 0%' AND (REPLACE({shape}, ' 000', '') LIKE '%0 0%' OR {shape} LIKE '%0 0000%'"
            f" OR {shape} LIKE '%0000 0%') OR {shape} LIKE '%0  %0%'"
        )
        bare = "REPLACE(plain, ' ', '')"
        swapped = self.replaced(bare, [(".", "x"), (",", "."), ("x", ",")])
        where = f"NOT ({parted}) AND plain NOT LIKE '%x%'"
        marked = "\nUNION ALL\n".join(
            select(["cell", f"{self.text(mark)} AS mark", f"{text} AS plain"], TEXTS, where=where)
            for mark, text in ((".", bare), (",", swapped))
        )
        is_bracketed = "plain LIKE '(_%)'"
        inner = f"SUBSTR(plain, 2, {self.length('plain')} - 2)"
        return select(
            [
                *KEY,
                f"CASE WHEN {is_bracketed} THEN 1 ELSE 0 END AS brackets",
                f"CASE WHEN {is_bracketed} THEN {inner} ELSE plain END AS plain",
            ],
            marked,
        )

    def _leads(self) -> str:
        """Part what stands before the first digit."""
        rest = self.ltrim("plain", _characters("-+", *CURRENCIES))
        lead = f"SUBSTR(plain, 1, {self.length('plain')} - {self.length(rest)})"
        return select([*KEY, "brackets", f"{rest} AS rest", f"{lead} AS lead_signs"], TIDY)

    def _tails(self) -> str:
        """Part what stands behind the last digit."""
        core = self.rtrim("rest", _characters("-", *POWERS, *CLOSINGS))
        tail, before = f"SUBSTR(rest, {self.length(core)} + 1)", self.rtrim(core, DIGITS)
        return select(
            [*KEY, "brackets", "lead_signs", f"{core} AS core", f"{tail} AS tail_signs", f"{before} AS before_digits"],
            LEADS,
        )

    def _parts(self) -> str:
        """Part the whole from its fraction, and the unit from what closes an amount."""
        before = "before_digits"
        has_fraction = f"{before} LIKE '%.' AND {self.length('core')} > {self.length(before)}"
        whole = f"SUBSTR({before}, 1, {self.length(before)} - 1)"
        units = sorted((unit for unit in POWERS if unit), key=len, reverse=True)
        begins = {unit: f"SUBSTR(tail_signs, 1, {len(unit)}) = {self.text(unit)}" for unit in units}
        power = " ".join(f"WHEN {begins[unit]} THEN {POWERS[unit]}" for unit in units)
        closing = " ".join(f"WHEN {begins[unit]} THEN SUBSTR(tail_signs, {len(unit) + 1})" for unit in units)
        return select(
            [
                *KEY,
                "brackets",
                "lead_signs",
                f"CASE WHEN {has_fraction} THEN {whole} ELSE core END AS whole",
                f"CASE WHEN {has_fraction} THEN SUBSTR(core, {self.length(before)} + 1) ELSE '' END AS fraction",
                f"CASE {power} ELSE 0 END AS power",
                f"CASE {closing} ELSE tail_signs END AS closing",
            ],
            TAILS,
        )

    def _amounts(self) -> str:
        """Return the amount of each text under each mark, whether it can only be meant so, and whether it is either."""
        whole, grouped = "whole", "REPLACE(whole, '''', ',')"
        digits = f"REPLACE({grouped}, ',', '')"
        leads = [
            lead for money in ("", *CURRENCIES)
            for lead in (money, *(sign + money for sign in "-+"), *(money + sign for sign in "-+" if money))
        ]  # fmt: skip
        closings = ["", *CLOSINGS]
        signs = (
            "brackets + CASE WHEN lead_signs LIKE '%-%' OR lead_signs LIKE '%+%' THEN 1 ELSE 0 END"
            " + CASE WHEN closing LIKE '%-' THEN 1 ELSE 0 END"
        )
        is_code = (
            f"{self.length(digits)} > {MOST_WHOLE_DIGITS} OR ({self.length(digits)} > 1 AND {digits} LIKE '0%')"
            f" OR ({self.length(digits)} >= {LONG_WHOLE} AND {self.length('fraction')} >= {LONG_FRACTION})"
        )
        is_amount = (
            f"lead_signs IN ({self.listed(leads)})\n    AND closing IN ({self.listed(closings)},"
            f" {self.listed(f'{closing}-' for closing in closings)})\n"
            f"    AND {self.ltrim(digits, DIGITS)} = '' AND ({digits} <> '' OR fraction <> '')\n"
            f"    AND {self._is_grouped_well(grouped)}\n    AND NOT ({is_code})\n    AND {signs} <= 1"
        )
        is_negative = "brackets = 1 OR lead_signs LIKE '%-%' OR closing LIKE '%-'"
        sign = f"CASE WHEN {is_negative} THEN '-' ELSE '' END"
        written = self.joined(sign, "'0'", digits, "'.'", "fraction", "'0e'", self.as_text("power"))
        settles = (
            f"{whole} LIKE '%,%,%' OR (fraction <> '' AND {whole} <> '' AND ({whole} LIKE '%,%' OR {whole} = '0'"
            f" OR ({self.length(whole)} >= 4 AND {whole} NOT LIKE '%''%') OR {self.length('fraction')} <> 3))"
        )
        either = (
            f"fraction = '' AND {whole} LIKE '%,___' AND {whole} NOT LIKE '%,%,%' AND {whole} NOT LIKE '%''%'"
            f" AND {whole} NOT LIKE '0%'"
        )
        return select(
            [
                *KEY,
                f"CASE WHEN {is_amount}\n    THEN {self.as_double(written)} END AS amount",
                f"CASE WHEN {settles} THEN 1 ELSE 0 END AS settles",
                f"CASE WHEN {either} THEN 1 ELSE 0 END AS is_either",
            ],
            PARTS,
        )

    def _is_grouped_well(self, grouped: str) -> str:
        """Return whether thousands are grouped by three: a mark before each three digits from the end, and no other."""
        length = self.length(grouped)
        without = f"REPLACE({grouped}, ',', '')"
        marks = f"({length} - {self.length(without)})"
        places = [
            f"({length} < {place} OR SUBSTR({grouped}, {length} - {place - 1}, 1) = ',')" for place in (4, 8, 12, 16)
        ]
        expected = " + ".join(f"CASE WHEN {length} > {place} THEN 1 ELSE 0 END" for place in (4, 8, 12, 16))
        starts = f"{grouped} NOT LIKE ',%'"
        return f"({marks} = 0 OR ({marks} = {expected} AND {starts} AND {' AND '.join(places)}))"

    def _numbers(self) -> str:
        """Return each text's number for every way in which a column may have been written in training."""
        by_mark = [
            f"MAX(CASE WHEN mark = {self.text(mark)} THEN {value} END) AS {name}_{value}"
            for mark, name in ((".", "point"), (",", "comma"))
            for value in ("amount", "settles", "is_either")
        ]
        together = select(["cell", *by_mark], f"{AMOUNTS}\nGROUP BY cell")
        is_exponential = self._is_plain(f"SUBSTR(base, 1, {self.length('base')} - 1)")
        # What no double can hold is beyond any amount, or nought.
        exponent = f"CASE WHEN exponent_digits <= 2 THEN {self.as_double('raw')}"
        exponent += " WHEN LOWER(raw) LIKE '%e-%' THEN 0e0 END"
        value = (
            f"CASE WHEN {self._is_plain('raw')} THEN {self.as_double('raw')}\n"
            f"    WHEN base LIKE '_%e' THEN CASE WHEN {is_exponential} THEN {exponent} END END"
        )
        plain = select(["cell", f"{value} AS plain"], TEXTS)
        point = "COALESCE(plain, point_amount, CASE WHEN comma_settles = 1 THEN comma_amount END)"
        comma = "COALESCE(comma_amount, plain, CASE WHEN point_settles = 1 THEN point_amount END)"
        variants = {
            "point": point,
            "point_or_comma": "CASE WHEN point_is_either = 1 AND point_amount IS NOT NULL THEN comma_amount"
            f" ELSE {point} END",
            "comma": comma,
            "comma_or_point": "CASE WHEN comma_is_either = 1 AND comma_amount IS NOT NULL THEN point_amount"
            f" ELSE {comma} END",
        }
        signed = f"(\n{indented(together)}\n) AS signed ON signed.cell = plainly.cell"
        both = f"(\n{indented(plain)}\n) AS plainly LEFT JOIN {signed}"
        found = select(["plainly.cell AS cell", *(f"{value} AS {name}" for name, value in variants.items())], both)
        largest = repr(LARGEST_NUMBER)
        limited = [f"CASE WHEN {name} BETWEEN -{largest} AND {largest} THEN {name} END AS {name}" for name in variants]
        return select(["cell", *limited], found)

    def _is_plain(self, text: str, *, digits_only: bool = False) -> str:
        """Return whether a text is digits, with a sign before them and a point among them."""
        unsigned = f"CASE WHEN {text} LIKE '-%' OR {text} LIKE '+%' THEN SUBSTR({text}, 2) ELSE {text} END"
        behind = self.ltrim(unsigned, DIGITS)
        whole = f"{behind} = '' AND {unsigned} <> '' AND {self.length(text)} <= {LONGEST_PLAIN}"
        if digits_only:
            return whole
        fraction = self.ltrim(f"SUBSTR({behind}, 2)", DIGITS)
        pointed = f"{behind} LIKE '.%' AND {fraction} = '' AND {unsigned} <> '.'"
        return f"({whole} OR ({pointed} AND {self.length(text)} <= {LONGEST_PLAIN}))"


def with_clause(tables: Sequence[tuple[str, str]]) -> str:
    """Return the beginning of a statement that makes tables of its own."""
    return "WITH " + ",\n".join(f"{name} AS (\n{indented(step)}\n)" for name, step in tables)


def select(columns: Sequence[str], source: str, *, where: str = "") -> str:
    """Return one step. That it is DISTINCT keeps a database from copying its expressions into the next."""
    rows = f"(\n{indented(source)}\n) AS step" if source.startswith("SELECT") else source
    lines = ["SELECT DISTINCT", indented(",\n".join(columns)), f"FROM {rows}", *([f"WHERE {where}"] if where else [])]
    return "\n".join(lines)


def _variant(reading: ColumnReading) -> str:
    """Return the name of the column of numbers that are read as this reading says."""
    name, other = ("comma", "point") if reading.decimal == "," else ("point", "comma")
    is_open = reading.has_fractions and not (reading.is_grouped or reading.has_thousands)
    return f"{name}_or_{other}" if is_open else name


def _characters(*words: str) -> str:
    return "".join(dict.fromkeys("".join(words)))


def _in_class(characters: str) -> str:
    """Return characters as they stand between brackets in a pattern."""
    return "".join(f"\\{sign}" if sign in "\\]^-[" else sign for sign in characters)


def indented(text: str) -> str:
    """Return a part of a statement with its lines indented; names and texts that hold breaks stay as they are."""
    return "  " + _QUOTED_OR_BREAK.sub(lambda found: "\n  " if found[0] == "\n" else found[0], text)
