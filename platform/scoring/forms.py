"""What scoring asks for: a champion and a file."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.errors import NO_FILE, UploadRefused
from common.templatetags.formatting import told
from registry.models import ModelVersion


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
    file = forms.FileField(required=False, allow_empty_file=True, max_length=1000)

    def __init__(
        self, *args: Any, champions: QuerySet[ModelVersion], refusal: UploadRefused | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].queryset = champions
        self.refusal = refusal

    def clean(self) -> dict[str, Any]:
        """Say why the server stopped taking the file, or that there was none."""
        cleaned = super().clean() or {}
        if self.refusal is not None:
            self.add_error("file", told(self.refusal.message, self.refusal.params))
        elif not cleaned.get("file"):
            self.add_error("file", told(NO_FILE))
        return cleaned
