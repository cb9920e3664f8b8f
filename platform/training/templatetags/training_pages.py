"""Pieces that every page of an experiment shows: stepper, tabs, state badge, names of learners, interval cells."""

from typing import Any

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from experiments.telling import minus
from training import words
from training.models import Experiment, ExperimentState
from training.queries import CELL_WIDTH, IntervalCell

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
TABS = (
    ("result", _("Result"), "experiment_result"),
    ("why", _("Why"), "experiment_why"),
    ("trials", _("All trials"), "experiment_trials"),
    ("settings", _("Settings"), "experiment_settings"),
)
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
                "url": _address(url, experiment) if number <= reached else "",
            }
            for number, (_name, label, url) in enumerate(STEPS)
        ]
    }


@register.inclusion_tag("training/_tabs.html")
def tabs(experiment: Experiment, current: str, candidate: str = "") -> dict[str, Any]:
    """Show the pages of a finished experiment; the model that is looked at is kept from page to page."""
    query = f"?candidate={candidate}" if candidate else ""
    return {
        "tabs": [
            {"label": label, "url": _address(url, experiment) + query, "is_on": name == current}
            for name, label, url in TABS
        ],
        "trial_count": getattr(experiment, "trial_count", None),
    }


@register.inclusion_tag("training/_parts.html")
def parts(offered: list[tuple[str, Any]], current: str, kept: dict[str, str]) -> dict[str, Any]:
    """Show the parts of a long page, one of which is open."""
    shown = [
        {"label": label, "url": f"?{urlencode(kept | {'part': name})}", "is_on": name == current}
        for name, label in offered
    ]
    return {"parts": shown}


@register.inclusion_tag("components/badge.html")
def state_badge(experiment: Experiment) -> dict[str, Any]:
    tone, icon = BADGES[ExperimentState(experiment.state)]
    return {"text": experiment.get_state_display(), "tone": tone, "icon": icon}


@register.filter
def learner(name: str) -> str:
    return words.learner_name(name)


@register.filter
def of_100(value: Any) -> str:
    """Show a share as whole cases of a hundred: 0.853 → 85."""
    return "–" if value is None else f"{100 * float(value):.0f}"


@register.filter
def searcher(name: str) -> str:
    return str(words.SEARCHERS.get(name, name))


@register.filter
def chain_link(name: str) -> str:
    return str(words.LINKS.get(name, name))


@register.filter
def trial_state(state: str) -> str:
    return str(words.TRIAL_STATES.get(state, state))


@register.filter
def setting(value: Any) -> str:
    """Show a hyper-parameter as short as it can be read."""
    return minus(f"{value:.5g}") if isinstance(value, float) else str(value)


@register.simple_tag
def interval(validation: IntervalCell | None, tested: IntervalCell | None, test_class: str, text: str) -> SafeString:
    """Draw the intervals of two samples in a table cell, on the column's scale; ``text`` is read aloud instead."""
    rows = [
        (cell, colour, 6 + 7 * place)
        for place, (cell, colour) in enumerate(((validation, "c-val"), (tested, test_class)))
    ]
    marks = SafeString()
    for cell, colour, y in rows:
        if cell is not None:
            marks += format_html(
                '<g class="{}"><rect x="{}" y="{}" width="{}" height="2" rx="1" opacity=".45"/>'
                '<circle cx="{}" cy="{}" r="3.5"/></g>',
                colour, cell.low, y - 1, f"{cell.width:.1f}", cell.at, y,
            )  # fmt: skip
    return format_html(
        '<svg class="interval" viewBox="0 0 {} 20" width="{}" height="20" role="img" aria-label="{}">{}</svg>',
        CELL_WIDTH, CELL_WIDTH, text, marks,
    )  # fmt: skip


def _address(name: str, experiment: Experiment | None) -> str:
    if not name or experiment is None:
        return ""
    try:
        return reverse(name, args=[experiment.pk])
    except NoReverseMatch:
        return ""
