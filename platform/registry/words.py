"""How checks, changes and states of a version read on a page, in the reader's language."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy, ngettext, pgettext

from common.language import listed, reader_language
from experiments import labels
from experiments.telling import apart, filled
from registry.comparison_words import decimals, line_of
from registry.evidence import CHECKS, Reading
from registry.models import Comparison, EvidenceCheck, ModelVersion
from registry.numbers import state_of
from registry.reruns import settled_checks
from results.queries.columns import in_words, segment_value
from training.models import Experiment, LeaderboardRow
from training.words import learner_name, sentences

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
    return [shown(check.code, check.state, check.value, row) for check in settled_checks(version, reruns)]


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


def label_of(column: str, version: ModelVersion) -> str:
    """Return the bank's word for a column where its dictionary has one."""
    return labels.label_of(column, version.leaderboard_row.experiment.spec.get("labels", {}), reader_language())


def shown_factors(version: ModelVersion) -> list[dict[str, Any]]:
    factors = version.metrics.get("factors", [])
    largest = max((factor["share"] for factor in factors), default=0) or 1
    return [
        {
            "column": factor["column"],
            "label": label_of(factor["column"], version),
            "percent": round(100 * factor["share"]),
            "width": round(100 * factor["share"] / largest),
        }
        for factor in factors
    ]


@dataclass(frozen=True)
class Change:
    """One thing that differs from the champion: what happened (added, removed, changed, same) and the sentence."""

    what: str
    word: str
    tone: str
    sentence: str


def shown_changes(version: ModelVersion, former: ModelVersion | None) -> list[Change]:
    """Return what changed since the champion: learner, features and data."""
    if former is None:
        return []
    before, now = set(former.metrics.get("features", [])), set(version.metrics.get("features", []))
    return [
        *learner_change(version, former),
        *feature_change("added", sorted(now - before), version),
        *feature_change("removed", sorted(before - now), version),
        *data_change(version, former),
        same_features(len(now & before)),
    ]


def learner_change(version: ModelVersion, former: ModelVersion) -> list[Change]:
    old, new = (learner_name(v.metrics.get("learner", "")) for v in (former, version))
    if old == new:
        return [change("same", gettext("Learner: %(learner)s") % {"learner": new})]
    return [change("changed", gettext("Learner: %(old)s → %(new)s") % {"old": old, "new": new})]


def feature_change(what: str, columns: list[str], version: ModelVersion) -> list[Change]:
    if not columns:
        return []
    names = listed(label_of(column, version) for column in columns[:2])
    if len(columns) <= 2:
        return [change(what, names)]
    more = filled(gettext("%(names)s and %(count)s more columns"), {"names": names, "count": len(columns) - 2})
    return [change(what, more)]


def data_change(version: ModelVersion, former: ModelVersion) -> list[Change]:
    old, new = (v.leaderboard_row.experiment.version for v in (former, version))
    if old.pk == new.pk:
        return [change("same", gettext("The same data"))]
    return [change("changed", gettext("Data: %(old)s → %(new)s") % {"old": name_of(old), "new": name_of(new)})]


def name_of(dataset_version: Any) -> str:
    return f"{dataset_version.dataset.name} v{dataset_version.number}"


def same_features(count: int) -> Change:
    return change("same", filled(gettext("%(count)s columns in both"), {"count": count}))


def change(what: str, text: str) -> Change:
    words = {
        "added": (pgettext("since the champion", "Added"), "good"),
        "removed": (pgettext("since the champion", "Removed"), "bad"),
        "changed": (pgettext("since the champion", "Changed"), "info"),
        "same": (gettext("Same"), ""),
    }
    word, tone = words[what]
    return Change(what=what, word=word, tone=tone, sentence=text)


METRIC_NAMES = (
    ("auc", "AUC"),
    ("ks", "KS"),
    ("gini", gettext_lazy("Gini")),
    ("lift", gettext_lazy("Lift")),
    ("log_loss", gettext_lazy("Log loss")),
    ("brier", gettext_lazy("Brier")),
    ("calibration_slope", gettext_lazy("Calibration slope")),
    ("observed_expected", gettext_lazy("Observed / expected")),
)


@dataclass(frozen=True)
class ShownNumber:
    """One of the five numbers, old and new, with a reading in words."""

    label: str
    old: str
    new: str
    reading: str
    icon: str
    tone: str


def numbers_of(version: ModelVersion) -> dict[str, Any]:
    """Return the five numbers of a version; the worst segment is named as its dictionary names column and value."""
    numbers: dict[str, Any] = dict(version.metrics.get("numbers", {}))
    if worst := numbers.get("worst_segment"):
        label = in_words(version.leaderboard_row.experiment, worst["column"], worst["label"])
        numbers["worst_segment"] = worst | {"column": label_of(worst["column"], version), "label": label}
    return numbers


def shown_numbers(new: dict[str, Any], old: dict[str, Any], comparison: Comparison | None = None) -> list[ShownNumber]:
    """Return the five numbers of the decision page; what was not measured says so.

    Old and new are each measured on rows of their own. What may be said of the two is told by ``comparison`` alone.
    """
    others = {name: make(new.get(name), old.get(name)) for name, make in NUMBERS.items()}
    return [ks_number(new.get("ks"), old.get("ks"), comparison), *others.values()]


