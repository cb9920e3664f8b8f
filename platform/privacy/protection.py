"""Keeps personal data out of the table that everything reads: found at ingest, hashed, masked or dropped."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import polars as pl
from django.conf import settings
from django.db import transaction

from accounts.models import User
from audit import services as audit
from catalog import hooks
from catalog.models import Column, ColumnRole, ColumnSetting, Dataset, DatasetVersion, VersionOrigin
from catalog.reading import Reading
from common.storage import local_path
from experiments.data.reading_notes import Note
from experiments.errors import ExperimentError, gettext_noop
from experiments.ingest.column_names import NAMELESS
from experiments.ingest.masked_preview import Held, KnownColumns
from experiments.ingest.reading import IngestReport
from experiments.privacy.masking import masked
from experiments.privacy.personal import PersonalData, find_personal_data, still_holds
from experiments.privacy.personal_patterns import KINDS
from experiments.privacy.protection import (
    ProtectedColumn,
    SecretKey,
    columns_in,
    columns_that_quote,
    proposed_protection,
    protect_parquet,
    protected_values,
)
from jobs import services as jobs
from jobs.models import TERMINATED, Job
from privacy.job_kinds import JobKind

WAYS = ("hash", "keep", "drop", "none")
VAULT = "personal.parquet"
IS_PERSONAL = gettext_noop("It holds personal data, which no model uses.")
BUSY = gettext_noop("The table is being rewritten. Choose again when that is done.")
JOINED = gettext_noop(
    "This table was joined from others. Protect the column in the table it comes from, then join again."
)
NOT_A_WAY = gettext_noop("Choose one of: hash, keep (masked), drop (no values), none (no personal data).")
# What a profile says of values; nothing of it may speak of a person.
BLANK_PROFILE: dict[str, Any] = {
    **dict.fromkeys(("min", "max", "mean", "std")),
    **{name: {} for name in ("quantiles", "histogram", "extremes", "proposed_event")},
    **{name: [] for name in ("top_values", "special_values")},
}
NOT_FROM_CELLS = frozenset(("column", "columns", "file", "files", "encoding", "format", "sheet", "type", "count"))

EARLIER, MOST_EARLIER = "earlier_readings", 20
WIDE_ENCODINGS = ("utf-16", "utf-32")
EMPTY: Mapping[str, ProtectedColumn] = MappingProxyType({})

OnProgress = Callable[[float], None]


class ProtectionRefused(ExperimentError):
    """A choice of protection that cannot be made now."""


@dataclass(frozen=True)
class Guarded:
    """What was protected in a table: ``facts`` of each column, as its profile keeps them, without any plain value."""

    choices: Mapping[str, ProtectedColumn] = field(default_factory=dict)
    facts: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    earlier: tuple["EarlierReading", ...] = ()


@dataclass(frozen=True)
class EarlierReading:
    """What one reading of a file knew of its columns.

    Attributes
    ----------
    chosen : what a person chose for it. vault : where the plain values lie, while they do.
    """

    chosen: Mapping[str, Any]
    encoding: str
    delimiter: str
    names: tuple[str, ...]
    personal: Mapping[str, ProtectedColumn]
    vault: Path | None = None

    def to_json(self) -> dict[str, Any]:
        """Return as JSON-ready plain data, without the plain values' place."""
        plain = asdict(self)
        return {**{name: plain[name] for name in plain if name != "vault"}, "names": list(self.names)}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "EarlierReading":
        """Build from what ``to_json`` gave."""
        personal = {name: ProtectedColumn(**choice) for name, choice in plain["personal"].items()}
        return cls(plain["chosen"], plain["encoding"], plain["delimiter"], tuple(plain["names"]), personal)


def secret_key() -> SecretKey:
    """Return the installation's key for hashes of personal data."""
    return SecretKey(settings.PERSONAL_DATA_KEY.encode())


def vault_of(parquet_path: str) -> Path:
    """Return where the plain values of a version's protected columns lie; only unmasking reads it."""
    return local_path(parquet_path).with_name(VAULT)


def known_columns(version: DatasetVersion) -> tuple[KnownColumns, ...]:
    """Return what every reading of a version's files knew of their columns, this one first; it rules later looks."""
    return tuple(
        KnownColumns(
            Reading.from_json(earlier.chosen).options(),
            earlier.names,
            {name: Held(choice.kind, choice.is_within_text) for name, choice in earlier.personal.items()},
        )
        for earlier in _earlier_readings(version)
    )


