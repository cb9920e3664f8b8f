"""How the report writes numbers, intervals and verdicts."""

from typing import Any

from experiments.errors import gettext_noop as _
from experiments.evaluation.limits import limit_state
from experiments.telling import minus

VERDICTS = {
    "kept": _("Within the limit"),
    "broken": _("Over the limit"),
    "unproven": _("Above the limit, not significantly"),
    "unjudged": _("Too few to judge"),
}


def number_of(metric: dict[str, Any], digits: int = 4) -> str:
    return digits_of(metric["value"], digits)


def interval_of(metric: dict[str, Any]) -> str:
    return "–" if metric["low"] is None else "–".join(minus(f"{metric[end]:.4f}") for end in ("low", "high"))


def digits_of(value: float | None, digits: int = 2) -> str:
    return "–" if value is None else minus(f"{value:.{digits}f}")


def percent_of(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def verdict_of(limit: dict[str, Any]) -> str:
    return VERDICTS[limit_state(limit)]
