"""The data dictionary of a dataset: uploaded, checked against the data, edited, and used wherever a column is named."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from audit import services as audit
from catalog.models import CATEGORIES, Column, ColumnType, Dataset, DatasetVersion
from common.numbers import whole_number
from dictionary.file import HEADING_OF, HEADINGS, FileRow, read_rows, template, tidy
from dictionary.models import DictionaryEntry
from dictionary.workbook import workbook
from experiments.errors import ExperimentError, gettext_noop
from experiments.privacy.masking import masked
from experiments.yes_no import SAID, is_ticked

FIELDS = tuple(heading.field for heading in HEADINGS if heading.field != "name")
TEXTS = {
    "name_zh": 300, "name_en": 300, "source": 200, "reason_group": 120, "reason_zh": 300, "reason_en": 300,
    "allowed_use": 200,
}  # fmt: skip
DIRECTIONS = {
    **dict.fromkeys(("+", "1", "+1", "up", "rises", "positive", "正", "正向", "升", "＋"), "+"),
    **dict.fromkeys(("-", "-1", "−", "–", "down", "falls", "negative", "负", "负向", "降", "－"), "-"),
    **dict.fromkeys(("", "0", "free", "none", "无", "不限"), "0"),
}
REASONS = ("reason_group", "reason_en", "reason_zh")
SWITCHES = ("is_sensitive", "is_protected", "is_changeable")
MOST_FAULTS = 50
PREFILLED_VALUES = 20
HAS_FEW_VALUES = Q(distinct_count__lte=PREFILLED_VALUES, type__in=CATEGORIES)
LATEST_DAYS = 36_500
DEAREST = 10**8

UNKNOWN_COLUMN = gettext_noop("The dataset has no column named %(value)s.")
NO_NAME = gettext_noop("The name of the column is missing.")
TWICE = gettext_noop("%(value)s is already in row %(first)s. Keep one of the two.")
BAD_DIRECTION = gettext_noop(
    "%(value)s is not a direction of effect. Enter + (the higher, the more likely the event), - (the higher, the "
    "less likely) or 0 (either way)."
)
NO_QUANTITY = gettext_noop(
    "%(column)s is not numeric, so it can have no direction of effect. Enter 0 or leave it empty."
)
BAD_DAYS = gettext_noop("%(value)s is not a number of days. Enter 0 or a positive whole number.")
BAD_SWITCH = gettext_noop("%(value)s is neither yes nor no.")
BAD_COST = gettext_noop("%(value)s is not an amount. Enter 0 or a positive number, such as 0.5.")
TOO_LONG = gettext_noop("Enter at most %(most)s characters.")
BAD_VALUES = gettext_noop(
    "%(value)s cannot be read. Write code=Chinese|English with semicolons between the codes, "
    "for example 1=是|yes; 0=否|no."
)
VALUES_MISSING = gettext_noop(
    "The data contain values of %(column)s that are not listed: %(values)s. Add them, or leave the list empty."
)
REFUSED = gettext_noop("Nothing was saved: %(count)s entries of the dictionary need to be corrected.")


@dataclass(frozen=True)
class Fault:
    """What is wrong in one cell of a dictionary: a sentence, and where."""

    row: int
    field: str
    message: str
    params: dict[str, Any]

    @property
    def heading(self) -> str:
        return HEADING_OF[self.field].text


class DictionaryRefused(ExperimentError):
    """A dictionary with mistakes, each a sentence with its row and column; nothing of it is kept."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(REFUSED, count=len(faults))
        self.faults = list(faults)


@dataclass
class Taken:
    """What became of an upload: entries saved, rows about columns that are not there, rows that say nothing new."""

    saved: int = 0
    skipped: int = 0
    unchanged: int = 0


@dataclass
class _Reading:
    """The rows of a file turned into values, with the faults met on the way."""

    columns: dict[str, Column]
    known: dict[str, DictionaryEntry]
    skip_unknown: bool
    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    skipped: int = 0
    unchanged: int = 0


def upload(version: DatasetVersion, content: bytes, file_name: str, user: User, *, skip_unknown: bool = False) -> Taken:
    """Take over a dictionary file for the version's dataset, all of it or nothing.

    Columns that the file does not name keep what is known of them; fields that the file does not have keep theirs.
    A row that says what the template says of its column changes nothing.

    Raises
    ------
    BadInput : the file cannot be read. DictionaryRefused : rows need to be mended.
    """
    return save_rows(version, read_rows(content, file_name), user, skip_unknown=skip_unknown, file_name=file_name)


