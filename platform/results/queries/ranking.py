"""The leaderboard in another order: by any measure on any sample, by what a contact quota brings, or by profit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from experiments.evaluation.intervals import Interval
from experiments.evaluation.measures import Measure
from experiments.families import FAMILIES
from experiments.strategy.curve import StrategyCurve
from experiments.strategy.money import Outcome, outcome
from experiments.strategy.stakes import Stakes
from results.queries.act import curve_of, stakes_of
from results.queries.evidence import evidence_of, size_of
from results.queries.leaderboard import Leaderboard, LeaderboardLine
from training.models import Experiment
from training.words import METRICS, SAMPLES

# What a run always makes stands in every leaderboard: the card that can be read, and the bar to clear.
ALWAYS_SHOWN = tuple(family.name for family in FAMILIES if family.role == "always")
BY_RUN, BY_QUOTA, BY_PROFIT = "run", "quota", "profit"
TRAIN = "train"


@dataclass(frozen=True)
class Asked:
    """How the leaderboard is wanted: ranked ``by`` what, on which sample, for how many customers, and filtered."""

    by: str = BY_RUN
    sample: str = "validation"
    customers: int = 0
    number: int = 0
    stakes: Stakes | None = None
    within_limits: bool = False
    family: str = ""
    most_columns: int | None = None
    most_milliseconds: float | None = None
    most_megabytes: float | None = None

    @property
    def share(self) -> float:
        return min(1.0, self.number / self.customers) if self.customers else 0.0

    @property
    def is_of_quota(self) -> bool:
        return self.by in (BY_QUOTA, BY_PROFIT)

    @property
    def is_filtered(self) -> bool:
        return bool(
            self.within_limits or self.family or self.most_columns or self.most_milliseconds or self.most_megabytes
        )


@dataclass(frozen=True)
class RankedLine:
    """A finalist at its place: ``label`` is ``=1`` where it cannot be told from the first."""

    line: LeaderboardLine
    label: str
    is_tied: bool
    value: Interval
    quota: Outcome | None
    megabytes: float
    train: Any
    is_kept_in: bool = False


@dataclass(frozen=True)
class Ranked:
    """The finalists in the order that was asked for."""

    lines: list[RankedLine]
    asked: Asked
    left_out: int
    ties: int
    has_money: bool

    @property
    def is_of_run(self) -> bool:
        return self.asked.by == BY_RUN

    @property
    def lacks_money(self) -> bool:
        """Profit was asked for, and nobody has said what a customer brings and costs."""
        return self.asked.by == BY_PROFIT and not self.has_money


def rankings_offered(*, is_risk: bool = False) -> dict[str, Any]:
    """Return by what the finalists can be ranked, in words."""
    return {
        BY_RUN: _("As the run ranked them"),
        **{name: told.label for name, told in METRICS.items()},
        BY_QUOTA: number_asked(is_risk=is_risk),
        BY_PROFIT: _("Profit"),
    }


def number_asked(*, is_risk: bool) -> Any:
    """Return what the number of chosen customers is called: of contacts, or of loans."""
    return _("Number approved") if is_risk else _("Contact quota")


def samples_offered(test_sample: str) -> dict[str, Any]:
    return {name: SAMPLES[name] for name in ("validation", test_sample, TRAIN)}


def asked_of(experiment: Experiment, given: Mapping[str, Any], test_sample: str) -> Asked:
    """Return what was asked for; what was left out is the whole table and the experiment's own share."""
    customers = given.get("customers") or max(experiment.version.row_count, 1)
    share = experiment.usual_share
    number = given.get("number")
    by, sample = given.get("by") or BY_RUN, given.get("sample") or "validation"
    return Asked(
        by=by,
        # Nobody contacts the rows that the models were fitted on.
        sample="validation" if by in (BY_QUOTA, BY_PROFIT) and sample == TRAIN else sample,
        customers=customers,
        number=min(customers, round(customers * share) if number is None else number),
        stakes=stakes_of(experiment, given),
        within_limits=bool(given.get("within_limits")),
        family=given.get("family") or "",
        most_columns=given.get("most_columns"),
        most_milliseconds=given.get("most_milliseconds"),
        most_megabytes=given.get("most_megabytes"),
    )


