"""What people decide of columns, for a dataset and all its later versions, and of the rows a question is put to."""

from dataclasses import replace
from typing import Any

import polars as pl
from django.db import transaction

from accounts.models import User
from audit import services as audit
from catalog.models import Column, ColumnSetting, ColumnType
from catalog.queries import QUANTITY
from checks import attributes
from checks import tables as check_tables
from checks.errors import FROZEN, CheckFrozen
from checks.lifecycle import set_target, start_check
from checks.models import DataCheck, Finding
from experiments.data.known_plans import expected_plan
from experiments.data.maturity import window_that_keeps
from experiments.data.parsing import as_texts
from experiments.data.sample.definition import SampleDefinition, refuse_faults
from experiments.data.sample.retyping import retyped
from experiments.data.schema import ColumnSchema
from experiments.data.special_values.special_value import MEANINGS
from experiments.data.written_counts import count_column
from experiments.errors import BadInput, gettext_noop
from experiments.privacy.masking import masked
from privacy import marks as protected_marks

NO_DATES = gettext_noop("%(column)s cannot be read as dates: %(value)s. Its type stays as it is.")
NO_NUMBERS = gettext_noop("%(column)s cannot be read as numbers: %(value)s. Its type stays as it is.")
NO_IMMATURE = gettext_noop("The data check found no immature month, so there is nothing to leave out.")
TARGET_TYPE = gettext_noop("The target keeps its type.")
TARGET_PROTECTED = gettext_noop("The target is what the model predicts, so it cannot be protected.")
IN_DICTIONARY = gettext_noop("The dictionary marks %(column)s as protected. Change the dictionary if it is not.")
# Which types a column of a type may be read as instead.
OTHER_TYPES: dict[str, tuple[str, ...]] = {
    ColumnType.NUMERIC: (ColumnType.CATEGORICAL, ColumnType.DATE),
    ColumnType.CATEGORICAL: (ColumnType.NUMERIC, ColumnType.DATE, ColumnType.TEXT),
    ColumnType.BOOLEAN: (ColumnType.CATEGORICAL, ColumnType.NUMERIC),
    ColumnType.DATE: (ColumnType.CATEGORICAL,),
    ColumnType.TEXT: (ColumnType.CATEGORICAL, ColumnType.NUMERIC, ColumnType.DATE),
}


def remember_role(check: DataCheck, column: Column, role: str, user: User) -> None:
    """Keep a role for the dataset's later versions; the target belongs to the question and is kept with it."""
    _setting(check, column, user, role=role)


@transaction.atomic
def set_type(check: DataCheck, column: Column, kind: str, user: User) -> None:
    """Read a column as another type from now on, or as the file's again.

    Raises BadInput where its values are no such thing, CheckFrozen once the experiment has started.
    """
    refuse_frozen(check)
    if column.name == check.target:
        raise BadInput(TARGET_TYPE)
    if kind != column.type and kind not in OTHER_TYPES.get(column.type, ()):
        return
    _refuse_unreadable(column, kind)
    checked = check.columns.get(column=column)
    checked.type = "" if kind == column.type else kind
    checked.remembered.pop("type", None)
    checked.save(update_fields=["type", "remembered"])
    _setting(check, column, user, type=kind)
    record(user, "check.type_set", check, {"column": column.name, "type": kind})
    if check.target:
        start_check(check)


@transaction.atomic
def confirm_special_value(check: DataCheck, column: Column, value: Any, meaning: str, user: User) -> None:
    """Say what a value of a column stands for, or that it is an ordinary one; ``""`` takes the answer back.

    It holds for all versions of the dataset. What each column can do is measured anew with the next check.
    """
    refuse_frozen(check)
    setting = ColumnSetting.objects.filter(dataset=check.version.dataset_id, name=column.name).first()
    others = [each for each in (setting.special_values if setting else []) if each["value"] != value]
    kept = [*others, {"value": value, "meaning": meaning[:100]}] if meaning else others
    _setting(check, column, user, special_values=kept)
    details = {"column": column.name, "value": str(value), "meaning": meaning[:100]}
    record(user, "check.special_value_set", check, details)


@transaction.atomic
def confirm_all_special_values(check: DataCheck, user: User) -> int:
    """Take every proposal that nobody has answered as it stands; return how many there were."""
    refuse_frozen(check)
    answered = {
        (setting.name, str(each["value"]))
        for setting in ColumnSetting.objects.filter(dataset=check.version.dataset_id)
        for each in setting.special_values
    }
    found = 0
    for column in check.version.columns.exclude(special_values=[]):
        for proposal in column.special_values:
            if (column.name, str(proposal["value"])) not in answered:
                confirm_special_value(check, column, proposal["value"], proposal.get("meaning") or "missing", user)
                found += 1
    return found