@transaction.atomic
def save_rows(
    version: DatasetVersion,
    rows: Sequence[FileRow],
    user: User,
    *,
    skip_unknown: bool = False,
    file_name: str = "",
) -> Taken:
    """Check rows against the data and save them, all or none."""
    enumerated = [row.cells["name"] for row in rows if row.cells.get("enumerations") and "name" in row.cells]
    columns = _columns_by_name(version, HAS_FEW_VALUES | Q(name__in=enumerated) | Q(label__in=enumerated))
    reading = _Reading(columns, entries_of(version.dataset), skip_unknown)
    for row in rows:
        _read_row(row, reading)
    if reading.faults:
        raise DictionaryRefused(reading.faults[:MOST_FAULTS])
    if reading.values:
        _save(version.dataset, reading.known, reading.values, user)
        details = {"columns": len(reading.values)} | ({"file": file_name} if file_name else {})
        workspace = version.dataset.workspace
        audit.record(user, "dictionary.uploaded", workspace=workspace, obj=version.dataset, details=details)
    return Taken(len(reading.values), reading.skipped, reading.unchanged)


@transaction.atomic
def edit(version: DatasetVersion, column: Column, cells: dict[str, str], user: User) -> dict[str, Fault]:
    """Keep what was typed about one column; return what is wrong by field, and then nothing is kept."""
    faults: dict[str, Fault] = {}
    values: dict[str, Any] = {}
    for name in FIELDS:
        if name in cells:
            value, fault = _value(name, cells[name].strip(), column, 1)
            values[name] = value
            if fault:
                faults[name] = fault
    if not faults:
        _save(version.dataset, entries_of(version.dataset), {column.name: values}, user)
        audit.record(
            user,
            "dictionary.edited",
            workspace=version.dataset.workspace,
            obj=version.dataset,
            details={"column": column.name},
        )
    return faults


def entries_of(dataset: Dataset) -> dict[str, DictionaryEntry]:
    """Return what is known of the columns of a dataset, by name."""
    return {entry.name: entry for entry in dataset.dictionary.all()}


def template_of(version: DatasetVersion, file_format: str = "csv") -> bytes:
    """Return the template for a version as CSV or Excel, with its columns, what is known of them, their few values."""
    known = entries_of(version.dataset)
    lines = [cells_of(column, known.get(column.name)) for column in _with_few_profiles(version, HAS_FEW_VALUES)]
    return workbook(lines) if file_format == "xlsx" else template(lines).encode()


def cells_of(column: Column, entry: DictionaryEntry | None) -> dict[str, str]:
    """Return a column's entry as the cells of a dictionary file; values of persons are never among them."""
    entry = entry or DictionaryEntry(name=column.name)
    own_label = column.own_label
    has_chinese = re.search(r"[\u4e00-\u9fff]", own_label or column.name) is not None
    suggested = own_label or (column.name if has_chinese else "")
    cells = {name: str(getattr(entry, name) or "") for name in TEXTS}
    if entry.pk is None and suggested:
        cells["name_zh" if has_chinese else "name_en"] = suggested
    direction = entry.expected_direction if entry.pk and column.type == ColumnType.NUMERIC else ""
    return cells | {
        "name": column.name,
        "known_after_days": "" if entry.known_after_days is None else str(entry.known_after_days),
        "expected_direction": direction,
        "is_sensitive": _switch(entry, entry.is_sensitive),
        "is_protected": _switch(entry, entry.is_protected),
        "is_changeable": _switch(entry, entry.is_changeable),
        "cost_per_query": "" if entry.cost_per_query is None else f"{entry.cost_per_query.normalize():f}",
        "enumerations": written_values(entry.enumerations) if entry.enumerations else _suggested_values(column, entry),
    }


def written_values(values: dict[str, dict[str, str]]) -> str:
    """Write enumerations as they are read: ``1=是|yes; 0=否|no``."""
    return "; ".join(
        f"{code}={words.get('zh', '')}" + (f"|{words['en']}" if words.get("en") else "")
        for code, words in values.items()
    )


