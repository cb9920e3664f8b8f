"""The population behind a table in which events were over- or under-sampled: corrected only when its rate is stated."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from experiments.errors import BadInput, gettext_noop
from experiments.evaluation.calibrators import AnyCalibrator
from experiments.evaluation.odds import correct_prior, prior_shift
from experiments.evaluation.ranking import Floats

__all__ = ["Population"]

BAD_RATE = gettext_noop("The population's event rate must lie between 0 and 1, for example 0.02.")


@dataclass(frozen=True)
class Population:
    """How often the event happens in the rows a model learnt from, and in the population it will score.

    Nothing is re-weighted in learning: only the probabilities are moved, by
    logit(p′) = logit(p) + ln(r/(1−r)) − ln(w/(1−w)) (King and Zeng 2001), and the frozen distributions of the
    score are those of the population.

    Attributes
    ----------
    sample_rate : weighted event rate w of development. rate : r of the population; the same when none was stated.

    References
    ----------
    King, G. and Zeng, L. (2001). Logistic regression in rare events data. Political Analysis 9.

    Examples
    --------
    >>> Population(sample_rate=0.2, rate=0.02).is_corrected
    True
    """

    sample_rate: float
    rate: float

    @classmethod
    def of(cls, y: Floats, weight: Floats | None, *, stated_rate: float | None) -> "Population":
        """Return the population of a development sample.

        Raises
        ------
        BadInput : the stated rate is no rate.
        """
        require_rate(stated_rate)
        sample_rate = float(np.average(y, weights=weight))
        return cls(sample_rate, sample_rate if stated_rate is None else stated_rate)

    @property
    def is_corrected(self) -> bool:
        """Return whether probabilities are moved at all."""
        return self.rate != self.sample_rate

    def calibrator(self, calibrator: AnyCalibrator) -> AnyCalibrator:
        """Return the calibrator that gives the population's probabilities."""
        if not self.is_corrected:
            return calibrator
        return calibrator.shifted(prior_shift(self.rate, self.sample_rate))

    def probability(self, p: ArrayLike) -> Floats:
        """Return the population's probabilities for those of the sample."""
        if not self.is_corrected:
            return np.asarray(p, dtype=np.float64)
        return correct_prior(p, self.rate, sample_rate=self.sample_rate)

    def weights(self, y: Floats, weight: Floats | None) -> Floats | None:
        """Return weights under which the sample's rows stand for the population."""
        if not self.is_corrected:
            return weight
        events, others = self.rate / self.sample_rate, (1 - self.rate) / (1 - self.sample_rate)
        stands_for = np.where(np.asarray(y) == 1, events, others)
        return stands_for if weight is None else stands_for * weight

    def facts(self) -> dict[str, float]:
        """Return what a model's card says about it: the event rate and, where corrected, the sample's."""
        if not self.is_corrected:
            return {"event_rate": self.rate}
        return {"event_rate": self.rate, "sample_rate": self.sample_rate, "population_rate": self.rate}


def require_rate(rate: float | None) -> None:
    """Raise ``BadInput`` for a number that is no rate."""
    if rate is not None and not 0 < rate < 1:
        raise BadInput(BAD_RATE)
