"""The columns of the list of experiments, and what they are called."""

from dataclasses import dataclass
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from training.words import METRICS

# In this order; rows of which nobody knows the future stand beside those drawn at random, in a column of their own.
SAMPLES = {
    "validation": pgettext_lazy("rows a measure was taken on", "cross-validation"),
    "out_of_time": pgettext_lazy("rows a measure was taken on", "out-of-time"),
    "held_out": pgettext_lazy("rows a measure was taken on", "random held-out rows"),
}
COLOURS = {"validation": "c-val", "out_of_time": "c-oot", "held_out": "c-oot"}


@dataclass(frozen=True)
class ColumnWords:
    """A column that may be shown: its name in addresses, its label, and whether it holds numbers.

    Attributes
    ----------
    sort : the field that rows are sorted by; empty where they cannot be. metric, sample : of a measure.
    falls_first : whether the largest come first when somebody sorts by it.
    """

    name: str
    label: Any
    sort: str = ""
    is_number: bool = False
    falls_first: bool = False
    metric: str = ""
    sample: str = ""

    @property
    def heading(self) -> Any:
        """What stands in the head of the list, above the rows that a measure was taken on."""
        return METRICS[self.metric].label if self.metric else self.label

    @property
    def below(self) -> Any:
        return SAMPLES.get(self.sample, "")


def _measure(metric: str, sample: str) -> ColumnWords:
    label = format_lazy(_("{metric}, {sample}"), metric=METRICS[metric].label, sample=SAMPLES[sample])
    falls = not METRICS[metric].lower_is_better
    return ColumnWords(f"{metric}.{sample}", label, is_number=True, falls_first=falls, metric=metric, sample=sample)


MEASURES = {f"{metric}.{sample}": _measure(metric, sample) for sample in SAMPLES for metric in METRICS}
FACTS = {
    each.name: each
    for each in (
        ColumnWords("state", _("State"), "state"),
        ColumnWords("tags", _("Tags")),
        ColumnWords("model", _("Recommended model")),
        ColumnWords("trials", _("Trials"), is_number=True),
        ColumnWords("features", _("Features"), is_number=True),
        ColumnWords("split", pgettext_lazy("of rows", "Split")),
        ColumnWords("budget", _("Budget"), "budget_seconds", is_number=True, falls_first=True),
        ColumnWords("seed", _("Seed"), "seed", is_number=True),
        ColumnWords("hash", _("Data hash")),
        ColumnWords("note", _("Note")),
        ColumnWords("owner", _("Owner"), "owner__display_name"),
        ColumnWords("created", _("Created"), "created_at", falls_first=True),
        ColumnWords("changed", _("Changed"), "updated_at", falls_first=True),
    )
}
# What a model is stands before its measures, what the experiment took behind.
_BEFORE = ("state", "tags", "model")
COLUMNS = {name: FACTS[name] for name in _BEFORE} | MEASURES | FACTS
NAME = ColumnWords("name", _("Experiment"), "name")
USUAL = ("state", "tags", "model", "auc.validation", "auc.out_of_time", "auc.held_out", "owner", "changed")
SORTABLE = {NAME.name: NAME, **{name: each for name, each in COLUMNS.items() if each.sort or each.metric}}
NEWEST_FIRST = "-changed"
