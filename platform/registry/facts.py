"""What the registry keeps of a model, of a version and of two versions compared, read as attributes."""

from dataclasses import dataclass, field

from experiments.comparison.evidence import Swap
from experiments.errors import gettext_noop
from experiments.evaluation.limits import State
from experiments.evaluation.measures import MeasuresBySample
from experiments.sentence import Sentence
from experiments.stored import Part, Stored, unless_absent


@dataclass(frozen=True)
class Weight(Part):
    """A column and its share of what all columns contribute."""

    column: str
    share: float


@dataclass(frozen=True)
class ReasonsTried(Part):
    """Of how many customers scored for a trial what was said; ``acted_on_unheard`` would be contacted or declined."""

    rows: int = 0
    given: int = 0
    nothing: int = 0
    withheld: int = 0
    masked: int = 0
    acted_on_unheard: int = 0


@dataclass(frozen=True)
class DossierFacts(Stored):
    """What checks and pages ask of a sealed model.

    Attributes
    ----------
    columns : that it reads. factors : those that weigh most. coefficients : on WOE, of a scorecard.
    reasons_tried : how its reasons came out; None where no customer could be scored. seal : of the model's folder.
    """

    what = gettext_noop("a dossier")

    columns: tuple[str, ...] = ()
    factors: tuple[Weight, ...] = ()
    coefficients: tuple[float, ...] = ()
    seal: str = ""
    reasons_tried: ReasonsTried | None = None


@dataclass(frozen=True)
class HeldOutKs(Part):
    """KS on the rows set aside, with its interval."""

    value: float
    low: float | None = None
    high: float | None = None
    sample: str = ""
    is_enough: bool = True


@dataclass(frozen=True)
class LimitedNumber(Part):
    """A number that must stay below its limit, and what the engine said of the two.

    ``by_chance`` is what a shift may be without any; of a fall in KS ``shown`` is how its sentence tells it, and
    ``is_rise`` that KS rose instead.
    """

    value: float
    limit: float
    state: State
    is_enough: bool = True
    shown: str = unless_absent("")
    is_rise: bool | None = unless_absent()
    by_chance: float | None = unless_absent()


@dataclass(frozen=True)
class WorstSegment(Part):
    """The segment with the lowest AUC among those that can be judged."""

    value: float
    column: str
    kind: str
    label: str


@dataclass(frozen=True)
class Speed(Part):
    """Milliseconds to score a customer within a batch."""

    value: float


@dataclass(frozen=True)
class FiveNumbers(Part):
    """The numbers of the decision page; what was not measured is absent."""

    ks: HeldOutKs | None = unless_absent()
    gap: LimitedNumber | None = unless_absent()
    score_psi: LimitedNumber | None = unless_absent()
    worst_segment: WorstSegment | None = unless_absent()
    milliseconds: Speed | None = unless_absent()


@dataclass(frozen=True)
class VersionFacts(Stored):
    """What a version keeps of its evidence, frozen when it is submitted."""

    what = gettext_noop("the facts of a version")

    samples: MeasuresBySample = field(default_factory=MeasuresBySample)
    numbers: FiveNumbers = field(default_factory=FiveNumbers)
    factors: tuple[Weight, ...] = ()
    features: tuple[str, ...] = ()
    learner: str = ""


@dataclass(frozen=True)
class PairedMeasure(Part):
    """One measure of both versions on the same rows, the new one first, and their difference with its interval."""

    first: float | None
    second: float | None
    difference: float | None
    low: float | None
    high: float | None
    verdict: str
    p_value: float | None = unless_absent()
    level: float | None = unless_absent()
    p_holm: float | None = unless_absent()


@dataclass(frozen=True)
class Pair(Part):
    """A number of both versions."""

    first: float | None
    second: float | None


@dataclass(frozen=True)
class GroupCompared(Part):
    """One group of customers under both versions."""

    column: str
    kind: str
    label: str
    rows: int
    events: int
    auc: PairedMeasure
    chosen: PairedMeasure
    is_protected: bool = False
    low: float | None = None
    high: float | None = None
    observed_expected: Pair | None = None


@dataclass(frozen=True)
class ComparisonFacts(Stored):
    """The paired differences of two versions, or why there are none.

    Attributes
    ----------
    refusal : why they cannot be compared. how : on which rows they were. covers_all : on all rows set aside.
    read_again : rows set aside were read once more for it. swap : who would change sides, the former one being the
    first model. amount : the column that its mean amounts are of.
    """

    what = gettext_noop("a comparison")

    refusal: Sentence | None = unless_absent()
    rows: int | None = unless_absent()
    events: int | None = unless_absent()
    verdict: str | None = unless_absent()
    measures: dict[str, PairedMeasure] = field(default_factory=dict)
    covers_all: bool = False
    how: Sentence | None = unless_absent()
    segments: tuple[GroupCompared, ...] = ()
    read_again: bool = False
    swap: Swap | None = unless_absent()
    amount: str = unless_absent("")
