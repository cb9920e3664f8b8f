"""How every form's fields look."""

from typing import Any

from django import forms


class StyledFieldsMixin:
    """Gives each input the product's class, so that no template and no widget list has to."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if not isinstance(field.widget, forms.CheckboxInput | forms.RadioSelect):
                field.widget.attrs.setdefault("class", "inp")
