"""Who stands in another tenth, what moved them, and what each model relies on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiments.artifact.model import ModelArtifact
from experiments.comparison.evidence import Moved, MovedBy, Reliance
from experiments.comparison.masked_rows import customer_at, shown_value
from experiments.comparison.scored_rows import ScoredRows
from experiments.evaluation.ranking import TENTHS, Floats, tenth_of

MOVED_SHOWN = 20
REASONS_SHOWN = 4
# Enough for means and spreads of contributions, few enough for the slowest learner to explain.
ROWS_EXPLAINED = 1_000


@dataclass(frozen=True)
class Explained:
    """A model's contributions: what a column adds in the mean, and the spread of their sum, on the same rows."""

    artifact: ModelArtifact
    columns: list[str]
    mean: Floats
    spread: float
    shares: Floats

    @classmethod
    def of(cls, artifact: ModelArtifact, rows: ScoredRows) -> "Explained":
        """Explain some rows from all over the sample."""
        chosen = np.unique(np.linspace(0, len(rows) - 1, min(ROWS_EXPLAINED, len(rows))).astype(int))
        phi, _base = artifact.own_contributions(rows.at(chosen))
        mean = phi.mean(axis=0)
        heights = np.abs(phi - mean).mean(axis=0)
        total = float(heights.sum())
        return cls(
            artifact, artifact.own_columns, mean, float(phi.sum(axis=1).std()) or 1.0,
            heights / total if total else heights,
        )  # fmt: skip

    def parts(self, frame: object) -> dict[str, Floats]:
        """Return each column's part in standard deviations of the score; their sum is the standardised score."""
        phi, _base = self.artifact.own_contributions(frame)  # type: ignore[arg-type]
        return dict(zip(self.columns, ((phi - self.mean) / self.spread).T, strict=True))


def tenths_counted(rows: ScoredRows, place: int) -> tuple[tuple[int, ...], ...]:
    """Return how many stand in each tenth of the first model and of the one at a place."""
    one, other = tenth_of(rows.scores[0]) - 1, tenth_of(rows.scores[place]) - 1
    counts = np.bincount(one * TENTHS + other, minlength=TENTHS * TENTHS).reshape(TENTHS, TENTHS)
    return tuple(tuple(int(count) for count in line) for line in counts)


def moved_most(rows: ScoredRows, place: int, *, first: Explained, other: Explained) -> tuple[Moved, ...]:
    """Return those whose tenth differs most, each with the columns that the two models weigh most differently."""
    one, two = tenth_of(rows.scores[0]), tenth_of(rows.scores[place])
    steps = np.abs(one - two)
    chosen = np.argsort(-steps, kind="stable")[:MOVED_SHOWN]
    chosen = chosen[steps[chosen] > 0]
    if not len(chosen):
        return ()
    frame = rows.at(chosen)
    before, after = first.parts(frame), other.parts(frame)
    nothing = np.zeros(len(chosen))
    columns = list(dict.fromkeys([*first.columns, *other.columns]))
    apart = np.array([after.get(name, nothing) - before.get(name, nothing) for name in columns])
    found = []
    for number, position in enumerate(chosen):
        most = np.argsort(-np.abs(apart[:, number]), kind="stable")[:REASONS_SHOWN]
        found.append(
            Moved(
                row=int(rows.places[position]) + 1, customer=customer_at(rows, frame, number),
                first_tenth=int(one[position]), second_tenth=int(two[position]),
                first=float(rows.scores[0][position]), second=float(rows.scores[place][position]),
                outcome=int(rows.y[position]),
                why=tuple(
                    MovedBy(columns[each], _value(rows, frame, columns[each], number), float(apart[each, number]))
                    for each in most if apart[each, number]
                ),
            )
        )  # fmt: skip
    return tuple(found)


def _value(rows: ScoredRows, frame: object, column: str, number: int) -> str:
    if column in rows.hidden or column not in frame:  # type: ignore[operator]
        return ""
    return shown_value(frame[column].iloc[number])  # type: ignore[index]


def reliance_of(models: Sequence[Explained]) -> tuple[Reliance, ...]:
    """Return every column's share of the spread in each model, what weighs most anywhere first."""
    shares = [
        {name: float(share) for name, share in zip(each.columns, each.shares, strict=True) if share > 0}
        for each in models
    ]
    columns = {name: max(own.get(name, 0.0) for own in shares) for own in shares for name in own}
    return tuple(
        Reliance(name, tuple(own.get(name) for own in shares))
        for name in sorted(columns, key=lambda one: (-columns[one], one))
    )
