"""The entry of a model as a form, and what the list is narrowed by."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.forms import DayField, StyledFieldsMixin
from inventory.models import InventoryEntry, Review, RiskTier
from inventory.queries import UNRATED, Asked
from inventory.services import FIELDS, Wish

LONGEST_PURPOSE, LONGEST_BASIS = 2_000, 1_000


class EntryForm(StyledFieldsMixin, forms.Form):
    """What the bank keeps of a model."""

    risk_tier = forms.ChoiceField(
        label=_("Risk tier"), choices=RiskTier.choices, required=False,
        help_text=_("How much harm a wrong score can do. Only an admin can change it."),
    )  # fmt: skip
    owner = forms.ModelChoiceField(
        label=_("Owner"), queryset=User.objects.none(), required=False, empty_label=_("nobody"),
        help_text=_("Answers for the model in the business."),
    )  # fmt: skip
    validator = forms.ModelChoiceField(
        label=_("Validator"), queryset=User.objects.none(), required=False, empty_label=_("nobody"),
        help_text=_("Reviews the model. Must not be the owner, nor have submitted a version."),
    )  # fmt: skip
    purpose = forms.CharField(
        label=_("Purpose"), required=False, max_length=LONGEST_PURPOSE, widget=forms.Textarea(attrs={"rows": 3})
    )
    legal_basis = forms.CharField(
        label=_("Legal basis"), required=False, max_length=LONGEST_BASIS, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("On what the data may be used for this purpose: consent, contract, or a law with its article."),
    )  # fmt: skip
    next_review = DayField(label=_("Next review"), required=False)

    def __init__(self, *args: Any, entry: InventoryEntry, people: list[User], may_rate: bool, **kwargs: Any) -> None:
        super().__init__(*args, initial={name: getattr(entry, name) for name in FIELDS}, **kwargs)
        # Who left the workspace since stays chosen until somebody else is.
        kept = [person.pk for person in (entry.owner, entry.validator) if person is not None]
        known = User.objects.filter(pk__in=[person.pk for person in people] + kept).order_by("username")
        for name in ("owner", "validator"):
            self.fields[name].queryset = known  # type: ignore[attr-defined]
        self.fields["risk_tier"].disabled = not may_rate

    @property
    def wish(self) -> Wish:
        """What the form asks for."""
        cleaned = {name: self.cleaned_data[name] for name in FIELDS}
        return Wish(**{**cleaned, "purpose": cleaned["purpose"].strip(), "legal_basis": cleaned["legal_basis"].strip()})


class FilterForm(StyledFieldsMixin, forms.Form):
    """What the list is narrowed by."""

    tier = forms.ChoiceField(label=_("Risk tier"), required=False)
    review = forms.ChoiceField(label=_("Next review"), required=False)
    person = forms.ChoiceField(label=_("Owner or validator"), required=False)
    text = forms.CharField(label=_("Name, purpose or legal basis"), required=False, max_length=120)

    def __init__(self, *args: Any, people: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tiers = [(code or UNRATED, label) for code, label in RiskTier.choices]
        self.fields["tier"].choices = [("", _("all")), *tiers]  # type: ignore[attr-defined]
        self.fields["review"].choices = [("", _("all")), *Review.choices]  # type: ignore[attr-defined]
        names = [(person.username, str(person)) for person in people]
        self.fields["person"].choices = [("", _("all")), *names]  # type: ignore[attr-defined]

    @property
    def asked(self) -> Asked:
        """What was asked; a value that is not offered narrows nothing."""
        sent = self.cleaned_data if self.is_bound and (self.is_valid() or self.errors) else {}
        return Asked(**{name: sent.get(name, "") for name in ("tier", "review", "person", "text")})
