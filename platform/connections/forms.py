"""Databases and the queries to them, as forms."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import OneOfField, StyledFieldsMixin
from common.templatetags.formatting import told
from connections import services
from connections.models import Connection


class ConnectionForm(StyledFieldsMixin, forms.Form):
    """A database and who asks it; a password that is kept is never shown, only replaced."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("Your name for it, for example Warehouse."))
    kind = forms.ChoiceField(label=_("Type of database"), choices=Connection.Kind.choices)
    host = forms.CharField(
        label=_("Host"), max_length=200, help_text=_("Name or address, such as db.bank.example or 10.1.2.3.")
    )
    port = forms.IntegerField(
        label=_("Port"),
        min_value=1,
        max_value=65535,
        required=False,
        help_text=_("If empty: 5432 for PostgreSQL, 3306 for MySQL."),
    )
    database = forms.CharField(label=_("Database"), max_length=120)
    user_name = forms.CharField(
        label=_("User"),
        max_length=120,
        help_text=_("A user who may read the tables needed and nothing else; any other is refused."),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=500,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=False),
        help_text=_("Stored encrypted and never shown again."),
    )

    def __init__(self, *args: Any, connection: Connection | None = None, **kwargs: Any) -> None:
        if connection is not None:
            kwargs["initial"] = {name: getattr(connection, name) for name in self.base_fields if name != "password"}
        super().__init__(*args, **kwargs)
        for name in ("name", "host", "database", "user_name"):
            self.fields[name].widget.attrs["autocomplete"] = "off"
        if connection is not None and connection.encrypted_password:
            self.fields["password"].help_text = _("If empty, the saved password stays.")

    def clean_database(self) -> str:
        name = str(self.cleaned_data["database"])
        try:
            services.refuse_name(name)
        except services.ConnectionRefused as refused:
            raise forms.ValidationError(told(refused.message, refused.params)) from refused
        return name


class QueryForm(StyledFieldsMixin, forms.Form):
    """A query over one of the workspace's connections, and the dataset its answer becomes."""

    connection = OneOfField(Connection.objects.none(), label=_("Database"), empty_label=None)
    name = forms.CharField(
        label=_("Name of the dataset"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    sql = forms.CharField(
        label=_("Query"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false", "class": "inp code", "autocapitalize": "off"}),
        help_text=_(
            "One SELECT, run read-only. Numbers, dates and booleans keep their type; text is interpreted as in a file."
        ),
    )

    def __init__(self, *args: Any, connections: Any, has_dataset: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["connection"].queryset = connections  # type: ignore[attr-defined]
        if has_dataset:
            del self.fields["name"]
