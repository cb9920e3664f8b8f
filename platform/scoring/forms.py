"""What scoring asks for: a champion and a file."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.forms import UploadForm
from registry.models import ModelVersion


class ChampionField(forms.ModelChoiceField):
    def label_from_instance(self, version: Any) -> str:
        return str(version)


class ScoringForm(UploadForm):
    """Choose the champion, drop next month's file."""

    name = None  # type: ignore[assignment]  # a file to be scored becomes no dataset
    version = ChampionField(
        label=_("Model"),
        queryset=ModelVersion.objects.none(),
        empty_label=None,
        widget=forms.Select(attrs={"class": "inp"}),
        error_messages={"invalid_choice": _("That is not a champion of this workspace.")},
    )

    def __init__(self, *args: Any, champions: QuerySet[ModelVersion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].queryset = champions  # type: ignore[attr-defined]
