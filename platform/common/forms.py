"""How every form's fields look."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms.models import ModelChoiceIterator
from django.utils.translation import gettext_lazy as _

ISO_DAY = "%Y-%m-%d"


class DayField(forms.DateField):
    """A date that reads 2026-12-31 in every language.

    The browser's own date field follows the language of the browser and not the page's: a Chinese page would ask for
    mm/dd/yyyy.
    """

    widget = forms.DateInput
    input_formats = [ISO_DAY, "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d"]
    default_error_messages = {"invalid": _("Enter a date such as 2026-12-31.")}

    def __init__(self, *, css: str = "inp tn", **kwargs: Any) -> None:
        attrs = {"class": css, "placeholder": "YYYY-MM-DD", "inputmode": "numeric", "autocomplete": "off"}
        super().__init__(widget=forms.DateInput(attrs={**attrs, "maxlength": 10, "size": 11}, format=ISO_DAY), **kwargs)


class _AskedOnce(ModelChoiceIterator):
    """Choices that are asked of the database once a form.

    A select box that must be filled looks at its first choice before it shows them all, and Django asks each time.
    """

    def __iter__(self) -> Iterator[Any]:
        if self.field.empty_label is not None:
            yield ("", self.field.empty_label)
        yield from map(self.choice, self.queryset)


class OneOfField(forms.ModelChoiceField):
    """One of some rows, asked for once a form."""

    iterator = _AskedOnce


class StyledFieldsMixin:
    """Gives each input the product's class, so that no template and no widget list has to."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if not isinstance(field.widget, forms.CheckboxInput | forms.RadioSelect):
                field.widget.attrs.setdefault("class", "inp")
