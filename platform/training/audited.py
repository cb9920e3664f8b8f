"""The words in which the audit log tells acts on experiments, and the facts they keep."""

from typing import Any

from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from experiments.spec import ASKED

ACTS = {
    "experiment.started": _("started an experiment"),
    "experiment.finish_requested": _("asked a run to finish now"),
    "experiment.cancel_requested": _("cancelled an experiment"),
    "experiment.pause_requested": _("paused a run"),
    "experiment.resumed": _("resumed an experiment"),
    "experiment.continued": _("gave a run more time"),
    "experiment.earlier_kept": _("kept the earlier result of a run"),
    "experiment.repeated": _("re-ran an experiment exactly"),
    "experiment.reopened": _("reopened an experiment"),
}


def within_a_line(label: str) -> str:
    """Return a label as it stands in the middle of a line; an abbreviation at its start stays."""
    told = gettext(label)
    return told if told[1:2].isupper() else told[:1].lower() + told[1:]


FACTS: dict[str, Any] = {
    "budget": _("budget"),
    "candidate": _("finalist"),
    "doubted": _("columns the data check asks about"),
    "event": _("event"),
    "exclusions": _("rows left out"),
    "experiment": _("experiment"),
    "indeterminate": _("indeterminate"),
    "kind": _("question"),
    "known_until": _("outcomes known until"),
    "limits": _("limits"),
    "observation_months": _("observation months"),
    "performance_months": _("performance months"),
    "protected": _("protected"),
    "repeats": _("re-run of experiment"),
    "schema_version": _("version of the format"),
    "target": _("target"),
    "validation": _("validation"),
}
# What is asked of a run is called here as where it is asked.
FACTS |= {name: lazy(within_a_line, str)(one.label) for name, one in ASKED.items() if name not in FACTS}

OBJECTS = {
    "training.experiment": _("experiment"),
}

# Facts whose inner names are names of columns.
BY_COLUMN = frozenset({"monotone", "special_values"})