def ks_number(
    new: dict[str, Any] | None, old: dict[str, Any] | None, comparison: Comparison | None = None
) -> ShownNumber:
    is_in_time = new is not None and new["sample"] != "out_of_time"
    label = gettext("KS held out") if is_in_time else gettext("KS out of time")
    if new is None:
        return unmeasured(label)
    if not new.get("is_enough", True):
        return too_few_to_judge(label, new, old)
    if old is None or not old.get("is_enough", True):
        interval = {"low": decimals(new.get("low")), "high": decimals(new.get("high"))}
        reading = gettext("95%% interval %(low)s–%(high)s") % interval if new.get("low") is not None else ""
        return ShownNumber(label, "", decimals(new["value"]), reading, "", "soft")
    return ks_against(label, new, old, comparison)


def ks_against(label: str, new: dict[str, Any], old: dict[str, Any], comparison: Comparison | None) -> ShownNumber:
    """Return KS beside the champion's: a verdict only where both were measured on the same rows."""
    before, now = decimals(old["value"]), decimals(new["value"])
    if comparison is not None and not comparison.is_done and not comparison.has_failed:
        return ShownNumber(label, before, now, gettext("being compared on the same rows"), "clock", "soft")
    measure = comparison.facts.get("measures", {}).get("ks") if comparison is not None else None
    if comparison is None or measure is None:
        return ShownNumber(label, before, now, gettext("not on the same rows: no verdict"), "help-circle", "soft")
    line = line_of("KS", measure)
    words = {"difference": line.difference, "interval": line.interval, "verdict": line.verdict}
    if comparison.facts["covers_all"]:
        reading = gettext("%(difference)s (%(interval)s) on the same rows: %(verdict)s") % words
        return ShownNumber(label, line.former, line.new, reading, line.icon, line.tone)
    # The champion's own number is of other rows, and stands beside none of these.
    words["rows"] = f"{comparison.facts['rows']:,}"
    reading = filled(gettext("%(difference)s (%(interval)s) on %(rows)s shared rows: %(verdict)s"), words)
    return ShownNumber(label, "", now, reading, line.icon, line.tone)


def gap_number(new: dict[str, Any] | None, old: dict[str, Any] | None) -> ShownNumber:
    """Return what KS loses from training rows to rows set aside; a version of earlier times kept the mere distance."""
    if new is None or not new.get("is_rise"):
        return limited(gettext("Fall in KS from training"), new, old)
    label = gettext("Rise in KS from training")
    if state_of(new) == "unjudged" or new["value"] <= new["limit"]:
        return limited(label, new, old)
    # A rise breaks no limit, and one as large as this is looked at all the same.
    return replace(limited(label, {**new, "state": "broken"}, old), icon="alert-triangle", tone="warn")


def psi_number(new: dict[str, Any] | None, old: dict[str, Any] | None) -> ShownNumber:
    return limited(gettext("Score PSI"), new, old)


def limited(label: str, new: dict[str, Any] | None, old: dict[str, Any] | None) -> ShownNumber:
    """Return a number that must stay below its limit, as the engine judged it."""
    if new is None:
        return unmeasured(label)
    value, limit, by_chance = apart(new["value"], new["limit"], new.get("by_chance") or 0.0)
    value = new.get("shown") or value
    match state_of(new):
        case "unjudged":
            return too_few_to_judge(label, new, old)
        case "kept":
            words, icon, tone = gettext("inside the limit %(limit)s") % {"limit": limit}, "check", "good"
        case "unproven" if new.get("by_chance"):
            words = gettext("within the %(limit)s that chance alone can cause") % {"limit": by_chance}
            icon, tone = "alert-triangle", "warn"
        case "unproven":
            words = gettext("over the limit %(limit)s, within chance") % {"limit": limit}
            icon, tone = "alert-triangle", "warn"
        case _:
            words, icon, tone = gettext("over the limit %(limit)s") % {"limit": limit}, "alert-octagon", "bad"
    return ShownNumber(label, decimals(old["value"]) if old else "", value, words, icon, tone)


def segment_number(new: dict[str, Any] | None, old: dict[str, Any] | None) -> ShownNumber:
    label = gettext("Weakest segment AUC")
    if new is None:
        return unmeasured(label)
    reading = gettext("%(column)s: %(value)s") % {"column": new["column"], "value": segment_value(new)}
    return ShownNumber(label, decimals(old["value"]) if old else "", decimals(new["value"]), reading, "", "soft")


def speed_number(new: dict[str, Any] | None, old: dict[str, Any] | None) -> ShownNumber:
    label = gettext("Milliseconds per customer")
    if new is None:
        return unmeasured(label)
    return ShownNumber(
        label,
        f"{old['value']:.2g}" if old else "",
        f"{new['value']:.2g}",
        gettext("in a batch, on the training machine"),
        "",
        "soft",
    )


def too_few_to_judge(label: str, new: dict[str, Any], old: dict[str, Any] | None) -> ShownNumber:
    """Show a number from which nothing may be concluded: in grey, neither inside a limit nor better than another."""
    before = decimals(old["value"]) if old else ""
    return ShownNumber(label, before, decimals(new["value"]), gettext("too few to judge"), "help-circle", "muted")


def unmeasured(label: str) -> ShownNumber:
    return ShownNumber(label, "", "–", gettext("No evidence"), "help-circle", "muted")


NUMBERS = {
    "gap": gap_number,
    "score_psi": psi_number,
    "worst_segment": segment_number,
    "milliseconds": speed_number,
}
