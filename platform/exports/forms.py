"""What is asked of an export."""

from django import forms

from exports.models import Dialect, ExportForm


class ExportRequest(forms.Form):
    """The form of an export, and of SQL the dialect."""

    form = forms.ChoiceField(choices=ExportForm.choices)
    dialect = forms.ChoiceField(choices=Dialect.choices, required=False)
