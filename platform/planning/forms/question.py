"""Step 1 as a form: the kind of question, and a file or a dataset that is here already."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.models import DatasetVersion
from experiments.kinds import KINDS
from training.models import TargetKind
from uploads.forms import UploadForm


class ExperimentForm(UploadForm):
    """A file in the form wins over a dataset chosen from the list."""

    kind = forms.ChoiceField(
        choices=TargetKind.choices,
        error_messages={"required": _("Choose what the model should predict.")},
    )
    version = forms.CharField(required=False)
    experiment_name = forms.CharField(
        label=_("Name of the experiment"),
        required=False,
        max_length=120,
        help_text=_("If left empty, the dataset's name is used."),
        widget=forms.TextInput(attrs={"class": "inp", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, versions: list[DatasetVersion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._versions = {str(version.pk): version for version in versions}

    @property
    def chosen_version(self) -> DatasetVersion | None:
        """Return the dataset version chosen from the list, unless a file was sent."""
        return None if self.cleaned_data.get("file") else self._versions.get(self.cleaned_data.get("version", ""))

    def needs_file(self, cleaned: dict[str, Any]) -> bool:
        return cleaned.get("version", "") not in self._versions

    @property
    def kinds(self) -> list[dict[str, Any]]:
        """What the page offers as cards."""
        chosen = self["kind"].value()
        return [
            {
                "value": kind.value,
                "label": kind.label,
                "question": gettext(KINDS[kind].question),
                "is_chosen": kind == chosen,
            }
            for kind in TargetKind
        ]
