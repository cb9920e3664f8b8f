"""The filter of the audit log."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User, Workspace
from audit.models import AuditEntry
from audit.queries import actions_in
from audit.words import told
from common.forms import DayField, StyledFieldsMixin

LOOKUPS = {"actor": "actor", "action": "action", "since": "at__date__gte", "until": "at__date__lte"}


class AuditFilterForm(StyledFieldsMixin, forms.Form):
    """Who, what, when, and a word to find."""

    actor = forms.ModelChoiceField(User.objects.none(), label=_("Person"), required=False, empty_label=_("Everyone"))
    action = forms.ChoiceField(label=_("Action"), required=False)
    since = DayField(label=_("From date"), required=False)
    until = DayField(label=_("To date"), required=False)
    q = forms.CharField(
        label=_("Find an object"),
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Find an object")}),
    )

    def __init__(self, *args: Any, workspace: Workspace, for_admin: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.filter(memberships__workspace=workspace).order_by("username")
        self.fields["actor"].queryset = people  # type: ignore[attr-defined]
        acts = [(action, told(action)) for action in actions_in(workspace, for_admin=for_admin)]
        self.fields["action"].choices = [("", _("All actions")), *acts]  # type: ignore[attr-defined]

    def narrow(self, entries: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """Apply what was filled in; an unreadable field narrows nothing and says so beside itself."""
        self.is_valid()
        wanted = self.cleaned_data
        for field, lookup in LOOKUPS.items():
            if wanted.get(field):
                entries = entries.filter(**{lookup: wanted[field]})
        if wanted.get("q"):
            entries = entries.filter(Q(object_label__icontains=wanted["q"]) | Q(object_id=wanted["q"]))
        return entries
