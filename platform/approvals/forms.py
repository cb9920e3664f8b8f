"""What a submission and a decision ask for."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import DayField
from registry.models import ApprovalRequest

Decision = ApprovalRequest.Decision


class SubmitForm(forms.Form):
    """The name the bank will know the model by, what it is for, and a word to the approver."""

    candidate = forms.CharField(widget=forms.HiddenInput)
    name = forms.CharField(
        label=_("Name of the model"),
        max_length=120,
        help_text=_("An existing name makes a new version of that model."),
        widget=forms.TextInput(attrs={"class": "inp wide", "list": "model-names", "autocomplete": "off"}),
        error_messages={"required": _("Give the model a name.")},
    )
    purpose = forms.CharField(
        label=_("Purpose"),
        max_length=2000,
        help_text=_("What the score decides, for whom, and through which channel."),
        widget=forms.Textarea(attrs={"class": "inp", "rows": 3}),
        error_messages={"required": _("Say what the score will be used for.")},
    )
    note = forms.CharField(
        label=_("Note to the approver"),
        max_length=4000,
        required=False,
        help_text=_("Explain every check that failed or has a warning."),
        widget=forms.Textarea(attrs={"class": "inp", "rows": 3}),
    )

    def __init__(self, *args: Any, answers: bool = False, **kwargs: Any) -> None:
        """With ``answers`` the note answers a change that was asked for, and must not be empty."""
        super().__init__(*args, **kwargs)
        if answers:
            note = self.fields["note"]
            note.required, note.label = True, _("Your answer")
            note.help_text = _("What you changed, or why nothing needs to change.")
            note.error_messages["required"] = _("Answer what was asked: what you changed, or why nothing needs to.")


class DecisionForm(forms.Form):
    """Approve, ask for a change or refuse."""

    decision = forms.ChoiceField(
        label=_("Your decision"),
        choices=[(value, label) for value, label in Decision.choices if value != Decision.PENDING],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose: approve, ask for a change, or refuse.")},
    )
    limits_of_use = forms.CharField(
        label=_("Limits of use"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"class": "inp", "rows": 2}),
    )
    comment = forms.CharField(
        label=_("Comment (goes to the audit log)"),
        max_length=4000,
        widget=forms.Textarea(attrs={"class": "inp", "rows": 3}),
        error_messages={"required": _("Write a comment: it goes to the audit log.")},
    )
    expires_on = DayField(label=_("Expires"), required=False, css="inp wide tn")
    password = forms.CharField(
        label=_("Password again"),
        strip=False,
        widget=forms.PasswordInput(attrs={"class": "inp wide", "autocomplete": "current-password"}),
        error_messages={"required": _("Type your password once more.")},
    )

    def __init__(
        self, *args: Any, needs_limits: bool = False, latest_expiry: date | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.needs_limits = needs_limits
        if latest_expiry:
            self.fields["expires_on"].initial = latest_expiry

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        approves = cleaned.get("decision") == Decision.APPROVED
        if approves and self.needs_limits and not (cleaned.get("limits_of_use") or "").strip():
            self.add_error("limits_of_use", _("A check failed or has no evidence: write the limits of use."))
        return cleaned