@transaction.atomic
def set_protected(check: DataCheck, column: Column, is_protected: bool, user: User) -> None:
    """Say whether a column holds a protected attribute; it holds for all versions of the dataset.

    Raises BadInput where the dictionary protects it, or where it is the target; CheckFrozen once the experiment has
    started.
    """
    refuse_frozen(check)
    if column.name == check.target:
        raise BadInput(TARGET_PROTECTED)
    mark = protected_marks.marks_of(check.version).get(column.name)
    if mark and mark.is_in_dictionary and not is_protected:
        raise BadInput(IN_DICTIONARY, column=column.name)
    decided = protected_marks.YES if is_protected else protected_marks.NO
    _setting(check, column, user, protected=decided)
    record(user, "check.protected_set", check, {"column": column.name, "protected": decided})
    if check.state == DataCheck.State.READY:
        _tell_protected_again(check)


def _tell_protected_again(check: DataCheck) -> None:
    """What was asked is answered: the finding says so without the whole check being made again."""
    check.findings.filter(code__in=(attributes.LOOKS_CODE, attributes.KNOWN_CODE)).delete()
    told = attributes.findings(check)
    Finding.objects.bulk_create(
        Finding(check_of=check, code=each.code, severity=each.severity, message=each.message, params=each.params,
                evidence=each.evidence)
        for each in told
    )  # fmt: skip


@transaction.atomic
def define_sample(check: DataCheck, definition: SampleDefinition, user: User) -> None:
    """Keep which rows the question is put to, and check those.

    Raises BadInput where the table cannot give it, CheckFrozen once the experiment has started.
    """
    refuse_frozen(check)
    columns = check.version.columns.defer("profile")
    schema = [ColumnSchema(column.name, column.label, column.type) for column in columns]  # type: ignore[arg-type]
    refuse_faults(definition, schema)
    check.sample = definition.to_dict()
    if definition.event and check.target != definition.event.column:
        set_target(check, definition.event.column, "1")
    check.save(update_fields=["sample"])
    record(user, "check.sample_defined", check, check.sample)
    if check.target:
        start_check(check)


def immature_months(check: DataCheck) -> Finding | None:
    """Return the finding that proposes to leave the newest months out, where there is one."""
    return check.findings.filter(code="ripening", severity=Finding.Severity.WARNING).first()


@transaction.atomic
def leave_out_immature(check: DataCheck, user: User) -> None:
    """Take the window that a check proposes, so that the months it calls immature are left out."""
    refuse_frozen(check)
    finding = immature_months(check)
    if finding is None:
        raise BadInput(NO_IMMATURE)
    proposed, kept = finding.found, check_tables.definition_of(check)
    until = kept.known_until or proposed.known_until
    window = window_that_keeps(proposed.newest_kept, until)
    define_sample(
        check,
        replace(kept, observed_at=proposed.observed_at, performance_months=window, known_until=until),
        user,
    )


@transaction.atomic
def undo_sample(check: DataCheck, user: User) -> None:
    """Put the question to all rows again."""
    refuse_frozen(check)
    if not check.sample:
        return
    was_made_event = check_tables.definition_of(check).event is not None
    check.sample = {}
    if was_made_event:
        # A column of many numbers can be asked about only through a threshold.
        check.columns.filter(role="target").update(role="feature")
        check.target = check.event = ""
        check.state = DataCheck.State.DRAFT
        check.findings.all().delete()
    check.waterfall = []
    check.save(update_fields=["sample", "target", "event", "state", "waterfall"])
    record(user, "check.sample_undone", check, {})
    if check.target:
        start_check(check)


def refuse_frozen(check: DataCheck) -> None:
    if check.is_frozen:
        raise CheckFrozen(FROZEN)


def meanings() -> dict[str, str]:
    """Return what a special value may stand for."""
    return {**MEANINGS, QUANTITY: gettext_noop("an ordinary value")}


def _refuse_unreadable(column: Column, kind: str) -> None:
    """Look at the most frequent values: a type that none of them fits is a slip."""
    if kind not in (ColumnType.NUMERIC, ColumnType.DATE) or column.type == kind:
        return
    found = [top.get("value") for top in column.profile.get("top_values", [])]
    ends = [column.profile.get("min"), column.profile.get("max")]
    texts = as_texts(pl.Series([value for value in found or ends if value is not None], strict=False)).cast(pl.String)
    read = retyped(texts, expected_plan(kind, count_column(texts)))  # type: ignore[arg-type]
    if 2 * read.null_count() > len(texts):
        message = NO_NUMBERS if kind == ColumnType.NUMERIC else NO_DATES
        raise BadInput(message, column=column.name, value=masked(texts.filter(read.is_null())[0]))


def _setting(check: DataCheck, column: Column, user: User, **changes: Any) -> None:
    ColumnSetting.objects.update_or_create(
        dataset_id=check.version.dataset_id,
        name=column.name,
        defaults={**changes, "set_by": user, "set_on": check.version},
    )


def record(user: User, action: str, check: DataCheck, details: dict[str, Any]) -> None:
    """Put an act on a check on record, in its workspace."""
    audit.record(user, action, workspace=check.version.dataset.workspace, obj=check, details=details)
