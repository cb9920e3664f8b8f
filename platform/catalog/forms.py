"""Uploads as forms."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.errors import NO_FILE, UploadRefused
from common.templatetags.formatting import told

FILE_TYPES = ".csv,.tsv,.txt,.xlsx,.xlsm,.parquet,.zip,.gz"


class UploadForm(forms.Form):
    """A file and, if wished, the name of its dataset; the key makes one form sent twice one upload."""

    file = forms.FileField(required=False, allow_empty_file=True, max_length=1000)
    name = forms.CharField(
        label=_("Name of the dataset"),
        required=False,
        max_length=100,
        help_text=_("Left empty, the file's name. A name that exists already gets a new version."),
        widget=forms.TextInput(attrs={"class": "inp", "autocomplete": "off"}),
    )
    upload_key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, refusal: UploadRefused | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.refusal = refusal
        if not self.is_bound:
            self.initial.setdefault("upload_key", uuid.uuid4())

    def clean(self) -> dict[str, Any]:
        """Say why the server stopped taking the file, or that there was none."""
        cleaned = super().clean() or {}
        if self.refusal is not None:
            self.add_error("file", told(self.refusal.message, self.refusal.params))
        elif not cleaned.get("file") and self.needs_file(cleaned):
            self.add_error("file", told(NO_FILE))
        return cleaned

    def needs_file(self, cleaned: dict[str, Any]) -> bool:
        return True

    @property
    def key(self) -> str:
        return str(self.cleaned_data.get("upload_key") or "")
