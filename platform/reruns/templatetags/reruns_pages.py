"""What re-runs put on pages of versions."""

from typing import Any

from django import template
from django.template.context import Context
from django.utils.translation import gettext_lazy as _

from registry.models import ModelVersion
from reruns import queries
from reruns.comparing import CORES_USED, SYSTEM_USED
from training.views.access import may_change

register = template.Library()
NAMES: dict[str, Any] = {"data": _("Data hash"), CORES_USED: _("Cores"), SYSTEM_USED: _("System"), "python": "Python"}


@register.simple_tag
def last_rerun(version: ModelVersion) -> queries.ShownRerun | None:
    """Return the compared re-run of a version's experiment that weighs most, in words."""
    rerun = queries.last_compared(version)
    return queries.shown(rerun) if rerun else None


@register.simple_tag(takes_context=True)
def may_run_again(context: Context, version: ModelVersion) -> bool:
    """Tell whether the reader may have a version's experiment run again."""
    return may_change(context["request"], version.leaderboard_row.experiment)


@register.filter
def ground_name(name: str) -> str:
    """Say what was compared: the data, a library, the machine."""
    return str(NAMES.get(name, name))


@register.filter
def ground_value(value: str) -> str:
    """Show a hash by its beginning, anything else whole."""
    return f"{value[:12]}…" if len(value) == 64 else value or "–"