def guard(
    version: DatasetVersion, parquet_path: str, report: IngestReport, on_progress: OnProgress = lambda fraction: None
) -> tuple[IngestReport, Guarded]:
    """Find personal data in a table that was just read and protect it before anything else looks at it.

    Returns the report with the types the table now has and without values of persons, and what was protected.
    Whoever writes a version's Parquet from a file or a database calls this before the profile is made.
    """
    parquet = local_path(parquet_path)
    found = find_personal_data(parquet, lambda fraction: on_progress(0.5 * fraction))
    earlier = _earlier_readings(version)
    carried = _carried(parquet, report, Reading.of(version), earlier)
    # What an earlier, broken off reading left must not be taken for this table's.
    vault_of(parquet_path).unlink(missing_ok=True)
    proposed = {name: proposed_protection(one) for name, one in found.items()}
    names = [column.name for column in report.columns]
    before = _of_the_version_before(version.dataset, parquet, names)
    choices = _choices_for(version.dataset, names, before | proposed, carried)
    guarded = _protect(parquet, choices, found, lambda fraction: on_progress(0.5 + 0.5 * fraction))
    guarded = replace(guarded, earlier=tuple(earlier))
    columns = tuple(replace(one, type="text") if one.name in choices else one for one in report.columns)
    notes = tuple(_without_persons(note, choices) for note in report.notes)
    return replace(report, columns=columns, notes=notes), guarded


def marked(columns: list[Column], guarded: Guarded) -> list[Column]:
    """Note on a version's new columns what they hold and how it is protected."""
    for column in columns:
        choice = guarded.choices.get(column.name)
        if choice is not None:
            _mark(column, choice, guarded.facts[column.name])
    return columns


def protect_values_as(column: Column) -> Callable[[list[Any]], list[str | None]] | None:
    """Return what protects further values as a column's own are, for files that no dataset is made of."""
    facts = column.profile.get("protection") or {}
    if not column.personal_data or facts.get("way") not in ("hash", "keep", "drop"):
        return None
    kind = facts.get("kind")
    choice = ProtectedColumn(kind, facts["way"], bool(facts.get("is_within_text")))
    key = secret_key()
    return lambda values: protected_values(pl.Series(values, strict=False), choice, key).to_list()


def running_job(version: DatasetVersion) -> Job | None:
    """Return the work that is rewriting a version's table, if any."""
    return Job.objects.filter(kind=JobKind.PROTECT, subject_id=version.pk).exclude(state__in=TERMINATED).first()


@transaction.atomic
def choose_protection(version: DatasetVersion, name: str, way: str, user: User) -> Job | None:
    """Protect a column another way, now and in all later versions; ``none`` says that it is no personal data.

    Returns the job that rewrites the table; ``None`` where a run rests on this version: its table stays, and the
    choice holds from the next version on.
    """
    if way not in WAYS:
        raise ProtectionRefused(NOT_A_WAY)
    if version.origin == VersionOrigin.JOIN:
        raise ProtectionRefused(JOINED)
    if running_job(version):
        raise ProtectionRefused(BUSY)
    ColumnSetting.objects.update_or_create(
        dataset=version.dataset, name=name, defaults={"protection": way, "set_by": user}
    )
    workspace = version.dataset.workspace
    audit.record(
        user, "personal_data.protected", workspace=workspace, obj=version, details={"column": name, "protection": way}
    )
    if hooks.is_in_use(version):
        return None
    return jobs.enqueue(
        JobKind.PROTECT, workspace=workspace, owner=user, subject_id=version.pk, size=version.size_bytes
    )


def protect_again(version: DatasetVersion, on_progress: OnProgress = lambda fraction: None) -> Guarded:
    """Rewrite a version's table by the choices as they are now; nothing of it is profiled here."""
    columns = list(version.columns.all())
    found = {column.name: _found(column) for column in columns if column.profile.get("protection")}
    proposed = {name: proposed_protection(one) for name, one in found.items()}
    as_now = {column.name: _choice_on(column) for column in columns if column.personal_data}
    choices = _choices_for(version.dataset, [column.name for column in columns], proposed | as_now)
    return _protect(local_path(version.parquet_path), choices, found, on_progress)


def remark(column: Column, guarded: Guarded) -> None:
    """Note on a column that was there already how it is protected now."""
    choice = guarded.choices.get(column.name)
    if choice is not None:
        _mark(column, choice, guarded.facts[column.name])
        return
    column.personal_data = ""
    if column.proposed_reason == IS_PERSONAL:
        column.proposed_role, column.proposed_reason = ColumnRole.FEATURE, ""


