"""What scoring asks for: a champion and a file."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from registry.models import ModelVersion

ACCEPTED = ".csv,.txt,.tsv,.xlsx,.parquet,.zip,.gz"


class ChampionField(forms.ModelChoiceField):
    def label_from_instance(self, version: Any) -> str:
        return str(version)


class ScoringForm(forms.Form):
    """Choose the champion, drop next month's file."""

    version = ChampionField(
        label=_("Model"),
        queryset=ModelVersion.objects.none(),
        empty_label=None,
        widget=forms.Select(attrs={"class": "inp"}),
        error_messages={"invalid_choice": _("That is not a champion of this workspace.")},
    )
    file = forms.FileField(
        label=_("File with the customers to score"),
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"class": "inp file", "accept": ACCEPTED}),
        help_text=_("CSV, Excel (.xlsx) or Parquet, zipped or not. The order of the columns does not matter."),
        error_messages={"required": _("Choose a file.")},
    )

    def __init__(self, *args: Any, champions: QuerySet[ModelVersion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].queryset = champions
