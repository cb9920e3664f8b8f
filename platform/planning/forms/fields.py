"""Fields of what is asked of a run: ranges, labels and help as the engine's schema has them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_lazy as _

from common.templatetags.formatting import told
from experiments.spec import ASKED, Asked, Range

SWITCH = [("off", _("Off")), ("on", _("On"))]


def number_field(name: str) -> forms.Field:
    """Return a field whose every mistake is answered by the one sentence that says what may be entered."""
    return _numbers(name, ASKED[name], ASKED[name].numbers, gettext_lazy(ASKED[name].label))


def percent_field(name: str) -> forms.Field:
    """Return the field of a share that is typed in percent; a share of which nothing need be said may be left empty."""
    one = replace(ASKED[name], numbers=ASKED[name].numbers.in_percent)  # type: ignore[union-attr]
    return _numbers(name, one, one.numbers, format_lazy(_("{label}, %"), label=gettext_lazy(one.label)))


def _numbers(name: str, one: Asked, numbers: Range | None, label: Any) -> forms.Field:
    assert numbers is not None
    words = dict.fromkeys(("min_value", "max_value", "invalid"), lazy(lambda: told(**one.rule), str)())
    same: dict[str, Any] = {"required": False, "label": label, "help_text": _help(one), "error_messages": words}
    least, most = numbers.ends
    if numbers.is_whole:
        return forms.IntegerField(min_value=int(least), max_value=int(most), **same)
    return forms.FloatField(min_value=least, max_value=most, **same)


def name_field(name: str, choices: Mapping[str, Any]) -> forms.Field:
    """Return a field of which one of the engine's names may be chosen, each told by ``choices``."""
    listed = [(choice, choices[choice]) for choice in ASKED[name].choices]
    return forms.ChoiceField(required=False, choices=listed, **words_of(name))


def switch_field(name: str) -> forms.Field:
    return forms.ChoiceField(required=False, choices=SWITCH, **words_of(name))


def text_field(name: str) -> forms.Field:
    return forms.CharField(required=False, max_length=ASKED[name].most_letters or None, **words_of(name))


def words_of(name: str) -> dict[str, Any]:
    return {"label": gettext_lazy(ASKED[name].label), "help_text": _help(ASKED[name])}


def _help(one: Asked) -> Any:
    return gettext_lazy(one.help) if one.help else ""
