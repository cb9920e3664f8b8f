"""Whether reasons can be relied on: who of those acted on has one, and whether chance would give others."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.errors import gettext_noop
from experiments.explanation.reason_codes.baseline import EVERYBODY, Baseline
from experiments.explanation.reason_codes.book import ReasonBook
from experiments.sentence import Sentence
from experiments.stored import Part, unless_absent

__all__ = ["ReasonQuality", "overlap", "quality_of_reasons"]

RESAMPLES = 10
STABLE = 0.8
ALL_HEARD = gettext_noop("Every one of the %(rows)s customers acted on has a reason.")
UNHEARD = gettext_noop(
    "%(unheard)s of the %(rows)s customers acted on have no reason: %(withheld)s of them only because of protected "
    "columns."
)
OTHERS = gettext_noop(
    "With other customers drawn from the same group to compare with, a customer's reasons stay the same to %(value)s "
    "(Jaccard; at least 80%% is required)."
)
FITS = gettext_noop(
    "By one of the model's fits alone (of %(fits)s), a customer's reasons agree with those of the model to %(value)s "
    "(Jaccard)."
)


@dataclass(frozen=True)
class ReasonQuality(Part):
    """How far reasons can be relied on, measured on customers that a decision hits.

    Attributes
    ----------
    baseline : with whom they are compared. rows : customers who are declined or chosen, of those explained.
    unheard : of these without a reason. withheld : of these because only protected columns speak.
    masked : for whom a protected column weighs most.
    resampled : mean Jaccard overlap of a customer's reasons with those by other customers of the same baseline.
    refitted : the same with those by each of the model's own fits. fits : how many there are.

    Examples
    --------
    >>> ReasonQuality(rows=50, resampled=0.93).is_stable
    True
    """

    baseline: Baseline = EVERYBODY
    rows: int = 0
    unheard: int = 0
    withheld: int = 0
    masked: int = 0
    resampled: float | None = unless_absent()
    refitted: float | None = unless_absent()
    fits: int = 1

    @property
    def is_stable(self) -> bool:
        """Whether reasons stay when the customers of the baseline are drawn anew: at least 0.8."""
        return self.resampled is not None and self.resampled >= STABLE

    @property
    def told(self) -> tuple[Sentence, ...]:
        """All of it in words."""
        counts = {"rows": f"{self.rows:,}", "unheard": f"{self.unheard:,}", "withheld": f"{self.withheld:,}"}
        said = [self.baseline.told, Sentence(UNHEARD if self.unheard else ALL_HEARD, counts)]
        if self.resampled is not None:
            said.append(Sentence(OTHERS, {"value": f"{self.resampled:.0%}"}))
        if self.refitted is not None:
            said.append(Sentence(FITS, {"fits": f"{self.fits}", "value": f"{self.refitted:.0%}"}))
        return tuple(said)


def overlap(one: Sequence[frozenset[str]], other: Sequence[frozenset[str]]) -> float:
    """Return the mean Jaccard overlap of sets, row by row; two that are empty are the same.

    Parameters
    ----------
    one, other : sets by row, as many.

    Returns
    -------
    float

    References
    ----------
    Jaccard, P. (1901). Étude comparative de la distribution florale. Bulletin de la Société Vaudoise 37.

    Examples
    --------
    >>> overlap([frozenset("ab"), frozenset()], [frozenset("bc"), frozenset()])
    0.6666666666666666
    """
    shares = [len(a & b) / len(a | b) if a | b else 1.0 for a, b in zip(one, other, strict=True)]
    return float(np.mean(shares)) if shares else 1.0


def quality_of_reasons(
    book: ReasonBook,
    frame: pd.DataFrame,
    *,
    phi: np.ndarray,
    reference: np.ndarray,
    by_fit: Sequence[tuple[np.ndarray, np.ndarray]] = (),
    seed: int = 1,
) -> ReasonQuality:
    """Measure reasons on the customers a decision hits.

    Parameters
    ----------
    book : of the model. frame, phi : those customers and their contributions, shape (rows, columns of the book).
    reference : contributions of the baseline's customers, which are drawn anew; for the typical customer, a sample.
    by_fit : of each of the model's fits, contributions of those customers and of the baseline's.

    Returns
    -------
    ReasonQuality

    Examples
    --------
    >>> frame = pd.DataFrame({"age": np.arange(100.0), "noise": np.tile([0.0, 1.0], 50)})
    >>> phi = (frame - frame.mean()) / 50
    >>> found = quality_of_reasons(ReasonBook().fit(frame, phi), frame[80:], phi=phi[80:].to_numpy(), reference=phi)
    >>> found.rows, found.unheard
    (20, 0)
    """
    if not len(frame):
        return ReasonQuality(baseline=book.baseline)
    states = book.states(frame)
    counts, given = book.counted(phi, states=states), book.groups_told(phi, states=states)
    random = np.random.default_rng(seed)
    reference = np.asarray(reference, dtype=float)
    mean = reference.mean(axis=0)
    moved = (
        reference[random.integers(0, len(reference), len(reference))].mean(axis=0) - mean for _ in range(RESAMPLES)
    )
    again = [overlap(given, book.moved(by).groups_told(phi, states=states)) for by in moved]
    alone = [
        overlap(given, book.moved(_apart(book, mean, theirs)).groups_told(parts, states=states))
        for parts, theirs in by_fit
    ]
    return ReasonQuality(
        baseline=book.baseline, rows=len(frame), unheard=counts.rows - counts.given, withheld=counts.withheld,
        masked=counts.masked, resampled=float(np.mean(again)), refitted=float(np.mean(alone)) if alone else None,
        fits=max(len(by_fit), 1),
    )  # fmt: skip


def _apart(book: ReasonBook, mean: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Return how far a fit's own baseline lies from the model's; the typical customer is nought to each."""
    return theirs.mean(axis=0) - mean if book.baseline.is_near else np.zeros(len(mean))
