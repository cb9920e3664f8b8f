"""Pieces of the pages of a result: tabs, parts of a page, names of learners and states, interval cells."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from experiments.telling import minus
from training import words
from training.models import Experiment
from training.queries.interval_cells import CELL_WIDTH, IntervalCell
from training.templatetags.training_pages import experiment_address

register = template.Library()


TABS = (
    ("result", _("Result"), "experiment_result"),
    ("why", _("Why"), "experiment_why"),
    ("act", _("Act"), "experiment_act"),
    ("trials", _("All trials"), "experiment_trials"),
    ("settings", _("Settings"), "experiment_settings"),
)


@register.filter
def tab_label(name: str) -> str:
    return next(str(label) for tab, label, _url in TABS if tab == name)


@register.inclusion_tag("results/_tabs.html")
def tabs(experiment: Experiment, current: str, candidate: str = "") -> dict[str, Any]:
    """Show the pages of a finished experiment; the model that is looked at is kept from page to page."""
    query = f"?candidate={candidate}" if candidate else ""
    return {
        "tabs": [
            {"label": label, "url": experiment_address(url, experiment) + query, "is_on": name == current}
            for name, label, url in TABS
        ],
        "trial_count": getattr(experiment, "trial_count", None),
    }


@register.inclusion_tag("results/_parts.html")
def parts(
    offered: list[tuple[str, Any]], current: str, kept: dict[str, str], experiment: Experiment | None = None
) -> dict[str, Any]:
    """Show the parts of a long page, one of which is open; those of a result are joined by what other apps add."""
    page = "" if experiment is None else experiment_address("experiment_result", experiment)
    shown = [
        {"label": label, "url": f"{page}?{urlencode(kept | {'part': name})}", "is_on": name == current}
        for name, label in offered
    ]
    place = "" if experiment is None else "result.parts"
    return {"parts": shown, "place": place, "experiment": experiment, "current": current, "kept": kept}


@register.filter
def learner(name: str) -> str:
    return words.learner_name(name)


@register.filter
def stage_name(name: str) -> str:
    return str(words.MODELS_OF_STAGES.get(name, name))


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
