"""What a run leaves beside a model of why it decides as it does: ``explanation.json``, read back as attributes."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from experiments.artifact.manifest import EXPLANATION, read_attached
from experiments.charts.beeswarm import BeeswarmData
from experiments.charts.dependence import DependenceData
from experiments.charts.importance import ImportanceData
from experiments.charts.waterfall import WaterfallData, value_text
from experiments.errors import gettext_noop
from experiments.explanation.direction import rank_correlation, way_of
from experiments.explanation.global_view import Importance
from experiments.explanation.reason_codes.quality import ReasonQuality
from experiments.explanation.values import Meanings, word_of_code
from experiments.sentence import Sentence
from experiments.stored import Part, Stored, unless_absent


@dataclass(frozen=True)
class ToldReason(Part):
    """One reason of an example: the column, what its value is like, the value, and how much it moves the score."""

    column: str
    state: str
    value: str = ""
    phi: float | None = None
    also: tuple[str, ...] = ()
    message: str = ""

    @property
    def sentence(self) -> Sentence:
        """What is said where no column is named."""
        return Sentence(self.message)


@dataclass(frozen=True)
class Example(Part):
    """One customer: probability, points, band, what the columns do, and the reasons."""

    probability: float | None = None
    score: float | None = None
    band: str = ""
    margin: float | None = None
    base: float | None = None
    waterfall: WaterfallData | None = None
    reasons: tuple[ToldReason, ...] = ()


@dataclass(frozen=True)
class Extremes(Part):
    """The levels of a category with the highest and the lowest mean probability."""

    best: str
    worst: str


@dataclass(frozen=True)
class Tendency:
    """What a column does to the score over all its values.

    Attributes
    ----------
    way : 1 or −1 where it has a direction that may be told, else 0.
    best, worst : the values with the highest and the lowest effect: levels, or numbers as they stand on the curve; None
        where no curve is known.
    """

    way: int
    best: str | float | None = None
    worst: str | float | None = None


@dataclass(frozen=True)
class Explanation(Stored):
    """Importance, beeswarm, dependence and three customers' waterfalls, from a sample of training rows.

    Attributes
    ----------
    unit : of contributions. base : of the typical customer. rows : how many customers were explained.
    """

    what = gettext_noop("the explanation of a model")

    unit: str = ""
    base: float | None = None
    rows: int = 0
    factors: tuple[Importance, ...] = ()
    importance: ImportanceData | None = unless_absent()
    beeswarm: BeeswarmData | None = unless_absent()
    dependence: dict[str, DependenceData] = field(default_factory=dict)
    examples: dict[str, Example] = field(default_factory=dict)
    extremes: dict[str, Extremes] = field(default_factory=dict)
    reasons: ReasonQuality | None = unless_absent()

    def tendency_of(self, column: str, *, held: int = 0, meanings: Meanings | None = None) -> Tendency | None:
        """Return what a column does, for every page and paper alike; None of one that is flat or says nothing.

        ``held`` is the direction that was asked of the model and found kept. ``meanings`` tell what its codes mean, as
        the dictionary has it: numbers that are codes go neither up nor down.
        """
        curve = self.dependence.get(column)
        if curve is None:
            way = way_of(self._direction_of(column), held=held)
            return Tendency(way) if way else None
        if len(curve.effects) < 2 or (min(curve.effects) == max(curve.effects) and not held):
            return None
        places = curve.levels if curve.kind == "categorical" else curve.x
        best, worst = (places[curve.effects.index(pick(curve.effects))] for pick in (max, min))
        if curve.kind == "categorical":
            kept = self.extremes.get(column)
            return Tendency(0, kept.best if kept else best, kept.worst if kept else worst)
        are_codes = not curve.is_date and all(word_of_code(value_text(end), meanings) for end in (best, worst))
        if are_codes:
            return Tendency(0, best, worst)
        # Of models explained before directions were kept, the curve's own points are all there is.
        told, points = self._direction_of(column), (np.array(curve.x), np.array(curve.effects))
        return Tendency(way_of(rank_correlation(*points) if told is None else told, held=held), best, worst)

    def _direction_of(self, column: str) -> float | None:
        return next((one.direction for one in self.factors if one.column == column), None)

    @classmethod
    def read(cls, folder: Path) -> "Explanation":
        """Return the explanation beside a model; without anything where a folder has none."""
        return cls.from_dict(read_attached(folder, EXPLANATION))
