"""The rules of one column as a form: its direction and its special values."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from planning.words import DIRECTIONS


class SpecialValuesField(forms.CharField):
    """Numbers with commas, spaces or Chinese punctuation between them."""

    def clean(self, value: Any) -> list[float]:
        parts = [part for part in re.split(r"[\s,;，；、]+", super().clean(value)) if part]
        try:
            numbers = [float(part.replace("−", "-")) for part in parts]
        except ValueError:
            raise forms.ValidationError(_("Enter numbers with commas between them, for example -1, -999.")) from None
        if any(number != number or abs(number) == float("inf") for number in numbers):
            raise forms.ValidationError(_("Enter numbers with commas between them, for example -1, -999."))
        return sorted(set(numbers))


class ColumnRulesForm(forms.Form):
    """Which way one column may act, and which of its codes are no quantities."""

    direction = forms.TypedChoiceField(choices=list(DIRECTIONS.items()), coerce=int, empty_value="0", required=False)
    special_values = SpecialValuesField(required=False, max_length=300)

    def to_rules(self) -> dict[str, Any]:
        values = self.cleaned_data
        return {"direction": int(values["direction"]), "special_values": values["special_values"]}
