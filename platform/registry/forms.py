"""What retiring and rolling back ask for."""

from django import forms
from django.utils.translation import gettext_lazy as _


class CommentForm(forms.Form):
    """The reason for retiring a version or rolling back."""

    comment = forms.CharField(
        label=_("Comment (goes to the audit log)"),
        max_length=4000,
        widget=forms.Textarea(attrs={"class": "inp", "rows": 3}),
        error_messages={"required": _("Write a comment: it goes to the audit log.")},
    )
