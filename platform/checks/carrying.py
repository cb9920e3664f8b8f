"""A question put to another version of its dataset: what people decided comes along where the columns are the same."""

from dataclasses import dataclass, field

from django.db import transaction

from accounts.models import User
from catalog.models import Column, ColumnRole, DatasetVersion
from checks.lifecycle import ONLY_ONE, place_columns, set_target, start_check
from checks.models import CheckedColumn, DataCheck, Finding
from checks.tables import definition_of
from experiments.data.sample.definition import refuse_faults
from experiments.data.schema import ColumnSchema
from experiments.errors import BadInput, gettext_noop
from experiments.sentence import Sentence

NO_TARGET = gettext_noop(
    "%(column)s, the column to predict, is not in this dataset version. Choose another column on the data check page."
)
NO_SUCH_COLUMNS = gettext_noop("Not in this dataset version, so what was decided on them is left behind: %(columns)s.")
OTHER_TYPES = gettext_noop(
    "Another type in this dataset version, so what was decided on them is left behind: %(columns)s. Check their roles."
)
NEW_COLUMNS = gettext_noop("New in this dataset version; their roles are proposals: %(columns)s.")
NO_SAMPLE = gettext_noop(
    "The definition of the sample does not fit this dataset version, so all rows are used: %(why)s"
)
MOST_NAMED = 8


@dataclass
class Carried:
    """The check of another version, with what could not come along told in sentences."""

    check: DataCheck
    told: list[Sentence] = field(default_factory=list)

    def tell(self, message: str, columns: list[str]) -> None:
        """Name columns of which something is to be said; of many the first stand for all."""
        if columns:
            named = ", ".join(columns[:MOST_NAMED]) + (" …" if len(columns) > MOST_NAMED else "")
            self.told.append(Sentence(message, {"columns": named}))


@transaction.atomic
def carry_check(check: DataCheck, version: DatasetVersion, user: User) -> Carried:
    """Open the check of another version with the decisions of this one, and start it.

    Target, event, sample, roles, types, what people took out or put back come along where a column of the same name
    and type is there; ``told`` says where not.
    """
    new = DataCheck.objects.create(version=version, kind=check.kind, owner=user)
    place_columns(new)
    carried = Carried(new)
    before = {each.column.name: each for each in check.columns.select_related("column").defer("column__profile")}
    columns = {each.column.name: each for each in new.columns.select_related("column").defer("column__profile")}
    same = {name for name in before if name in columns and before[name].column.type == columns[name].column.type}
    decided = [name for name, each in before.items() if _is_decided(each)]
    carried.tell(NO_SUCH_COLUMNS, [name for name in decided if name not in columns])
    carried.tell(OTHER_TYPES, [name for name in decided if name in columns and name not in same])
    carried.tell(NEW_COLUMNS, [name for name in columns if name not in before])
    _carry_columns(before, columns, same)
    _carry_sample(check, carried)
    if check.target and check.target not in columns:
        carried.told.append(Sentence(NO_TARGET, {"column": check.target}))
    elif check.target:
        set_target(new, check.target, check.event)
        _carry_undone(check, new, {name: columns[name].column for name in same})
        start_check(new)
    return carried


def _is_decided(each: CheckedColumn) -> bool:
    by_hand = each.excluded and not each.excluded_by_system
    return bool(by_hand or each.type or each.role not in (ColumnRole.FEATURE, ColumnRole.TARGET))


def _carry_columns(before: dict[str, CheckedColumn], columns: dict[str, CheckedColumn], same: set[str]) -> None:
    """A role that goes to one column only was proposed for no other of this version."""
    taken = {before[name].role for name in same}
    for name, each in columns.items():
        if name in same:
            each.role, each.type = before[name].role, before[name].type
            each.excluded = before[name].excluded and not before[name].excluded_by_system
        elif each.role in taken and each.role in ONLY_ONE:
            each.role = ColumnRole.FEATURE
        if each.role == ColumnRole.TARGET:
            each.role = ColumnRole.FEATURE
    CheckedColumn.objects.bulk_update(columns.values(), ["role", "type", "excluded"], batch_size=500)


def _carry_undone(check: DataCheck, new: DataCheck, columns: dict[str, Column]) -> None:
    """What the system had taken out and people put back stays in: the new check meets the same findings undone."""
    undone = list(check.findings.exclude(undone_at=None).select_related("column"))
    kept = [finding for finding in undone if finding.column is None or finding.column.name in columns]
    for finding in kept:
        finding.pk, finding.check_of = None, new
        finding.column = columns[finding.column.name] if finding.column else None
    Finding.objects.bulk_create(kept)


def _carry_sample(check: DataCheck, carried: Carried) -> None:
    new = carried.check
    new.sample = check.sample
    if check.sample:
        columns = new.version.columns.defer("profile")
        schema = [ColumnSchema(column.name, column.label, column.type) for column in columns]  # type: ignore[arg-type]
        try:
            refuse_faults(definition_of(check), schema)
        except BadInput as error:
            new.sample = {}
            carried.told.append(Sentence(NO_SAMPLE, {"why": {"message": error.message, "params": error.params}}))
    new.save(update_fields=["sample"])
