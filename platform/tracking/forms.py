"""Tags and note of an experiment as a form."""

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from tracking.models import NOTE_LETTERS
from training.models import Experiment


class KeepingForm(forms.Form):
    """Tags are typed with commas between them."""

    tags = forms.CharField(
        label=_("Tags"),
        required=False,
        help_text=_("With commas between them, for example: baseline, 2026 Q1."),
        widget=forms.TextInput(attrs={"class": "inp", "autocomplete": "off"}),
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=NOTE_LETTERS,
        widget=forms.Textarea(attrs={"class": "inp", "rows": 5}),
    )

    @classmethod
    def of(cls, experiment: Experiment) -> "KeepingForm":
        """Fill the form with what is kept."""
        tags = ", ".join(experiment.tagged.values_list("tag", flat=True))
        note = experiment.note.text if hasattr(experiment, "note") else ""
        return cls(initial={"tags": tags, "note": note})

    @property
    def typed_tags(self) -> list[str]:
        """The tags that were typed; a full-width comma separates them as well."""
        return re.split(r"[,，、;；]", self.cleaned_data["tags"])
