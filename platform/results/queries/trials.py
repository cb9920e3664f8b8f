"""The trials of a run as the page of all trials shows them."""

from django.db.models import F, QuerySet

from training.models import Experiment, Trial
from training.words import TRIAL_COLUMNS


def trials_of(experiment: Experiment, order: str = "number") -> QuerySet[Trial]:
    """Return the trials sorted by one of ``TRIAL_COLUMNS``, with ``-`` in front for descending; empty values last."""
    name = order.removeprefix("-")
    if name not in TRIAL_COLUMNS:
        return experiment.trials.order_by("number")
    column = F(name)
    return experiment.trials.order_by(
        column.desc(nulls_last=True) if order.startswith("-") else column.asc(nulls_last=True), "number"
    )


def whole_trials(page: QuerySet[Trial]) -> list[Trial]:
    """Return the trials of a page in its order: the keys are sorted alone, as whole rows would be sorted slowly."""
    keys = list(page.values_list("pk", flat=True))
    found = Trial.objects.in_bulk(keys)
    return [found[key] for key in keys if key in found]
