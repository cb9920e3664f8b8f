"""Pieces that every page of an experiment shows: stepper, state badge, who found a trial."""

from typing import Any

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from training import words
from training.models import Experiment, ExperimentState

register = template.Library()

STEPS = (
    ("file", _("Question and file"), ""),
    ("data", _("Data check"), "experiment_data"),
    ("plan", _("Plan"), "experiment_plan"),
    ("run", _("Run"), "experiment_run"),
    ("result", _("Result"), "experiment_result"),
    ("submit", _("Submit"), "submit"),
)
REACHED = {
    ExperimentState.DRAFT: 2,
    ExperimentState.QUEUED: 3,
    ExperimentState.RUNNING: 3,
    ExperimentState.PAUSED: 3,
    ExperimentState.FAILED: 3,
    ExperimentState.CANCELLED: 3,
    ExperimentState.FINISHED: 5,
}
BADGES = {
    ExperimentState.DRAFT: ("line", "pencil"),
    ExperimentState.QUEUED: ("info", "clock"),
    ExperimentState.RUNNING: ("info", "loader-2"),
    ExperimentState.PAUSED: ("warn", "player-pause"),
    ExperimentState.FINISHED: ("good", "circle-check"),
    ExperimentState.FAILED: ("bad", "alert-octagon"),
    ExperimentState.CANCELLED: ("", "circle-x"),
}


@register.inclusion_tag("components/stepper.html")
def steps(experiment: Experiment | None, current: str) -> dict[str, Any]:
    """Show the build path; what is done is a link back, what is ahead is only named."""
    names = [name for name, _label, _url in STEPS]
    at = names.index(current)
    reached = REACHED[ExperimentState(experiment.state)] if experiment else 0
    return {
        "steps": [
            {
                "label": label,
                "state": "on" if number == at else ("done" if number < max(at, reached) else ""),
                "url": experiment_address(url, experiment) if number <= reached else "",
            }
            for number, (_name, label, url) in enumerate(STEPS)
        ]
    }


@register.inclusion_tag("components/badge.html")
def state_badge(experiment: Experiment) -> dict[str, Any]:
    tone, icon = BADGES[ExperimentState(experiment.state)]
    return {"text": experiment.get_state_display(), "tone": tone, "icon": icon}


@register.filter
def searcher(name: str) -> str:
    return str(words.SEARCHERS.get(name, name))


def experiment_address(name: str, experiment: Experiment | None) -> str:
    """Return the address of an experiment's page; nothing where there is no such page or no experiment yet."""
    if not name or experiment is None:
        return ""
    try:
        return reverse(name, args=[experiment.pk])
    except NoReverseMatch:
        return ""
