"""Columns and their values as the reader calls them: business names, meanings of codes, segments."""

import re
from collections.abc import Mapping
from typing import Protocol

from django.utils.translation import gettext as _

from common.language import reader_language
from experiments.explanation.values import Meanings, value_in_words
from experiments.labels import words_for as column_words
from experiments.telling import minus
from training.models import Experiment
from training.queries.hidden import hidden_columns

RANGE = re.compile(r"\[(?P<low>[^,]+), (?P<high>[^)]+)\)")


def names_of(experiment: Experiment) -> dict[str, str]:
    """Return the business names of columns in the reader's language."""
    labels = experiment.asked.labels
    found = {column: column_words(column, labels, reader_language()) for column in labels}
    return {column: words for column, words in found.items() if words}


def secret_columns(experiment: Experiment) -> frozenset[str]:
    """Return the columns whose values nobody is shown and nothing is cut by: sensitive or personal ones."""
    return hidden_columns([experiment]).secret


def meanings_of(experiment: Experiment) -> dict[str, Meanings]:
    """Return what the codes of columns mean, as the dictionary had it when the run began."""
    return dict(experiment.asked.value_labels)


def in_words(experiment: Experiment, column: str, value: str) -> str:
    """Return a value of a column in the reader's words where it is a code that the dictionary knows."""
    return value_in_words(value, meanings_of(experiment).get(column), reader_language())


class Segment(Protocol):
    """What says which values of which column a segment holds."""

    @property
    def column(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def label(self) -> str: ...


WHOLE_FROM = 100_000


def segment_value(row: Segment, meanings: Mapping[str, Meanings] | None = None) -> str:
    """Say which values a segment holds: a range in words, for few read ``[a, b)``, and a code by its meaning."""
    if row.kind in ("other", "missing"):
        return {"other": _("others"), "missing": _("missing")}[row.kind]
    bounds = RANGE.fullmatch(row.label) if row.kind == "range" else None
    if bounds is None or bounds.groups() == ("−∞", "+∞"):
        return value_in_words(row.label, (meanings or {}).get(row.column), reader_language())
    if bounds["low"] == "−∞":
        return _("below %(high)s") % {"high": _bound(bounds["high"])}
    if bounds["high"] == "+∞":
        return _("%(low)s or more") % {"low": _bound(bounds["low"])}
    return _("%(low)s to below %(high)s") % {"low": _bound(bounds["low"]), "high": _bound(bounds["high"])}


def _bound(written: str) -> str:
    number = float(written)
    # Amounts of many digits are told whole, never as a power of ten.
    return minus(f"{number:,.0f}" if abs(number) >= WHOLE_FROM else f"{number:,.6g}")
