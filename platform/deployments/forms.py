"""What a deployment is asked to be, and what it is switched to."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_lazy as _

from common.forms import OneOfField, StyledFieldsMixin
from deployments.models import LONGEST_WHY, NAME_PATTERN, Configuration, Environment, Role
from deployments.services import BAD_NAME, Challenger
from registry.models import ModelVersion

BAD_NAME_TOLD = gettext_lazy(BAD_NAME)
ROLES = [(Role.SHADOW, _("in the shadow")), (Role.SPLIT, _("with a share of traffic"))]


class SwitchForm(StyledFieldsMixin, forms.Form):
    """Which version answers, and which run beside it."""

    champion = OneOfField(ModelVersion.objects.none(), label=_("Champion"), empty_label=None)
    challenger = OneOfField(ModelVersion.objects.none(), label=_("Challenger"), required=False, empty_label=_("none"))
    role = forms.ChoiceField(
        label=_("The challenger runs"),
        choices=ROLES,
        initial=Role.SHADOW,
        help_text=_("In the shadow it scores everybody and never answers. With a share it answers that share."),
    )
    percent = forms.IntegerField(
        label=_("Share of customers, %"), min_value=1, max_value=99, required=False, initial=10,
        help_text=_("Which customers is decided by their ID alone, so each customer always gets the same version."),
    )  # fmt: skip
    why = forms.CharField(
        label=_("Reason (goes to the audit log)"),
        max_length=LONGEST_WHY,
        required=False,
        widget=forms.Textarea(attrs={"class": "inp", "rows": 2}),
    )

    def __init__(self, *args: Any, versions: list[ModelVersion], now: Configuration | None = None, **kwargs: Any):
        if now is not None and now.is_on:
            beside = now.challengers[0] if now.challengers else None
            kwargs["initial"] = {
                "champion": now.champion,
                "challenger": beside.version if beside else None,
                "role": beside.role if beside else Role.SHADOW,
                "percent": beside.percent if beside and beside.percent else 10,
            }
        super().__init__(*args, **kwargs)
        choices = ModelVersion.objects.filter(pk__in=[version.pk for version in versions]).select_related(
            "registered_model", "leaderboard_row__experiment"
        )
        for name in ("champion", "challenger"):
            self.fields[name].queryset = choices.order_by("registered_model__name", "-number")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("challenger") and cleaned.get("role") == Role.SPLIT and not cleaned.get("percent"):
            self.add_error("percent", _("Say which share of the customers, from 1 to 99."))
        return cleaned

    @property
    def challengers(self) -> list[Challenger]:
        """What runs beside the champion."""
        version = self.cleaned_data.get("challenger")
        if version is None:
            return []
        is_split = self.cleaned_data["role"] == Role.SPLIT
        return [Challenger(version, self.cleaned_data["percent"] if is_split else None)]


class DeploymentForm(SwitchForm):
    """A new deployment: its name, where it is used, and what answers."""

    name = forms.CharField(
        label=_("Name"),
        max_length=63,
        validators=[RegexValidator(NAME_PATTERN, message=BAD_NAME_TOLD)],
        help_text=_(
            "Part of the address that programs call: lower-case letters, digits and hyphens, such as offer-2026."
        ),
    )
    environment = forms.ChoiceField(label=_("Environment"), choices=Environment.choices)
    field_order = ["name", "environment", "champion", "challenger", "role", "percent", "why"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}
