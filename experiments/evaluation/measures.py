"""The measures of one model as they are kept: each with its interval, by sample, beside the sample's counts."""

from collections.abc import Iterator
from dataclasses import dataclass, fields

from experiments.stored import Part, unless_absent

# Names of the rows that no model has seen: the newest months, or some drawn at random.
UNSEEN = ("out_of_time", "held_out")


@dataclass(frozen=True)
class Measure(Part):
    """A number with the ends of its interval; None where the sample cannot tell."""

    value: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Counts(Part):
    """Rows of a sample and the events among them, and whether they are enough to conclude anything."""

    rows: int
    events: int
    is_enough: bool = True


@dataclass(frozen=True)
class Measures(Part):
    """All measures of a model on one sample; one that was not taken is None."""

    auc: Measure | None = unless_absent()
    ks: Measure | None = unless_absent()
    gini: Measure | None = unless_absent()
    lift: Measure | None = unless_absent()
    capture: Measure | None = unless_absent()
    log_loss: Measure | None = unless_absent()
    brier: Measure | None = unless_absent()
    ece: Measure | None = unless_absent()
    calibration_slope: Measure | None = unless_absent()
    observed_expected: Measure | None = unless_absent()
    counts: Counts | None = unless_absent()

    def of(self, name: str) -> Measure:
        """Return a measure by its name; one without a value where it was not taken.

        >>> Measures(ks=Measure(0.4)).of("ks").value, Measures().of("auc").value
        (0.4, None)
        """
        found = getattr(self, name, None)
        return found if isinstance(found, Measure) else Measure()

    def value(self, name: str) -> float | None:
        """Return the number of a measure."""
        return self.of(name).value

    @property
    def is_enough(self) -> bool:
        """Whether anything may be concluded from them; without counts they are taken as they are."""
        return self.counts is None or self.counts.is_enough

    def __bool__(self) -> bool:
        return any(getattr(self, each.name) is not None for each in fields(self))


NO_MEASURES = Measures()


@dataclass(frozen=True)
class MeasuresBySample(Part):
    """The measures of a model on the rows it learnt from, in cross-validation, and on rows it never saw."""

    validation: Measures | None = unless_absent()
    out_of_time: Measures | None = unless_absent()
    held_out: Measures | None = unless_absent()
    train: Measures | None = unless_absent()

    def of(self, sample: str) -> Measures:
        """Return the measures of a sample, without any where it was not measured."""
        found = getattr(self, sample, None)
        return found if isinstance(found, Measures) else NO_MEASURES

    def __iter__(self) -> Iterator[tuple[str, Measures]]:
        """Yield the samples that were measured, each with its measures."""
        for each in fields(self):
            if found := getattr(self, each.name):
                yield each.name, found

    @property
    def unseen_name(self) -> str:
        """Name of the rows set aside that were measured: the newest ones first; empty where none were."""
        return next((name for name in UNSEEN if self.of(name)), "")

    @property
    def unseen(self) -> Measures:
        """The measures on the rows set aside."""
        return self.of(self.unseen_name)
