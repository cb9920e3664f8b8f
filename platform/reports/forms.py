"""What is asked of a report, and a Word template."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.language import reader_language
from experiments.kinds import KindWords
from reports.models import ReportForm, ReportLanguage
from results.queries.act import MOST_MONEY

INPUT = {"class": "inp"}


def _money(help_text: Any = "") -> forms.FloatField:
    widget = forms.NumberInput(attrs={"class": "inp tn", "step": "any", "autocomplete": "off"})
    return forms.FloatField(
        label="", min_value=0, max_value=MOST_MONEY, required=False, help_text=help_text, widget=widget
    )


class ReportRequest(forms.Form):
    """Form and language of a report, and the money at stake where profit is to be told."""

    form = forms.ChoiceField(
        label=_("Format"), choices=ReportForm.choices, initial=ReportForm.DOCX, widget=forms.Select(attrs=INPUT)
    )
    language = forms.ChoiceField(label=_("Language"), choices=ReportLanguage.choices, widget=forms.Select(attrs=INPUT))

    # Labelled in the words of the kind of question: a response and a contact, a loan repaid and a loan lost.
    gain = _money(_("If empty, the report shows no profit."))
    cost = _money()

    def __init__(self, *args: Any, has_pdf: bool, words: KindWords, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"language": reader_language()})
        super().__init__(*args, **kwargs)
        self.fields["gain"].label, self.fields["cost"].label = words.gain, words.cost
        if not has_pdf:
            self.fields["form"].choices = [one for one in ReportForm.choices if one[0] != ReportForm.PDF]  # type: ignore[attr-defined]


class TemplateFile(forms.Form):
    """A Word template of the bank's own."""

    file = forms.FileField(
        label=_("Word template"),
        widget=forms.FileInput(attrs={"class": "drop-i", "accept": ".docx"}),
        error_messages={"required": _("Choose a Word document first."), "empty": _("The file is empty.")},
        help_text=_("A Word document (.docx) of at most 10 MB, without macros and links."),
    )
