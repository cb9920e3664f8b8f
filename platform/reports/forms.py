"""What is asked of a report."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.language import reader_language
from reports.models import ReportForm, ReportLanguage

INPUT = {"class": "inp"}


class ReportRequest(forms.Form):
    """Form and language of a report."""

    form = forms.ChoiceField(
        label=_("Format"), choices=ReportForm.choices, initial=ReportForm.DOCX, widget=forms.Select(attrs=INPUT)
    )
    language = forms.ChoiceField(label=_("Language"), choices=ReportLanguage.choices, widget=forms.Select(attrs=INPUT))

    def __init__(self, *args: Any, has_pdf: bool, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"language": reader_language()})
        super().__init__(*args, **kwargs)
        if not has_pdf:
            self.fields["form"].choices = [one for one in ReportForm.choices if one[0] != ReportForm.PDF]  # type: ignore[attr-defined]
