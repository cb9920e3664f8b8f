"""The five numbers of the decision page beside the champion's; what was not measured says so."""

from dataclasses import dataclass, replace

from django.utils.translation import gettext

from approvals.queries.shown_comparison import decimals, line_of
from experiments.telling import apart, filled
from registry.facts import FiveNumbers, HeldOutKs, LimitedNumber, Speed, WorstSegment
from registry.models import Comparison, ModelVersion
from registry.queries.shown_columns import label_of
from results.queries.columns import in_words, segment_value


@dataclass(frozen=True)
class ShownNumber:
    """One of the five numbers, old and new, with a reading in words."""

    label: str
    old: str
    new: str
    reading: str
    icon: str
    tone: str


def numbers_of(version: ModelVersion) -> FiveNumbers:
    """Return the five numbers of a version; the worst segment is named as its dictionary names column and value."""
    numbers = version.frozen.numbers
    worst = numbers.worst_segment
    if worst is None:
        return numbers
    label = in_words(version.leaderboard_row.experiment, worst.column, worst.label)
    return replace(numbers, worst_segment=replace(worst, column=label_of(worst.column, version), label=label))


def shown_numbers(new: FiveNumbers, old: FiveNumbers, comparison: Comparison | None = None) -> list[ShownNumber]:
    """Return the five numbers of the decision page; what was not measured says so.

    Old and new are each measured on rows of their own. What may be said of the two is told by ``comparison`` alone.
    """
    return [
        ks_number(new.ks, old.ks, comparison),
        gap_number(new.gap, old.gap),
        psi_number(new.score_psi, old.score_psi),
        segment_number(new.worst_segment, old.worst_segment),
        speed_number(new.milliseconds, old.milliseconds),
    ]


def ks_number(new: HeldOutKs | None, old: HeldOutKs | None, comparison: Comparison | None = None) -> ShownNumber:
    is_in_time = new is not None and new.sample != "out_of_time"
    label = gettext("KS held out") if is_in_time else gettext("KS out of time")
    if new is None:
        return unmeasured(label)
    if not new.is_enough:
        return too_few_to_judge(label, new, old)
    if old is None or not old.is_enough:
        interval = {"low": decimals(new.low), "high": decimals(new.high)}
        reading = gettext("95%% interval %(low)s–%(high)s") % interval if new.low is not None else ""
        return ShownNumber(label, "", decimals(new.value), reading, "", "soft")
    return ks_against(label, new, old, comparison)


def ks_against(label: str, new: HeldOutKs, old: HeldOutKs, comparison: Comparison | None) -> ShownNumber:
    """Return KS beside the champion's: a verdict only where both were measured on the same rows."""
    before, now = decimals(old.value), decimals(new.value)
    if comparison is not None and not comparison.is_done and not comparison.has_failed:
        return ShownNumber(label, before, now, gettext("being compared on the same rows"), "clock", "soft")
    found = comparison.found if comparison is not None else None
    measure = found.measures.get("ks") if found is not None else None
    if found is None or measure is None:
        return ShownNumber(label, before, now, gettext("not on the same rows: no verdict"), "help-circle", "soft")
    line = line_of("KS", measure)
    words = {"difference": line.difference, "interval": line.interval, "verdict": line.verdict}
    if found.covers_all:
        reading = gettext("%(difference)s (%(interval)s) on the same rows: %(verdict)s") % words
        return ShownNumber(label, line.former, line.new, reading, line.icon, line.tone)
    # The champion's own number is of other rows, and stands beside none of these.
    words["rows"] = f"{found.rows or 0:,}"
    reading = filled(gettext("%(difference)s (%(interval)s) on %(rows)s shared rows: %(verdict)s"), words)
    return ShownNumber(label, "", now, reading, line.icon, line.tone)


def gap_number(new: LimitedNumber | None, old: LimitedNumber | None) -> ShownNumber:
    """Return what KS loses from training rows to rows set aside."""
    if new is None or not new.is_rise:
        return limited(gettext("Fall in KS from training"), new, old)
    label = gettext("Rise in KS from training")
    if new.state == "unjudged" or new.value <= new.limit:
        return limited(label, new, old)
    # A rise breaks no limit, and one as large as this is looked at all the same.
    return replace(limited(label, replace(new, state="broken"), old), icon="alert-triangle", tone="warn")


def psi_number(new: LimitedNumber | None, old: LimitedNumber | None) -> ShownNumber:
    return limited(gettext("Score PSI"), new, old)


def limited(label: str, new: LimitedNumber | None, old: LimitedNumber | None) -> ShownNumber:
    """Return a number that must stay below its limit, as the engine judged it."""
    if new is None:
        return unmeasured(label)
    value, limit, by_chance = apart(new.value, new.limit, new.by_chance or 0.0)
    value = new.shown or value
    match new.state:
        case "unjudged":
            return too_few_to_judge(label, new, old)
        case "kept":
            words, icon, tone = gettext("inside the limit %(limit)s") % {"limit": limit}, "check", "good"
        case "unproven" if new.by_chance:
            words = gettext("within the %(limit)s that chance alone can cause") % {"limit": by_chance}
            icon, tone = "alert-triangle", "warn"
        case "unproven":
            words = gettext("over the limit %(limit)s, but not significantly") % {"limit": limit}
            icon, tone = "alert-triangle", "warn"
        case _:
            words, icon, tone = gettext("over the limit %(limit)s") % {"limit": limit}, "alert-octagon", "bad"
    return ShownNumber(label, decimals(old.value) if old else "", value, words, icon, tone)


def segment_number(new: WorstSegment | None, old: WorstSegment | None) -> ShownNumber:
    label = gettext("Weakest segment AUC")
    if new is None:
        return unmeasured(label)
    reading = gettext("%(column)s: %(value)s") % {"column": new.column, "value": segment_value(new)}
    return ShownNumber(label, decimals(old.value) if old else "", decimals(new.value), reading, "", "soft")


def speed_number(new: Speed | None, old: Speed | None) -> ShownNumber:
    label = gettext("Milliseconds per customer")
    if new is None:
        return unmeasured(label)
    return ShownNumber(
        label,
        f"{old.value:.2g}" if old else "",
        f"{new.value:.2g}",
        gettext("in a batch, on the training machine"),
        "",
        "soft",
    )


def too_few_to_judge(label: str, new: HeldOutKs | LimitedNumber, old: HeldOutKs | LimitedNumber | None) -> ShownNumber:
    """Show a number from which nothing may be concluded: in grey, neither inside a limit nor better than another."""
    before = decimals(old.value) if old else ""
    return ShownNumber(label, before, decimals(new.value), gettext("too few to judge"), "help-circle", "muted")


def unmeasured(label: str) -> ShownNumber:
    return ShownNumber(label, "", "–", gettext("No evidence"), "help-circle", "muted")