def labels_of(columns: Iterable[Column], entries: dict[str, DictionaryEntry]) -> dict[str, dict[str, str]]:
    """Return the names and reasons of columns as a spec keeps them, for those that have any besides their own name."""
    labels = {}
    for column in columns:
        entry = entries.get(column.name)
        own = column.own_label
        en = (entry and (entry.name_en or entry.name_zh)) or own
        zh = (entry and (entry.name_zh or entry.name_en)) or own
        reasons = {name: getattr(entry, name) for name in REASONS if entry and getattr(entry, name)}
        if en or zh or reasons:
            labels[column.name] = {"en": en or column.name, "zh": zh or column.name, **reasons}
    return labels


def value_labels_of(
    columns: Iterable[Column], entries: dict[str, DictionaryEntry]
) -> dict[str, dict[str, dict[str, str]]]:
    """Return what the codes of columns mean, as a spec keeps it, for those whose dictionary says so."""
    found = {
        column.name: {
            code: {language: word for language, word in words.items() if word}
            for code, words in entries[column.name].enumerations.items()
            if any(words.values())
        }
        for column in columns
        if column.name in entries
    }
    return {name: values for name, values in found.items() if values}


def proposed_directions(columns: Iterable[Column], entries: dict[str, DictionaryEntry]) -> dict[str, int]:
    """Return the directions that the dictionary expects of number columns: 1 raises the event's probability."""
    ways = {"+": 1, "-": -1}
    return {
        column.name: ways[entries[column.name].expected_direction]
        for column in columns
        if column.name in entries
        and column.type == ColumnType.NUMERIC
        and entries[column.name].expected_direction in ways
    }


def known_after_days(dataset: Dataset) -> dict[str, int]:
    """Return the columns that are known only some days after the observation date, with these days."""
    late = dataset.dictionary.filter(known_after_days__gt=0)
    return {entry.name: entry.known_after_days for entry in late if entry.known_after_days}


def _with_few_profiles(version: DatasetVersion, needed: Q) -> list[Column]:
    """Return the columns in the file's order; of most, the profile stays in the database: there may be thousands."""
    columns = list(version.columns.defer("profile", "special_values"))
    profiles = dict(version.columns.filter(needed).values_list("pk", "profile"))
    for column in columns:
        column.profile = profiles.get(column.pk, {})
    return columns


def _columns_by_name(version: DatasetVersion, profiled: Q) -> dict[str, Column]:
    """Return columns by their name and, where it is nobody's name, by the name they had in the file."""
    columns = _with_few_profiles(version, profiled)
    return {column.label: column for column in columns if column.label} | {column.name: column for column in columns}


def _read_row(row: FileRow, reading: _Reading) -> None:
    name = row.cells.get("name", "")
    if not name:
        reading.faults.append(_fault(NO_NAME, row.number, "name"))
        return
    column = reading.columns.get(name)
    if column is None:
        if reading.skip_unknown:
            reading.skipped += 1
        else:
            reading.faults.append(_fault(UNKNOWN_COLUMN, row.number, "name", value=name))
        return
    if column.name in reading.rows:
        first = reading.rows[column.name]
        reading.faults.append(_fault(TWICE, row.number, "name", value=name, first=first))
        return
    reading.rows[column.name] = row.number
    if _says_nothing_new(row, column, reading.known.get(column.name)):
        reading.unchanged += 1
        return
    values = reading.values.setdefault(column.name, {})
    for field_name in FIELDS:
        if field_name in row.cells:
            values[field_name], fault = _value(field_name, row.cells[field_name], column, row.number)
            if fault:
                reading.faults.append(fault)


def _says_nothing_new(row: FileRow, column: Column, entry: DictionaryEntry | None) -> bool:
    """Does a row hold what the template holds? Then nobody has filled it in, and a suggestion in it is not taken."""
    written = cells_of(column, entry)
    return all(row.cells[name] == tidy(written[name]) for name in FIELDS if name in row.cells)


def _value(name: str, text: str, column: Column, row: int) -> tuple[Any, Fault | None]:
    """Return what a cell says, or the fault in it."""
    if name in TEXTS:
        return text, _fault(TOO_LONG, row, name, most=TEXTS[name]) if len(text) > TEXTS[name] else None
    if name in SWITCHES:
        is_on = is_ticked(text)
        return bool(is_on), _fault(BAD_SWITCH, row, name, value=text) if is_on is None else None
    if name == "expected_direction":
        return _direction(text, column, row)
    if name == "known_after_days":
        return _days(text, row)
    if name == "cost_per_query":
        return _cost(text, row)
    return _enumerations(text, column, row)


