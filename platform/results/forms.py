"""What is asked of the page on whom to choose: how long the list is, how many of it, and what a customer is worth."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from results.queries.act import BY_CUT_OFF, BY_NUMBER, BY_SHARE, MOST_CUSTOMERS, MOST_MONEY
from training.words import KindWords

BY = {BY_NUMBER: _("Customers"), BY_SHARE: _("Share"), BY_CUT_OFF: _("Cut-off")}


def _whole(label: Any, least: int) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=least, max_value=MOST_CUSTOMERS, required=False)


def _percent(label: Any) -> forms.FloatField:
    return forms.FloatField(label=label, min_value=0, max_value=100, required=False)


def _money(label: Any) -> forms.FloatField:
    return forms.FloatField(label=label, min_value=0, max_value=MOST_MONEY, required=False)


class ChoiceForm(forms.Form):
    """Sent with the address of the page, so that a choice can be passed on; what is left out has a default."""

    by = forms.ChoiceField(label=_("Choose by"), choices=list(BY.items()), required=False)
    customers = _whole(_("Customers on the list"), 1)
    number = _whole(_("Customers to choose"), 0)
    share = _percent(_("Share of the list, %"))
    cutoff = _percent(_("Cut-off of the probability, %"))
    # Labelled in the words of the kind of question: a response and a contact, a loan repaid and a loan lost.
    gain = _money("")
    cost = _money("")

    def __init__(self, *args: Any, words: KindWords, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["gain"].label, self.fields["cost"].label = words.gain, words.cost
        for name, field in self.fields.items():
            if name != "by":
                field.widget.attrs |= {"class": "inp tn", "autocomplete": "off"}
            if isinstance(field, forms.FloatField):
                field.widget.attrs["step"] = "any"
