"""The entry of one column in the data dictionary as a form, and a dictionary as a file."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import Column, ColumnType
from common.templatetags.formatting import told
from dictionary import services
from dictionary.models import DictionaryEntry

DIRECTIONS = [("0", _("Either way")), ("+", _("The higher, the more likely the event")),
              ("-", _("The higher, the less likely the event"))]  # fmt: skip


def _text(label: Any, help_text: Any = "", **more: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"class": "inp", "autocomplete": "off"})
    return forms.CharField(label=label, help_text=help_text, required=False, widget=widget, **more)


class DictionaryFileForm(forms.Form):
    """A dictionary as Excel or CSV."""

    file = forms.FileField(
        label=_("Dictionary file"),
        widget=forms.FileInput(attrs={"class": "drop-i", "accept": ".xlsx,.xls,.csv,.txt"}),
        error_messages={"required": _("Choose a file first: Excel or CSV."), "empty": _("The file is empty.")},
        help_text=_("Excel or CSV, one row per column of the data; the template has all headings."),
    )
    skip_unknown = forms.BooleanField(
        label=_("Skip rows about columns that this dataset does not have"), required=False
    )


class DictionaryEntryForm(forms.Form):
    """What the bank knows of one column."""

    name_zh = _text(_("Name in Chinese"))
    name_en = _text(_("Name in English"))
    source = _text(_("Source"), _("The system or table it comes from."))
    known_after_days = _text(
        _("Known after (days)"), _("Days after the observation date; 0 or empty: known at that time.")
    )
    expected_direction = forms.ChoiceField(
        label=_("Expected direction of effect"),
        choices=DIRECTIONS,
        required=False,
        widget=forms.Select(attrs={"class": "inp"}),
        help_text=_("Proposed in the plan of every experiment, where it can be switched off."),
    )
    reason_group = _text(
        _("Reason group"),
        _("Columns of one group are summed and give the customer one reason. Chinese|English, or one name for both."),
    )
    reason_zh = _text(
        _("Reason in Chinese"), _("Shown to the customer instead of a sentence built from name and value.")
    )
    reason_en = _text(
        _("Reason in English"), _("Shown to the customer instead of a sentence built from name and value.")
    )
    allowed_use = _text(_("Allowed use"), _("For example marketing, risk, or both."))
    cost_per_query = _text(_("Cost per query"), _("In yuan."))
    enumerations = forms.CharField(
        label=_("Values"),
        required=False,
        widget=forms.Textarea(attrs={"class": "inp", "rows": 3}),
        help_text=_("code=Chinese|English, separated by semicolons, for example 1=是|yes; 0=否|no."),
    )
    is_sensitive = forms.BooleanField(label=_("Sensitive: its values are not shown on pages"), required=False)
    is_protected = forms.BooleanField(label=_("Protected: no model ever uses it"), required=False)
    is_changeable = forms.BooleanField(
        label=_("Changeable: the customer can change it, so a change may be advised"), required=False
    )

    def __init__(self, data: Any = None, *, column: Column, entry: DictionaryEntry | None) -> None:
        cells = services.cells_of(column, entry)
        cells["expected_direction"] = cells["expected_direction"] or "0"
        if entry is None:
            cells["enumerations"] = ""
        switches = {name: bool(entry and getattr(entry, name)) for name in services.SWITCHES}
        super().__init__(data, initial={**cells, **switches})
        if column.type != ColumnType.NUMERIC:
            del self.fields["expected_direction"]

    def cells(self) -> dict[str, str]:
        """Return what was typed as the cells of a dictionary file."""
        return {
            name: ("1" if value else "0") if isinstance(value, bool) else str(value)
            for name, value in self.cleaned_data.items()
        }

    def tell(self, faults: dict[str, services.Fault]) -> None:
        """Say beside each field what is wrong with it."""
        for name, fault in faults.items():
            self.add_error(name if name in self.fields else None, told(fault.message, fault.params))
