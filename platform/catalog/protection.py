"""Keeps personal data out of the table that everything reads: found at ingest, hashed, masked or dropped."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl
from django.conf import settings
from django.db import transaction

from accounts.models import User
from audit import services as audit
from catalog import storage
from catalog.models import (
    CheckedColumn,
    Column,
    ColumnRole,
    ColumnSetting,
    Dataset,
    DatasetVersion,
    DictionaryEntry,
    VersionOrigin,
)
from catalog.reading import Reading
from experiments.data.delimited import Note
from experiments.data.masked_preview import Held, KnownColumns
from experiments.data.masking import masked
from experiments.data.personal import KINDS, PersonalData, find_personal_data
from experiments.data.protection import (
    ProtectedColumn,
    SecretKey,
    proposed_protection,
    protect_parquet,
    protected_values,
)
from experiments.data.reading import IngestReport
from experiments.errors import ExperimentError, gettext_noop
from jobs import services as jobs
from jobs.models import TERMINATED, Job, JobKind

WAYS = ("hash", "keep", "drop", "none")
VAULT = "personal.parquet"
IS_PERSONAL = gettext_noop("It holds personal data, which no model learns from.")
BUSY = gettext_noop("The table is just being rewritten. Choose again when that is done.")
JOINED = gettext_noop(
    "This table was joined from others. Protect the column in the table it comes from, then join again."
)
NOT_A_WAY = gettext_noop("Choose hash, mask, drop, or no personal data.")
# What a profile says of values; nothing of it may speak of a person.
BLANK_PROFILE: dict[str, Any] = {
    **dict.fromkeys(("min", "max", "mean", "std")),
    **{name: {} for name in ("quantiles", "histogram", "extremes", "proposed_event")},
    **{name: [] for name in ("top_values", "special_values")},
}
NOT_FROM_CELLS = frozenset(("column", "columns", "file", "files", "encoding", "format", "sheet", "type", "count"))

OnProgress = Callable[[float], None]


class ProtectionRefused(ExperimentError):
    """A choice of protection that cannot be made now."""


@dataclass(frozen=True)
class Guarded:
    """What was protected in a table: ``facts`` of each column, as its profile keeps them, without any plain value."""

    choices: Mapping[str, ProtectedColumn] = field(default_factory=dict)
    facts: Mapping[str, dict[str, Any]] = field(default_factory=dict)


def secret_key() -> SecretKey:
    """Return the installation's key for hashes of personal data."""
    return SecretKey(settings.PERSONAL_DATA_KEY.encode())


def vault_of(parquet_path: str) -> Path:
    """Return where the plain values of a version's protected columns lie; only unmasking reads it."""
    return storage.absolute(parquet_path).with_name(VAULT)


def known_columns(version: DatasetVersion) -> KnownColumns | None:
    """Return what is known of a version's columns, which rules every later look at its files."""
    columns = list(version.columns.only("name", "personal_data", "profile"))
    choices = {column.name: _choice_on(column) for column in columns if column.personal_data}
    personal = {name: Held(choice.kind, choice.is_within_text) for name, choice in choices.items()}
    return KnownColumns(Reading.of(version).options(), tuple(column.name for column in columns), personal)


def guard(
    version: DatasetVersion, parquet_path: str, report: IngestReport, on_progress: OnProgress = lambda fraction: None
) -> tuple[IngestReport, Guarded]:
    """Find personal data in a table that was just read and protect it before anything else looks at it.

    Returns the report with the types the table now has and without values of persons, and what was protected.
    Whoever writes a version's Parquet from a file or a database calls this before the profile is made.
    """
    parquet = storage.absolute(parquet_path)
    # What an earlier, broken off reading left must not be taken for this table's.
    vault_of(parquet_path).unlink(missing_ok=True)
    found = find_personal_data(parquet, lambda fraction: on_progress(0.5 * fraction))
    choices = _choices_for(version.dataset, [column.name for column in report.columns], found)
    guarded = _protect(parquet, choices, found, lambda fraction: on_progress(0.5 + 0.5 * fraction))
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


def kept_from_models(columns: Iterable[CheckedColumn], dataset: Dataset) -> list[str]:
    """Return the columns that no model may learn from, whatever anybody decided on the data check.

    They are those that hold personal data and those that the dictionary protects.
    """
    protected = set(protected_columns(dataset))
    return [
        each.column.name
        for each in columns
        if each.role == ColumnRole.FEATURE and (each.column.personal_data or each.column.name in protected)
    ]


def protected_columns(dataset: Dataset) -> list[str]:
    """Return the columns that the dictionary says must never be a feature."""
    return list(DictionaryEntry.objects.filter(dataset=dataset, is_protected=True).values_list("name", flat=True))


def sensitive_columns(dataset: Dataset) -> set[str]:
    """Return the columns whose values the dictionary says are not to be shown."""
    return set(DictionaryEntry.objects.filter(dataset=dataset, is_sensitive=True).values_list("name", flat=True))


def is_in_use(version: DatasetVersion) -> bool:
    """Tell whether a run rests on this version, so that its table must stay as it is."""
    return version.experiments.exclude(state="draft").exists()  # type: ignore[attr-defined]


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
    if is_in_use(version):
        return None
    return jobs.enqueue(
        JobKind.PROTECT, workspace=workspace, owner=user, subject_id=version.pk, size=version.size_bytes
    )


def protect_again(version: DatasetVersion, on_progress: OnProgress = lambda fraction: None) -> Guarded:
    """Rewrite a version's table by the choices as they are now; nothing of it is profiled here."""
    columns = list(version.columns.all())
    found = {column.name: _found(column) for column in columns if column.profile.get("protection")}
    choices = _choices_for(version.dataset, [column.name for column in columns], found)
    return _protect(storage.absolute(version.parquet_path), choices, found, on_progress)


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
    examples = protect_parquet(parquet, vault, choices, key, on_progress)
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


def _choices_for(dataset: Dataset, names: list[str], found: Mapping[str, PersonalData]) -> dict[str, ProtectedColumn]:
    """Join what was found, what was found in the version before, and what people decided; people win."""
    proposed = _of_the_version_before(dataset) | {name: proposed_protection(one) for name, one in found.items()}
    decided = dict(
        ColumnSetting.objects.filter(dataset=dataset).exclude(protection="").values_list("name", "protection")
    )
    choices = {}
    for name in names:
        way = decided.get(name)
        choice = proposed.get(name) or (ProtectedColumn(None, "keep") if way else None)
        if choice is not None and way != "none":
            choices[name] = replace(choice, way=way) if way else choice  # type: ignore[arg-type]
    return choices


def _of_the_version_before(dataset: Dataset) -> dict[str, ProtectedColumn]:
    """What was personal last month still is when this month's file has more gaps."""
    latest = dataset.versions.filter(state="ready").order_by("-number").first()
    if latest is None:
        return {}
    return {column.name: proposed_protection(_found(column)) for column in latest.columns.exclude(personal_data="")}


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