def ranked(experiment: Experiment, leaderboard: Leaderboard, asked: Asked) -> Ranked:
    """Return the finalists in the order asked for; scorecard and baseline stay whatever is filtered out."""
    found = [_measured(line, asked, leaderboard.test_sample) for line in leaderboard.lines]
    shown = [
        RankedLine(each.line, each.label, each.is_tied, each.value, each.quota, each.megabytes, each.train,
                   is_kept_in=not _passes(each, asked))
        for each in found
        if _passes(each, asked) or each.line.row.candidate in ALWAYS_SHOWN
    ]  # fmt: skip
    lines = shown if asked.by == BY_RUN else _placed(shown, asked, is_lower_better=_is_lower_better(experiment, asked))
    return Ranked(
        lines, asked, left_out=len(found) - len(shown), ties=sum(each.is_tied for each in lines),
        has_money=asked.stakes is not None,
    )  # fmt: skip


def _measured(line: LeaderboardLine, asked: Asked, test_sample: str) -> RankedLine:
    quota = _quota(line, asked, test_sample) if asked.is_of_quota else None
    return RankedLine(
        line, line.rank_label, line.rank_label.startswith("="), _value(line, asked, quota), quota,
        size_of(line.row) / 1e6, line.row.measures.of(TRAIN),
    )  # fmt: skip


def _quota(line: LeaderboardLine, asked: Asked, test_sample: str) -> Outcome | None:
    found = evidence_of(line.row)
    curve: StrategyCurve | None = curve_of(found, asked.sample if asked.sample == test_sample else "validation")
    return None if curve is None else outcome(curve, asked.share, asked.stakes or Stakes(0.0, 0.0), asked.customers)


def _value(line: LeaderboardLine, asked: Asked, quota: Outcome | None) -> Interval:
    nothing = Interval(float("nan"), float("nan"), float("nan"))
    if asked.is_of_quota:
        if quota is None or (asked.by == BY_PROFIT and asked.stakes is None):
            return nothing
        return quota.profit if asked.by == BY_PROFIT else quota.events
    if asked.by not in METRICS:
        return nothing
    found: Measure = line.row.measures.of(asked.sample).of(asked.by)
    return Interval(*(float("nan") if end is None else end for end in (found.value, found.low, found.high)))


def _is_lower_better(experiment: Experiment, asked: Asked) -> bool:
    if asked.by == BY_QUOTA:
        # Of those approved, fewer defaults are better; of those contacted, more answers.
        return experiment.is_risk
    return asked.by in METRICS and METRICS[asked.by].lower_is_better


def _passes(each: RankedLine, asked: Asked) -> bool:
    kept = each.line.row.kept
    return (
        (not asked.within_limits or each.line.limits_state in ("", "kept"))
        and (not asked.family or each.line.row.learner == asked.family)
        and _at_most(kept.features, asked.most_columns)
        and _at_most(kept.ms_per_row, asked.most_milliseconds)
        and _at_most(each.megabytes, asked.most_megabytes)
    )


def _at_most(value: float | None, most: float | None) -> bool:
    return most is None or (value is not None and value <= most)


def _placed(lines: Sequence[RankedLine], asked: Asked, *, is_lower_better: bool) -> list[RankedLine]:
    """Order lines by their values, those without one last; who cannot be told from the first shares its place."""
    sign = 1 if is_lower_better else -1
    ordered = sorted(lines, key=lambda each: (each.value.value != each.value.value, sign * each.value.value))
    if not ordered:
        return []
    best = ordered[0]
    ties = [_is_tied(each, best, asked) for each in ordered]
    is_shared = sum(ties) > 1
    return [
        RankedLine(
            each.line, _label(place, each, is_tie and is_shared), is_tie and is_shared, each.value, each.quota,
            each.megabytes, each.train, each.is_kept_in,
        )
        for place, (each, is_tie) in enumerate(zip(ordered, ties, strict=True), start=1)
    ]  # fmt: skip


def _label(place: int, each: RankedLine, is_tie: bool) -> str:
    if each.value.value != each.value.value:
        return "–"
    return "=1" if is_tie else str(place)


def _is_tied(each: RankedLine, best: RankedLine, asked: Asked) -> bool:
    """Tell whether a model shares the place of the first: where it may well have the value that the first one has.

    AUC in cross-validation was compared pair by pair, on the same rows; that decides where it is asked for.
    """
    own, first = each.value, best.value
    if own.value != own.value or each is best:
        return each is best
    pair = best.line.row.kept.difference.get(each.line.row.candidate)
    if asked.by == "auc" and asked.sample == "validation" and pair and pair.low is not None and pair.high is not None:
        return pair.low <= 0 <= pair.high
    return bool(own.low <= first.value <= own.high)
