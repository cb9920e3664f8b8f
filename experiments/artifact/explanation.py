"""What a run leaves beside a model of why it decides as it does: ``explanation.json``, read back as attributes."""

from dataclasses import dataclass, field
from pathlib import Path

from experiments.artifact.manifest import EXPLANATION, read_attached
from experiments.charts.beeswarm import BeeswarmData
from experiments.charts.dependence import DependenceData
from experiments.charts.importance import ImportanceData
from experiments.charts.waterfall import WaterfallData
from experiments.errors import gettext_noop
from experiments.explanation.global_view import Importance
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

    @classmethod
    def read(cls, folder: Path) -> "Explanation":
        """Return the explanation beside a model; without anything where a folder has none."""
        return cls.from_dict(read_attached(folder, EXPLANATION))
