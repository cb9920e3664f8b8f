"""The five numbers of the decision page beside the champion's; what was not measured says so."""

from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext, gettext_lazy

from experiments.telling import apart, filled
from registry.evidence.numbers import state_of
from registry.models import Comparison, ModelVersion
from registry.queries.shown_columns import label_of
from registry.queries.shown_comparison import decimals, line_of
from results.queries.columns import in_words, segment_value

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
