"""How the checks of a version read on a page, and where each can be looked into."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext, gettext_noop, ngettext

from experiments.house_rules import TOO_FEW
from registry.evidence.checks import CHECKS
from registry.evidence.later import Later, current_checks
from registry.evidence.reading import Reading
from registry.models import EvidenceCheck, ModelVersion
from training.models import LeaderboardRow
from training.words import sentences

State = EvidenceCheck.State
LOOKS = {
    State.PASSED: ("circle-check", "good"),
    State.WARNING: ("alert-triangle", "warn"),
    State.FAILED: ("alert-octagon", "bad"),
    State.MISSING: ("help-circle", "muted"),
}
# A closer look at a result is a page of its own, by its name.
LOOK = "experiment_look"
# The page of each check and its part; a page of a model's own shows the model that is judged.
WHERE_TO_MEND = {
    "sample": ("experiment_data", ""),
    "leakage": ("experiment_data", ""),
    "held_out": ("experiment_result", "summary"),
    "overfit": ("experiment_result", "summary"),
    "stability": ("experiment_result", "curves"),
    "calibration": ("experiment_result", "curves"),
    "deciles": ("experiment_result", "deciles"),
    "fairness": (LOOK, "fairness"),
    "signs": ("experiment_why", "factor"),
    "reasons": ("experiment_why", "customer"),
}
# Directions are given on a plan: the page that shows it, and offers to clone it.
PAGES_WHERE_MISSING = {"signs": "experiment_settings"}
FINISH_DATA_CHECK = gettext_noop("Finish the data check")
RUN_AGAIN = gettext_noop("Run the experiment again to have it measured")
# What settles a check without evidence, on the page that its link opens.
TO_DO = {
    "sample": FINISH_DATA_CHECK,
    "leakage": FINISH_DATA_CHECK,
    "held_out": RUN_AGAIN,
    "overfit": RUN_AGAIN,
    "stability": RUN_AGAIN,
    "calibration": RUN_AGAIN,
    "deciles": RUN_AGAIN,
    "fairness": gettext_noop("Compare groups of customers"),
    "signs": gettext_noop("Clone the experiment and set directions on its plan"),
    "rerun": gettext_noop("Have someone else re-run it"),
    "reasons": gettext_noop("See which customers cannot be scored"),
    "report": gettext_noop("Create the validation report"),
}


# The pages of a version on which a check is settled, where there is a version already.
PAGES_OF_VERSION: dict[str, str] = {}


def settle_on(code: str, page: str, *, part: str = "", of_version: str = "") -> None:
    """Say on which page of an app above a check is settled: one of an experiment, and one of a version if there is."""
    WHERE_TO_MEND[code] = (page, part)
    if of_version:
        PAGES_OF_VERSION[code] = of_version


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
    to_do: str = ""


def shown_checks(version: ModelVersion, later: Later | None = None) -> list[ShownCheck]:
    """Return the checks of a version; ``later`` where it has been fetched for several versions at once."""
    row = version.leaderboard_row
    return [shown(check.code, check.state, check.value, row, version) for check in current_checks(version, later)]


def shown_readings(readings: dict[str, Reading], row: LeaderboardRow) -> list[ShownCheck]:
    return [shown(code, reading.state, reading.to_dict(), row) for code, reading in readings.items()]


def shown(
    code: str, state: str, value: dict[str, Any], row: LeaderboardRow, version: ModelVersion | None = None
) -> ShownCheck:
    icon, tone = LOOKS[State(state)]
    return ShownCheck(
        code=code,
        title=gettext(CHECKS[code][0]) if code in CHECKS else code,
        state=state,
        state_label=str(State(state).label),
        sentence=sentences(value),
        icon=icon,
        tone=tone,
        url=page_of(code, row, version) if state != State.MISSING else page_that_settles(code, row, version),
        to_do=what_settles(code, state, value),
    )


def what_settles(code: str, state: str, value: dict[str, Any]) -> str:
    """Return what to do about a check without evidence; nothing where only more customers would help."""
    if state != State.MISSING or code not in TO_DO or value.get("message") == TOO_FEW:
        return ""
    return gettext(TO_DO[code])


def page_that_settles(code: str, row: LeaderboardRow, version: ModelVersion | None) -> str:
    page = PAGES_WHERE_MISSING.get(code)
    return reverse(page, args=[row.experiment_id]) if page else page_of(code, row, version)


def page_of(code: str, row: LeaderboardRow, version: ModelVersion | None = None) -> str:
    """Return the page on which a check can be looked into, showing the very model that is judged."""
    if version is not None and code in PAGES_OF_VERSION:
        return reverse(PAGES_OF_VERSION[code], args=[version.pk])
    if code not in WHERE_TO_MEND:
        return ""
    page, part = WHERE_TO_MEND[code]
    if page == LOOK:
        return f"{reverse(page, args=[row.experiment_id, part])}?{urlencode({'candidate': row.candidate})}"
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