def _protect(
    parquet: Path, choices: dict[str, ProtectedColumn], found: Mapping[str, PersonalData], on_progress: OnProgress
) -> Guarded:
    vault = parquet.with_name(VAULT)
    if not choices and not vault.exists():
        return Guarded()
    key = secret_key()
    examples = protect_parquet(parquet, vault, choices=choices, key=key, on_progress=on_progress)
    facts = {
        name: {
            **(found[name].to_dict() if name in found else {}),
            "way": choice.way,
            "kind": choice.kind,
            "is_within_text": choice.is_within_text,
            "key_id": key.id if choice.way == "hash" else "",
            "examples": examples.get(name, []),
        }
        for name, choice in choices.items()
    }
    return Guarded(choices, facts)


def _choices_for(
    dataset: Dataset,
    names: list[str],
    proposed: Mapping[str, ProtectedColumn],
    carried: Mapping[str, ProtectedColumn] = EMPTY,
) -> dict[str, ProtectedColumn]:
    """Join what is proposed, what earlier readings of the same file knew, and what people decided; people win.

    That a name is no personal data was decided of another column where an earlier reading had it under another name.
    """
    decided = dict(
        ColumnSetting.objects.filter(dataset=dataset).exclude(protection="").values_list("name", "protection")
    )
    choices = {}
    for name in names:
        way = decided.get(name)
        if name in carried:
            way = None if way == "none" else way
        choice = carried.get(name) or proposed.get(name) or (ProtectedColumn(None, "keep") if way else None)
        if choice is not None and way != "none":
            choices[name] = replace(choice, way=way) if way else choice  # type: ignore[arg-type]
    return choices


def _of_the_version_before(dataset: Dataset, parquet: Path, names: Sequence[str]) -> dict[str, ProtectedColumn]:
    """What was personal last month still is when this month's file has more gaps, or other names of columns."""
    latest = dataset.versions.filter(state="ready").order_by("-number").first()
    if latest is None:
        return {}
    columns = list(latest.columns.only("name", "personal_data", "profile"))
    known = {column.name: _choice_on(column) for column in columns if column.personal_data}
    renamed = {
        names[place]: known[column.name]
        for place, column in enumerate(columns)
        if len(columns) == len(names) and column.name in known and column.name not in names
    }
    vault = vault_of(latest.parquet_path)
    olds = {new: columns[names.index(new)].name for new in renamed}
    return known | {
        new: choice for new, choice in renamed.items() if _is_the_same(parquet, new, choice, vault, olds[new])
    }


def _is_the_same(parquet: Path, name: str, choice: ProtectedColumn, vault: Path, old: str) -> bool:
    """Tell whether a column holds what another held in its place the month before."""
    if choice.kind is not None:
        return still_holds(parquet, name, choice.kind)
    is_kept = old in {column.name for column in columns_in(vault)}
    return is_kept and bool(columns_that_quote(parquet, [name], vault, [old], was="", now=""))


def _earlier_readings(version: DatasetVersion) -> list[EarlierReading]:
    """Return what readings of the same file knew, the newest first: this version's, and those of others made of it."""
    others = version.dataset.versions.exclude(pk=version.pk).filter(sha256=version.sha256).exclude(sha256="")
    readings: list[EarlierReading] = []
    for one in (version, *others.order_by("-number")):
        columns = list(one.columns.only("name", "personal_data", "profile"))
        if columns:
            readings.append(
                EarlierReading(
                    chosen=(one.lineage.get("steps") or [{}])[0].get("chosen", {}),
                    encoding=one.encoding,
                    delimiter=one.delimiter,
                    names=tuple(column.name for column in columns),
                    personal={column.name: _choice_on(column) for column in columns if column.personal_data},
                    vault=vault_of(one.parquet_path),
                )
            )
        readings += [EarlierReading.from_json(plain) for plain in one.lineage.get(EARLIER, [])]
    different: dict[str, EarlierReading] = {}
    for reading in readings:
        different.setdefault(json.dumps(reading.to_json(), sort_keys=True), reading)
    return list(different.values())[:MOST_EARLIER]


def earlier_names(version: DatasetVersion) -> dict[int, dict[int, str]]:
    """Return the names that columns of persons had when the file was read before: by how many columns, by position.

    Names that stood in the same line are as good now as they were then; columns without one have none yet.
    """
    line = Reading.of(version).header_line
    kept: dict[int, dict[int, str]] = {}
    for earlier in _earlier_readings(version):
        is_same_line = Reading.from_json(earlier.chosen).header_line == line
        for place, name in enumerate(earlier.names):
            if name in earlier.personal and (not is_same_line or NAMELESS.fullmatch(name)):
                kept.setdefault(len(earlier.names), {}).setdefault(place, name)
    return kept


