"""A data dictionary as a file: its columns in Chinese and English, how it is read, and the template to fill in."""

import itertools
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from experiments.errors import BadInput, gettext_noop
from experiments.ingest.confined import cells_confined
from experiments.writing.formula_guard import csv_lines, unguarded

MOST_BYTES = 5 << 20
MOST_ROWS = 20_000
TOO_LARGE = gettext_noop(
    "The file is larger than 5 MB. A dictionary has one row per column; check that this is the right file."
)
TOO_LONG = gettext_noop(
    "The file has more than %(most)s rows. A dictionary has one row per column; check that this is the right file."
)
EMPTY = gettext_noop("The file holds no rows. Download the template, fill it in and upload that.")
NO_NAMES = gettext_noop(
    "The first row must name the columns of the dictionary, and one of them must be %(name)s. The template has them "
    "all."
)
SAME_HEADING = gettext_noop("Two columns of the dictionary both mean %(name)s. Keep one of them.")


@dataclass(frozen=True)
class Heading:
    """A column of the dictionary: its field, and what it is called in each language."""

    field: str
    zh: str
    en: str
    others: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Return the heading as the template writes it, for readers of both languages."""
        return f"{self.zh} / {self.en}"


HEADINGS = (
    Heading(
        "name", "字段名", "column", ("字段", "列名", "变量名", "field", "variable", "name", "columnname", "英文字段名")
    ),
    Heading("name_zh", "中文名", "Chinese name", ("中文名称", "字段中文名", "namezh", "labelzh", "名称")),
    Heading("name_en", "英文名", "English name", ("英文名称", "nameen", "labelen", "label")),
    Heading("source", "来源", "source", ("数据来源", "表", "table")),
    Heading(
        "known_after_days",
        "滞后天数",
        "known after (days)",
        ("可用时点", "knownafterdays", "lag", "lagdays", "延迟天数"),
    ),
    Heading("expected_direction", "期望方向", "expected direction", ("方向", "expecteddirection", "direction", "sign")),
    Heading("is_sensitive", "是否敏感", "sensitive", ("敏感", "issensitive")),
    Heading("is_protected", "是否受保护", "protected", ("受保护", "isprotected")),
    Heading("is_changeable", "客户可改变", "changeable", ("可改变", "可变", "ischangeable", "actionable")),
    Heading("reason_group", "原因组", "reason group", ("原因分组", "原因类别", "reasongroup", "reasoncategory")),
    Heading("reason_zh", "原因文案（中文）", "reason (Chinese)", ("原因文案", "原因", "原因码", "reasonzh")),
    Heading("reason_en", "原因文案（英文）", "reason (English)", ("reasonen", "reason")),
    Heading("allowed_use", "用途", "allowed use", ("允许用途", "alloweduse", "use", "purpose")),
    Heading("cost_per_query", "单价", "cost per query", ("costperquery", "cost", "price", "查询单价")),
    Heading("enumerations", "枚举", "values", ("枚举值", "取值", "enumerations", "enum", "码值")),
)
HEADING_OF = {heading.field: heading for heading in HEADINGS}


def _plain(text: str) -> str:
    return re.sub(r"[\s_\-()（）:：.]", "", unicodedata.normalize("NFKC", text)).casefold()


OUR_WORDS = {
    _plain(word): heading.field
    for heading in HEADINGS
    for word in (heading.zh, heading.en, heading.text, heading.field)
}
OTHER_WORDS = {_plain(word): heading.field for heading in HEADINGS for word in heading.others}


@dataclass(frozen=True)
class FileRow:
    """One row of a dictionary file as it was written: its number in the file and its cells by field."""

    number: int
    cells: dict[str, str]


def read_rows(content: bytes, file_name: str) -> list[FileRow]:
    """Return the rows of an Excel or CSV dictionary, whatever its encoding and delimiter.

    Raises
    ------
    BadInput : the file cannot be read, or its first row is no heading of a dictionary.
    """
    if len(content) > MOST_BYTES:
        raise BadInput(TOO_LARGE)
    table = [row for row in _cells(content, file_name) if any(cell.strip() for _, cell in enumerate(row.cells))]
    if not table:
        raise BadInput(EMPTY)
    if len(table) > MOST_ROWS:
        raise BadInput(TOO_LONG, most=f"{MOST_ROWS:,}")
    fields = _fields_of(table[0].cells)
    rows = [
        FileRow(
            row.number,
            {field: tidy(row.cells[place]) for place, field in fields.items() if place < len(row.cells)},
        )
        for row in table[1:]
    ]
    if not rows:
        raise BadInput(EMPTY)
    return rows


def template(lines: Iterable[dict[str, str]]) -> str:
    """Return a CSV with headings in both languages and the lines filled in as far as they are known."""
    rows = ([line.get(heading.field, "") for heading in HEADINGS] for line in lines)
    return "".join(csv_lines(itertools.chain([[heading.text for heading in HEADINGS]], rows)))


@dataclass(frozen=True)
class _Row:
    number: int
    cells: list[str]


def _cells(content: bytes, file_name: str) -> list[_Row]:
    rows = cells_confined(content, name=file_name, most_rows=MOST_ROWS + 2)
    return [_Row(number, row) for number, row in enumerate(rows, start=1)]


def _fields_of(headings: list[str]) -> dict[int, str]:
    """Return which place of a row holds which field; columns of the file that mean nothing here are left aside.

    A heading of ours wins over another word for the same field: a bank's file may have both a source and a table.
    """
    places: dict[str, tuple[bool, int]] = {}
    for place, text in enumerate(headings):
        field, is_ours = _meaning_of(text)
        if not field:
            continue
        is_ours_before, _place = places.get(field, (None, place))
        if is_ours_before is is_ours:
            raise BadInput(SAME_HEADING, name=HEADING_OF[field].text)
        if not is_ours_before:
            places[field] = (is_ours, place)
    if "name" not in places:
        raise BadInput(NO_NAMES, name=HEADING_OF["name"].text)
    return {place: field for field, (_is_ours, place) in places.items()}


def _meaning_of(text: str) -> tuple[str, bool]:
    """Return the field a heading stands for, if any, and whether it is the name we give it."""
    words = [_plain(word) for word in (text, *text.split("/"))]
    for is_ours, meanings in ((True, OUR_WORDS), (False, OTHER_WORDS)):
        field = next((meanings[word] for word in words if word in meanings), "")
        if field:
            return field, is_ours
    return "", False


def tidy(text: str) -> str:
    """Return what a cell says without spaces around it, and without the quote that keeps a formula from running."""
    return unguarded(unicodedata.normalize("NFC", text).strip())
