"""The leaderboard of an experiment: its finalists in rank order, with intervals drawn to one scale."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from experiments.evaluation.limits import Verdict
from experiments.evaluation.measures import Measures
from experiments.search.ties import difference_to
from experiments.telling import bounded, set_against
from training.models import Experiment, LeaderboardRow
from training.queries.interval_cells import IntervalCell
from training.words import learner_name

ENSEMBLE = "ensemble"
# A difference that was kept is that of two numbers that were kept, but for the machine's arithmetic.
SAME = 1e-6


@dataclass(frozen=True)
class Difference:
    """What one finalist has over another in AUC on the same rows, with its interval."""

    value: float
    low: float
    high: float
    is_within_chance: bool
    shown: tuple[str, ...] = ()


@dataclass(frozen=True)
class LeaderboardLine:
    """A row of the leaderboard, ready to be shown."""

    row: LeaderboardRow
    name: str
    rank_label: str
    validation: Measures
    tested: Measures
    cells: dict[str, IntervalCell | None]
    gap: float | None
    limits_state: str
    ranking_value: float | None
    against: Difference | None = None

    @property
    def is_tested_enough(self) -> bool:
        return self.tested.is_enough

    @property
    def is_validated_enough(self) -> bool:
        return self.validation.is_enough

    @property
    def is_ensemble(self) -> bool:
        return self.row.learner == ENSEMBLE

    @property
    def milliseconds(self) -> float | None:
        return self.row.kept.ms_per_row


@dataclass(frozen=True)
class Leaderboard:
    """All finalists of an experiment; ``test_sample`` names the rows that no model has seen."""

    lines: list[LeaderboardLine]
    test_sample: str
    ranking_metric: str
    recommended: LeaderboardLine | None

    def line_of(self, candidate: str) -> LeaderboardLine | None:
        """Find a candidate's line; without a name, the recommended one's."""
        if not candidate:
            return self.recommended
        return next((line for line in self.lines if line.row.candidate == candidate), None)

    @property
    def is_penalised(self) -> bool:
        """Is the order another than that of the plain metric, since overfit and volatility cost something?"""
        return self.ranking_metric == "ks" and any(line.ranking_value is not None for line in self.lines)

    @property
    def ties(self) -> int:
        """Count the models that share a rank."""
        return sum(line.rank_label.startswith("=") for line in self.lines)


def leaderboard_for(experiment: Experiment) -> Leaderboard:
    """Read an experiment's finalists in rank order, with intervals drawn to one scale."""
    rows = list(experiment.leaderboard.all())
    test_sample = "out_of_time" if any(row.measures.out_of_time is not None for row in rows) else "held_out"
    scale = _scale_of(rows, ("validation", test_sample), "auc")
    ranks = _rank_labels(rows)
    chosen = next((row for row in rows if row.is_recommended), None)
    lines = [_line_of(row, ranks[row.pk], test_sample, scale, chosen) for row in rows]
    recommended = next((line for line in lines if line.row.is_recommended), lines[0] if lines else None)
    return Leaderboard(lines, test_sample, experiment.asked.ranked_by, recommended)


def _rank_labels(rows: list[LeaderboardRow]) -> dict[int, str]:
    """Give the recommended model and all that cannot be told apart from it the best rank among them: ``=1``."""
    tied = [row for row in rows if row.is_tie or row.is_recommended]
    labels = {row.pk: str(row.rank) for row in rows}
    if any(row.is_tie for row in rows):
        labels |= {row.pk: f"={min(each.rank for each in tied)}" for row in tied}
    return labels


def _line_of(
    row: LeaderboardRow, rank_label: str, test_sample: str, scale: tuple[float, float], chosen: LeaderboardRow | None
) -> LeaderboardLine:
    measures, kept = row.measures, row.kept
    validation, tested = measures.of("validation"), measures.of(test_sample)
    return LeaderboardLine(
        row=row,
        name=learner_name(row.candidate),
        rank_label=rank_label,
        validation=validation,
        tested=tested,
        cells={
            "validation": IntervalCell.of(validation.of("auc"), scale),
            "tested": IntervalCell.of(tested.of("auc"), scale),
        },
        gap=_gap(kept.gap, measures.of("train").value("ks"), tested.value("ks")),
        limits_state=limits_state(kept.limits),
        ranking_value=kept.ranking_value,
        against=_difference(row, chosen),
    )


def _gap(kept: float | None, train: float | None, held_out: float | None) -> float | None:
    """Return the fall in KS from training rows, as a reader finds it who subtracts the two KS shown."""
    if kept is None or train is None or held_out is None or abs(train - held_out - kept) > SAME:
        return kept
    return round(round(train, 3) - round(held_out, 3), 3)


def limits_state(limits: Sequence[Verdict]) -> str:
    """Sum the limits up: broken, unproven, unjudged for want of events, kept, or nothing where none is set."""
    states = [limit.state for limit in limits]
    return next((state for state in ("broken", "unproven", "unjudged", "kept") if state in states), "")


def difference_to_recommended(row: LeaderboardRow, chosen: LeaderboardRow | None) -> dict[str, Any] | None:
    """Return what a finalist has over the recommended one, with the interval that its tie was judged by."""
    if chosen is None or row.pk == chosen.pk:
        return None
    own, others = ({name: one.to_dict() for name, one in each.kept.difference.items()} for each in (row, chosen))
    return difference_to(chosen.candidate, row.candidate, own=own, others=others)


def _difference(row: LeaderboardRow, chosen: LeaderboardRow | None) -> Difference | None:
    """Return what a finalist has over the recommended one; whether it is a tie the run has settled, for all of them."""
    found = difference_to_recommended(row, chosen)
    if chosen is None or not found or found.get("value") is None:
        return None
    value = found["value"]
    low, high = found.get("low", value), found.get("high", value)
    return Difference(
        value, low, high, is_within_chance=row.is_tie or low <= 0 <= high,
        shown=_shown_difference(row, chosen, (value, low, high)),
    )  # fmt: skip


def _shown_difference(
    row: LeaderboardRow, chosen: LeaderboardRow, difference: tuple[float, float, float]
) -> tuple[str, ...]:
    """Return a difference and its bounds; where both AUCs are shown, as a reader of them subtracts."""
    value, low, high = difference
    own, other = (each.measures.of("validation").value("auc") for each in (row, chosen))
    if own is None or other is None or abs(own - other - value) > SAME:
        return bounded(value, low, high)
    return set_against(own, other, (low, high))[2:]


def _scale_of(rows: list[LeaderboardRow], samples: tuple[str, ...], metric: str) -> tuple[float, float]:
    """Return the least and greatest end of all intervals of a metric."""
    found = [row.measures.of(sample).of(metric) for row in rows for sample in samples]
    known = [end for one in found for end in (one.low, one.value, one.high) if end is not None]
    return (min(known), max(known)) if known else (0.0, 1.0)