def _direction(text: str, column: Column, row: int) -> tuple[str, Fault | None]:
    way = DIRECTIONS.get(_whole(text).casefold())
    if way is None:
        return "0", _fault(BAD_DIRECTION, row, "expected_direction", value=text)
    if way != "0" and column.type != ColumnType.NUMERIC:
        return "0", _fault(NO_QUANTITY, row, "expected_direction", column=column.name)
    return way, None


def _days(text: str, row: int) -> tuple[int | None, Fault | None]:
    if not _whole(text):
        return None, None
    days = whole_number(_whole(text), most=LATEST_DAYS)
    if days is None:
        return None, _fault(BAD_DAYS, row, "known_after_days", value=text)
    return days, None


def _cost(text: str, row: int) -> tuple[Decimal | None, Fault | None]:
    if not text:
        return None, None
    try:
        cost = Decimal(text.replace(",", "").lstrip("¥￥")).quantize(Decimal("0.0001"))
        if 0 <= cost < DEAREST:
            return cost, None
    except InvalidOperation:
        pass
    return None, _fault(BAD_COST, row, "cost_per_query", value=text)


def _enumerations(text: str, column: Column, row: int) -> tuple[dict[str, dict[str, str]], Fault | None]:
    values: dict[str, dict[str, str]] = {}
    for part in re.split(r"[;；\n]+", text):
        if not part.strip():
            continue
        code, equals, words = (piece.strip() for piece in re.sub("＝", "=", part).partition("="))
        if not code or not equals:
            return {}, _fault(BAD_VALUES, row, "enumerations", value=masked(part.strip()))
        zh, _, en = (piece.strip() for piece in words.partition("|"))
        values[_whole(code)] = {"zh": zh, "en": en}
    missing = [value for value in _values_met(column) if value not in values] if values else []
    if missing:
        shown = ", ".join(masked(value) for value in missing[:10]) + (" …" if len(missing) > 10 else "")
        return values, _fault(VALUES_MISSING, row, "enumerations", column=column.name, values=shown)
    return values, None


def _values_met(column: Column) -> list[str]:
    """Return the values of a column as far as its profile has them: all where they are few, else the frequent ones."""
    profile = column.profile
    levels = (profile.get("histogram") or {}).get("levels") or []
    top = [entry["value"] for entry in profile.get("top_values", [])]
    return [_whole(str(value)) for value in dict.fromkeys([*levels, *top]) if value not in (None, "")]


def _suggested_values(column: Column, entry: DictionaryEntry) -> str:
    if entry.is_sensitive or column.personal_data or not column.is_category:
        return ""
    values = _values_met(column) if column.distinct_count <= PREFILLED_VALUES else []
    is_whole_list = 0 < len(values) == column.distinct_count
    return "; ".join(f"{masked(value)}=" for value in values) if is_whole_list else ""


def _whole(text: str) -> str:
    """Write 1.0 as 1, as a spreadsheet's numbers come."""
    return text[:-2] if re.fullmatch(r"[+-]?\d+\.0", text) else text


def _switch(entry: DictionaryEntry, is_on: bool) -> str:
    return SAID["zh"][is_on] if entry.pk else ""


def _fault(message: str, row: int, name: str, **params: Any) -> Fault:
    return Fault(row, name, message, params)


def _save(dataset: Dataset, known: dict[str, DictionaryEntry], values: dict[str, dict[str, Any]], user: User) -> None:
    """Write the entries of all columns in a few statements: a dictionary may describe thousands."""
    entries = []
    for name, fields in values.items():
        entry = known.get(name) or DictionaryEntry(dataset=dataset, name=name)
        for field_name, value in fields.items():
            setattr(entry, field_name, value)
        entry.set_by, entry.pk = user, None
        entries.append(entry)
    DictionaryEntry.objects.bulk_create(
        entries,
        update_conflicts=True,
        unique_fields=["dataset", "name"],
        update_fields=[*FIELDS, "set_by", "set_at"],
    )
