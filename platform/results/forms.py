"""What is asked of the pages of a result: whom to choose and what that is worth, and how the leaderboard is ordered."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from results.queries.act import BY_CUT_OFF, BY_NUMBER, BY_SHARE, MOST_CUSTOMERS, MOST_MONEY
from results.queries.leaderboard import Leaderboard
from results.queries.ranking import number_asked, rankings_offered, samples_offered
from training.words import KindWords, learner_name

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


def _most(label: Any) -> forms.FloatField:
    return forms.FloatField(label=label, min_value=0, max_value=10**9, required=False)


class LeaderboardForm(forms.Form):
    """Sent with the address of the page, so that an order can be passed on; what is left out is as the run had it."""

    by = forms.ChoiceField(label=_("Rank by"), required=False)
    sample = forms.ChoiceField(label=_("Measured on"), required=False)
    customers = _whole(_("Customers on the list"), 1)
    number = _whole("", 0)
    gain = _money("")
    cost = _money("")
    within_limits = forms.BooleanField(label=_("Only models that keep their limits"), required=False)
    family = forms.ChoiceField(label=_("Algorithm"), required=False)
    most_columns = forms.IntegerField(label=_("Max. columns"), min_value=1, max_value=10**6, required=False)
    most_milliseconds = _most(_("Max. milliseconds per row"))
    most_megabytes = _most(_("Max. size, MB"))

    def __init__(self, *args: Any, words: KindWords, leaderboard: Leaderboard, is_risk: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["gain"].label, self.fields["cost"].label = words.gain, words.cost
        self.fields["number"].label = number_asked(is_risk=is_risk)
        families = sorted({line.row.learner for line in leaderboard.lines}, key=learner_name)
        choices = {
            "by": rankings_offered(is_risk=is_risk),
            "sample": samples_offered(leaderboard.test_sample),
            "family": {"": _("All"), **{name: learner_name(name) for name in families}},
        }
        for name, offered in choices.items():
            self.fields[name].choices = list(offered.items())  # type: ignore[attr-defined]
        for field in self.fields.values():
            if not isinstance(field, forms.BooleanField):
                field.widget.attrs |= {"class": "inp tn", "autocomplete": "off"}
            if isinstance(field, forms.FloatField):
                field.widget.attrs["step"] = "any"
