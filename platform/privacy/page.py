"""What the page of personal data shows: one line a column, without any plain value."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models import Column, ColumnSetting, DatasetVersion
from dictionary.page import labels_for_reader

KINDS = {
    "id_card": _("Identity number"),
    "mobile": _("Mobile number"),
    "bank_card": _("Bank card number"),
    "email": _("E-mail address"),
    "name": _("Name of a person"),
    "address": _("Postal address"),
    "other": _("Chosen by hand"),
}
WAYS = {
    "hash": (_("Hash"), _("A keyed hash: tables can still be joined on it, but nobody can read the values.")),
    "keep": (_("Mask"), _("Only the masked value is kept, as shown here.")),
    "drop": (_("Remove values"), _("The column stays, but without its values.")),
    "none": (_("No personal data"), _("False alarm: the original values are restored.")),
}


@dataclass(frozen=True)
class PersonalLine:
    """A column that holds personal data, or was thought to."""

    column: Column
    wanted: str
    label: str = ""

    @property
    def facts(self) -> dict[str, Any]:
        return self.column.profile.get("protection", {})

    @property
    def kind(self) -> Any:
        return KINDS.get(self.facts.get("kind") or self.column.personal_data or "other", "")

    @property
    def way(self) -> str:
        return str(self.facts.get("way") or "none")

    @property
    def way_label(self) -> Any:
        return WAYS.get(self.way, WAYS["none"])[0]

    @property
    def waits(self) -> bool:
        """Whether another way was chosen that holds from the next version on."""
        return bool(self.wanted) and self.wanted != self.way

    @property
    def wanted_label(self) -> Any:
        return WAYS.get(self.wanted, WAYS["none"])[0]


def personal_lines(version: DatasetVersion) -> list[PersonalLine]:
    """Return the columns found or chosen, in the file's order."""
    wanted = _wanted(version)
    columns = list(version.columns.filter(Q(profile__has_key="protection") | ~Q(personal_data="")))
    labels = labels_for_reader(columns, version.dataset)
    return [PersonalLine(column, wanted.get(column.name, ""), labels[column.name]) for column in columns]


def other_columns(version: DatasetVersion) -> list[str]:
    """Return the columns that could be protected by hand."""
    return list(version.columns.exclude(profile__has_key="protection").values_list("name", flat=True)[:2_000])


def _wanted(version: DatasetVersion) -> dict[str, str]:
    settings = ColumnSetting.objects.filter(dataset=version.dataset_id).exclude(protection="")
    return dict(settings.values_list("name", "protection"))