def _carried(
    parquet: Path, report: IngestReport, reading_now: Reading, earlier: Iterable[EarlierReading]
) -> dict[str, ProtectedColumn]:
    """Return what earlier readings of the same file protected, under the names that it has now."""
    now = _cut(report.encoding, report.delimiter, reading_now.sheet)
    names = [column.name for column in report.columns]
    carried: dict[str, ProtectedColumn] = {}
    is_cut_alike = False
    for reading in earlier:
        if not reading.personal:
            continue
        is_as_wide = len(names) == len(reading.names)
        for place, name in enumerate(reading.names):
            if name in reading.personal and (is_as_wide or name in names):
                carried.setdefault(names[place] if is_as_wide else name, reading.personal[name])
        # What that reading knew of still older ones it has by the same positions.
        then = _cut(reading.encoding, reading.delimiter, reading.chosen.get("sheet", ""))
        is_cut_alike |= is_as_wide and then == now
        if not is_cut_alike:
            open_to_see = [name for name in names if name not in carried or carried[name].is_within_text]
            carried |= dict.fromkeys(_quoting(parquet, report, open_to_see, reading), ProtectedColumn(None, "keep"))
    return carried


def _cut(encoding: str, delimiter: str, sheet: str) -> tuple[bool, str, str]:
    """Return what decides which cells stand where: most encodings have the same delimiters."""
    return encoding.startswith(WIDE_ENCODINGS), delimiter, sheet


def _quoting(parquet: Path, report: IngestReport, names: list[str], reading: EarlierReading) -> list[str]:
    """Return the columns that hold what another way of cutting the file held in columns of persons.

    Where that can no longer be told, it is every column of words.
    """
    isolated = [name for name, choice in reading.personal.items() if not choice.is_within_text]
    turns_wide = report.encoding.startswith(WIDE_ENCODINGS) and not reading.encoding.startswith(WIDE_ENCODINGS)
    vault = reading.vault
    known = {column.name for column in columns_in(vault)} if vault else set()
    if isolated and (not set(isolated) <= known or turns_wide):
        words = {column.name for column in report.columns if column.type not in ("numeric", "date")}
        return [name for name in names if name in words]
    if not isolated or vault is None:
        return []
    return columns_that_quote(parquet, names, vault, isolated, was=reading.encoding, now=report.encoding)


def _choice_on(column: Column) -> ProtectedColumn:
    """Read back how a column of persons is protected."""
    facts = column.profile.get("protection") or {}
    kind = facts.get("kind") or column.personal_data
    way = facts.get("way")
    return ProtectedColumn(
        kind if kind in KINDS else None,
        way if way in ("hash", "keep", "drop") else "keep",
        bool(facts.get("is_within_text")),
    )


def _found(column: Column) -> PersonalData:
    """Read back what was found in a column."""
    facts = column.profile.get("protection", {})
    kind = facts.get("kind") or column.personal_data
    return PersonalData(
        column=column.name,
        kind=kind if kind in KINDS else "name",
        rows=facts.get("rows", 0),
        matches=facts.get("matches", 0),
        confidence=facts.get("confidence", 0.0),
        is_within_text=facts.get("is_within_text", False),
    )


def _mark(column: Column, choice: ProtectedColumn, facts: dict[str, Any]) -> None:
    column.personal_data = choice.kind or "other"
    column.type = "text"
    column.special_values = []
    column.profile = {**column.profile, **BLANK_PROFILE, "protection": facts}
    _keep_from_models(column)


def _keep_from_models(column: Column) -> None:
    if column.proposed_role in (ColumnRole.FEATURE, ColumnRole.TARGET, ColumnRole.WEIGHT, ColumnRole.DATE):
        column.proposed_role, column.proposed_reason = ColumnRole.IGNORE, IS_PERSONAL


def _without_persons(note: Note, choices: Mapping[str, ProtectedColumn]) -> Note:
    """A note may quote cells; of a column of persons it quotes none, of any other none that looks like one."""
    about = {note.column, str(note.params.get("column", "")), *str(note.params.get("columns", "")).split(", ")}
    is_personal = bool(about & set(choices))
    params = {
        name: value
        if not isinstance(value, str) or name in NOT_FROM_CELLS
        else ("***" if is_personal else masked(value))
        for name, value in note.params.items()
    }
    return replace(note, params=params)
