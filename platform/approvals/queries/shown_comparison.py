"""How the comparison of a version with the champion reads on a page: one sentence, then each measure."""

from dataclasses import dataclass, field

from django.utils.translation import get_language, gettext, gettext_lazy

from common.templatetags.formatting import percent, rate
from experiments.telling import minus, set_against
from registry.facts import GroupCompared, PairedMeasure
from registry.models import Comparison
from results.queries.columns import segment_value
from training.words import sentences

HEADLINES = {
    "better": gettext_lazy(
        "v%(number)s is better than v%(former)s: the difference is significant and large enough to matter."
    ),
    "worse": gettext_lazy(
        "v%(number)s is worse than v%(former)s: the difference is significant and large enough to matter."
    ),
    "mixed": gettext_lazy("v%(number)s is better than v%(former)s by one measure and worse by the other."),
    "slight": gettext_lazy("v%(number)s and v%(former)s differ significantly, but by too little to matter."),
    "alike": gettext_lazy("There is no significant difference between v%(number)s and v%(former)s."),
    "too_few": gettext_lazy("There are too few rows or events to tell v%(number)s from v%(former)s."),
}
VERDICTS = {
    "better": gettext_lazy("better"),
    "worse": gettext_lazy("worse"),
    "slight": gettext_lazy("too small to matter"),
    "alike": gettext_lazy("not significant"),
    "too_few": gettext_lazy("too few to judge"),
}
CHOSEN = {"more": gettext_lazy("more often"), "fewer": gettext_lazy("less often")}
GROUPS_NAMED = 3
LOOKS = {
    "better": ("trending-up", "good"),
    "worse": ("trending-down", "bad"),
    "mixed": ("arrows-split", "warn"),
    "slight": ("equal", "soft"),
    "alike": ("equal", "soft"),
    "too_few": ("help-circle", "muted"),
}


@dataclass(frozen=True)
class ShownDifference:
    """One measure of both versions on the same rows."""

    label: str
    former: str
    new: str
    difference: str
    interval: str
    verdict: str
    icon: str
    tone: str


@dataclass(frozen=True)
class ShownGroup:
    """One group of customers under both versions: how it is ranked, and how much of it is among those chosen."""

    name: str
    rows: int
    events: int
    auc: str
    difference: str
    interval: str
    verdict: str
    icon: str
    tone: str
    chosen: str
    chosen_verdict: str
    is_protected: bool


@dataclass(frozen=True)
class ShownComparison:
    """What the decision page says of a comparison: that it is under way, why there is none, or what it found."""

    state: str
    headline: str = ""
    icon: str = ""
    tone: str = ""
    how: str = ""
    rows: int = 0
    events: int = 0
    lines: list[ShownDifference] = field(default_factory=list)
    groups: list[ShownGroup] = field(default_factory=list)
    top: str = ""
    worse_groups: str = ""


def shown_comparison(comparison: Comparison | None) -> ShownComparison | None:
    """Return what is told of a comparison; nothing where none was asked for."""
    if comparison is None:
        return None
    if not comparison.is_done:
        return ShownComparison("failed" if comparison.has_failed else "waiting")
    facts = comparison.found
    if facts.refusal is not None or facts.verdict is None:
        return ShownComparison("refused", headline=sentences(facts.refusal))
    numbers = {"number": comparison.version.number, "former": comparison.former.number}
    icon, tone = LOOKS[facts.verdict]
    return ShownComparison(
        state="compared",
        headline=str(HEADLINES[facts.verdict]) % numbers,
        icon=icon,
        tone=tone,
        how=sentences(facts.how),
        rows=facts.rows or 0,
        events=facts.events or 0,
        lines=lines_of(comparison),
        groups=[group_of(each, comparison) for each in facts.segments],
        top=percent(comparison.version.leaderboard_row.experiment.contact_share),
        worse_groups=worse_groups(comparison),
    )


def group_of(each: GroupCompared, comparison: Comparison) -> ShownGroup:
    """Return one group under both versions as a page shows it."""
    ranked, chosen = each.auc, each.chosen
    former, new, difference, interval = shown_measure(ranked)
    icon, tone = LOOKS[ranked.verdict]
    return ShownGroup(
        name=name_of_group(each, comparison),
        rows=each.rows,
        events=each.events,
        auc=f"{former} → {new}",
        difference=difference,
        interval=interval,
        verdict=str(VERDICTS[ranked.verdict]),
        icon=icon,
        tone=tone,
        chosen=f"{rate(chosen.second, 1)} → {rate(chosen.first, 1)}",
        chosen_verdict=str(CHOSEN.get(chosen.verdict, "")),
        is_protected=each.is_protected,
    )


def name_of_group(each: GroupCompared, comparison: Comparison) -> str:
    """Return a column in the bank's word and the values of it that a group holds."""
    labels = comparison.version.leaderboard_row.experiment.asked.labels.get(each.column, {})
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    label = labels.get(language) or each.column
    return gettext("%(column)s: %(value)s") % {"column": label, "value": segment_value(each)}


def worse_groups(comparison: Comparison) -> str:
    """Say in which groups the new version ranks less well for certain; nothing where no groups were compared."""
    groups = comparison.found.segments
    if not groups:
        return ""
    worse = [name_of_group(each, comparison) for each in groups if each.auc.verdict == "worse"]
    if not worse:
        return gettext("No group is ranked significantly worse.")
    shown = " · ".join(worse[:GROUPS_NAMED]) + (f" +{len(worse) - GROUPS_NAMED}" if len(worse) > GROUPS_NAMED else "")
    return gettext("Ranked significantly worse: %(groups)s") % {"groups": shown}


def lines_of(comparison: Comparison) -> list[ShownDifference]:
    share = percent(comparison.version.leaderboard_row.experiment.contact_share)
    labels = {"auc": "AUC", "ks": "KS", "lift": gettext("Lift, top %(share)s") % {"share": share}}
    measures = comparison.found.measures
    return [line_of(labels[name], measures[name]) for name in labels if name in measures]


def line_of(label: str, measure: PairedMeasure) -> ShownDifference:
    icon, tone = LOOKS[measure.verdict]
    former, new, difference, interval = shown_measure(measure)
    return ShownDifference(
        label=label,
        former=former,
        new=new,
        difference=difference,
        interval=interval,
        verdict=str(VERDICTS[measure.verdict]),
        icon=icon,
        tone=tone,
    )


def shown_measure(measure: PairedMeasure) -> tuple[str, str, str, str]:
    """Return the former number, the new one, their difference and its interval, such that all four agree."""
    former, new = measure.second, measure.first
    if former is None or new is None or measure.difference is None:
        return decimals(former), decimals(new), "–", "–"
    bounds = [end for end in (measure.low, measure.high) if end is not None]
    if len(bounds) < 2:
        shown, before, difference = set_against(new, former)
        return before, shown, difference, "–"
    shown, before, difference, low, high = set_against(new, former, bounds)
    return before, shown, difference, gettext("%(low)s to %(high)s") % {"low": low, "high": high}


def decimals(value: float | None) -> str:
    return "–" if value is None else minus(f"{value:.3f}")
