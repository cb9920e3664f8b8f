"""The course of a search as a chart: every finished trial, the best so far, the baseline, the time left."""

from typing import Any

from django.utils.translation import gettext as _

from experiments.charts.best_score import best_score_data, best_score_drawing
from experiments.charts.words import WORDS
from training.models import Experiment
from training.queries.trials import finished_trials
from training.words import words_for


def labels_for(experiment: Experiment) -> dict[str, str]:
    """Return every word of a chart in the reader's language, with the kind's own words for events and scores."""
    words = words_for(experiment)
    own = {
        "events": str(words.events),
        "non_events": str(words.non_events),
        "customers_contacted": str(words.top_short),
        "customers_by_score": str(words.top),
        "events_reached": _("%(events)s captured") % {"events": words.events},
        "false_alarms": _("%(non_events)s included") % {"non_events": words.non_events},
    }
    return {key: _(word) for key, word in WORDS.items()} | own


def best_score_figure(experiment: Experiment) -> dict[str, Any]:
    """Draw the course of a search: every finished trial, the best so far, the baseline, the time left."""
    trials = finished_trials(experiment)
    baseline = next((auc for _elapsed, auc, learner in trials if learner == "baseline"), None)
    data = best_score_data(
        [(elapsed, auc) for elapsed, auc, _learner in trials],
        baseline,
        experiment.budget_seconds if experiment.is_under_way and not experiment.budget_trials else None,
    )
    figure = best_score_drawing(data, labels_for(experiment)).to_dict()
    figure["layout"]["margin"] = {"r": 48}
    if not trials:
        figure["layout"]["yaxis"] = {"visible": False}
    return figure
