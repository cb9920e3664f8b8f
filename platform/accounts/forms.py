"""Forms about people."""

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.contrib.auth.forms import AuthenticationForm
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiToken, Role, User
from common.forms import StyledFieldsMixin

FAILURES_ALLOWED = 10
WAIT_SECONDS = 600


class SignInForm(StyledFieldsMixin, AuthenticationForm):
    """Name and password; after many failures for one name it waits, whatever is typed."""

    error_messages = {
        "invalid_login": _("Name and password do not match. Check capital letters, or ask an admin."),
        "inactive": _("This account is closed. Ask an admin of your workspace."),
    }

    def clean(self) -> dict[str, Any]:
        key = f"sign-in-failures:{self.data.get('username', '').lower()[:150]}"
        if cache.get(key, 0) >= FAILURES_ALLOWED:
            raise ValidationError(_("Too many attempts for this name. Wait ten minutes, then try again."))
        try:
            cleaned = super().clean()
        except ValidationError:
            cache.set(key, cache.get(key, 0) + 1, WAIT_SECONDS)
            raise
        cache.delete(key)
        return cleaned


class NewPasswordForm(StyledFieldsMixin, forms.Form):
    """A password someone will sign in with from now on."""

    password = forms.CharField(
        label=_("New password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 10 characters, no common word."),
    )

    def __init__(self, *args: Any, user: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        password_validation.validate_password(password, self.user)
        return password


class PersonForm(NewPasswordForm):
    """A new person of the workspace."""

    username = forms.CharField(
        label=_("Sign-in name"),
        max_length=150,
        validators=[User.username_validator],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    display_name = forms.CharField(label=_("Name shown"), max_length=80, required=False)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.ANALYST)

    field_order = ["username", "display_name", "role", "password"]

    def clean_username(self) -> str:
        username = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=username).exists():
            raise ValidationError(_("This sign-in name is taken. Choose another one."))
        return username


class OwnPasswordForm(NewPasswordForm):
    """A new password for oneself, given the old one."""

    current = forms.CharField(
        label=_("Current password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ["current", "password"]

    def clean_current(self) -> str:
        current = self.cleaned_data["current"]
        if self.user is None or not self.user.check_password(current):
            raise ValidationError(_("This is not your current password."))
        return current


class ProfileForm(StyledFieldsMixin, forms.ModelForm):
    """What a person decides about the own account."""

    class Meta:
        model = User
        fields = ["display_name"]
        labels = {"display_name": _("Name shown")}


class TokenForm(StyledFieldsMixin, forms.ModelForm):
    """A name by which one will know an API key again."""

    class Meta:
        model = ApiToken
        fields = ["name"]
        labels = {"name": _("What is it for?")}
