"""Forms about people."""

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.attempts import PasswordAttempt, address_of, is_own_password
from accounts.errors import TooManyAttempts
from accounts.models import ApiToken, Role, User
from common.forms import StyledFieldsMixin


class SignInForm(StyledFieldsMixin, AuthenticationForm):
    """Name and password; after many failures for one name at one address it waits, whatever is typed."""

    error_messages = {
        "invalid_login": _("Sign-in name and password do not match. Check upper and lower case, or ask an admin."),
        "inactive": _("This account is deactivated. Ask an admin of your workspace."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("Sign-in name")

    def clean(self) -> dict[str, Any]:
        if not self.cleaned_data.get("username") or not self.cleaned_data.get("password"):
            return super().clean()
        attempt = PasswordAttempt(self.cleaned_data["username"], address_of(self.request))
        try:
            attempt.begin()
        except TooManyAttempts as refused:
            raise ValidationError(str(refused)) from None
        cleaned = super().clean()
        attempt.forgive()
        return cleaned


class NewPasswordForm(StyledFieldsMixin, forms.Form):
    """A password someone will sign in with from now on."""

    password = forms.CharField(
        label=_("New password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 10 characters, not a common word, not containing the name."),
    )

    def __init__(self, *args: Any, user: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        password_validation.validate_password(password, self.person())
        return password

    def person(self) -> User | None:
        """Return whose password it will be."""
        return self.user


class PersonForm(NewPasswordForm):
    """A new person of the workspace."""

    username = forms.CharField(
        label=_("Sign-in name"),
        max_length=150,
        validators=[User.username_validator],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    display_name = forms.CharField(label=_("Display name"), max_length=80, required=False)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.ANALYST)

    # The password is judged by the names, so it comes after them.
    field_order = ["username", "display_name", "role", "password"]

    def person(self) -> User:
        names = {name: self.cleaned_data.get(name) or "" for name in ("username", "display_name")}
        return User(**names)

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

    def __init__(self, *args: Any, address: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.address = address

    def clean_current(self) -> str:
        current = self.cleaned_data["current"]
        try:
            is_right = self.user is not None and is_own_password(self.user, current, self.address)
        except TooManyAttempts as refused:
            raise ValidationError(str(refused)) from None
        if not is_right:
            raise ValidationError(_("This is not your current password."), code="wrong_password")
        return current


class ProfileForm(StyledFieldsMixin, forms.ModelForm):
    """What a person decides about the own account."""

    class Meta:
        model = User
        fields = ["display_name"]
        labels = {"display_name": _("Display name")}


class TokenForm(StyledFieldsMixin, forms.ModelForm):
    """A name by which one will know an API key again."""

    class Meta:
        model = ApiToken
        fields = ["name"]
        labels = {"name": _("What is it for?")}
