"""How the checks of a version read on a page, and where each can be looked into."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from registry.evidence.checks import CHECKS
from registry.evidence.reading import Reading
from registry.evidence.reruns import current_checks
from registry.models import EvidenceCheck, ModelVersion
from training.models import Experiment, LeaderboardRow
from training.words import sentences

State = EvidenceCheck.State
LOOKS = {
    State.PASSED: ("circle-check", "good"),
    State.WARNING: ("alert-triangle", "warn"),
    State.FAILED: ("alert-octagon", "bad"),
    State.MISSING: ("help-circle", "muted"),
}
# The page of each check and its part; a page of a model's own shows the model that is judged.
WHERE_TO_MEND = {
    "sample": ("experiment_data", ""),
    "leakage": ("experiment_data", ""),
    "held_out": ("experiment_result", "summary"),
    "overfit": ("experiment_result", "summary"),
    "stability": ("experiment_result", "curves"),
    "calibration": ("experiment_result", "curves"),
    "deciles": ("experiment_result", "deciles"),
    "signs": ("experiment_why", "factor"),
    "reasons": ("experiment_why", "customer"),
}


def settle_on(code: str, page: str) -> None:
    """Say on which page of an experiment, of an app above, a check is settled."""
    WHERE_TO_MEND[code] = (page, "")


@dataclass(frozen=True)
class ShownCheck:
    """A check as a page shows it."""

    code: str
    title: str
    state: str
    state_label: str
    sentence: str
    icon: str
    tone: str
    url: str


def shown_checks(version: ModelVersion, reruns: list[Experiment] | None = None) -> list[ShownCheck]:
    """Return the checks of a version; ``reruns`` where they have been fetched for several versions at once."""
    row = version.leaderboard_row
    return [shown(check.code, check.state, check.value, row) for check in current_checks(version, reruns)]


def shown_readings(readings: dict[str, Reading], row: LeaderboardRow) -> list[ShownCheck]:
    return [shown(code, reading.state, reading.to_dict(), row) for code, reading in readings.items()]


def shown(code: str, state: str, value: dict[str, Any], row: LeaderboardRow) -> ShownCheck:
    icon, tone = LOOKS[State(state)]
    return ShownCheck(
        code=code,
        title=gettext(CHECKS[code][0]) if code in CHECKS else code,
        state=state,
        state_label=str(State(state).label),
        sentence=sentences(value),
        icon=icon,
        tone=tone,
        url=page_of(code, row),
    )


def page_of(code: str, row: LeaderboardRow) -> str:
    """Return the page on which a check can be looked into, showing the very model that is judged."""
    if code not in WHERE_TO_MEND:
        return ""
    page, part = WHERE_TO_MEND[code]
    address = reverse(page, args=[row.experiment_id])
    return f"{address}?{urlencode({'candidate': row.candidate, 'part': part})}" if part else address


def counts_by_state(checks: list[ShownCheck]) -> list[dict[str, Any]]:
    """Return how many checks are in each state, in the order of the states, without empty ones."""
    counts = []
    for state, (icon, tone) in LOOKS.items():
        count = sum(1 for check in checks if check.state == state)
        if count:
            counts.append({"state": state, "label": counted(state, count), "count": count, "icon": icon, "tone": tone})
    return counts


def counted(state: State, count: int) -> str:
    """Return the word behind a number of checks."""
    return ngettext("warning", "warnings", count) if state == State.WARNING else str(state.label)
