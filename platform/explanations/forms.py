"""What is asked of the page of one customer: other values, beside those the page knows already."""

from typing import Any

from django import forms

MOST_COLUMNS = 10_000


class WhatIfForm(forms.Form):
    """A customer with other values; column, own value and value come in threes."""

    cut_off = forms.FloatField(min_value=0, max_value=1, required=False)
    probability = forms.FloatField(min_value=0, max_value=1, required=False)

    def own_values(self) -> dict[str, str]:
        """Return the customer's own values by column."""
        return {column: own for column, own, _value in self._threes()}

    def changes(self) -> dict[str, str]:
        """Return the values that are not the customer's own."""
        return {column: value for column, own, value in self._threes() if value.strip() != own.strip()}

    def _threes(self) -> list[tuple[str, str, str]]:
        data: Any = self.data
        sent = [data.getlist(name)[:MOST_COLUMNS] for name in ("column", "own", "value")]
        return list(zip(*sent, strict=False))
