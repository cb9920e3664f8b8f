"""What is kept of a comparison: typed, versioned, the same for the command line, the page and a decision."""

from dataclasses import dataclass, field, replace

from experiments.charts.calibration import CalibrationData
from experiments.charts.gains import GainsData
from experiments.charts.ks_curve import KsCurveData
from experiments.charts.roc import RocData
from experiments.errors import gettext_noop
from experiments.evaluation.intervals import Interval
from experiments.evaluation.measures import Measure
from experiments.kinds import KINDS
from experiments.stored import Part, Stored, unless_absent
from experiments.strategy.amount_change import AmountChange
from experiments.strategy.swap_set import SwapSet


def share_chosen(share: float, *, is_risk: bool) -> float:
    """Return the share of customers that is chosen: of loans those approved, which are the others.

    Examples
    --------
    >>> share_chosen(0.1, is_risk=True), share_chosen(0.1, is_risk=False)
    (0.9, 0.1)
    """
    return round(1 - share, 6) if is_risk else share


@dataclass(frozen=True)
class Approvals(Part):
    """Share of the customers chosen and the event rate among them, from few to all."""

    shares: tuple[float, ...]
    rates: tuple[float, ...]


@dataclass(frozen=True)
class Spread(Part):
    """Shares of the events and of the others between the edges of a score; ``unit`` is points or probability."""

    unit: str
    edges: tuple[float, ...]
    events: tuple[float, ...]
    others: tuple[float, ...]


@dataclass(frozen=True)
class Curves(Part):
    """The curves of one model on the rows."""

    roc: RocData
    ks: KsCurveData
    gains: GainsData
    calibration: CalibrationData
    approvals: Approvals
    spread: Spread


@dataclass(frozen=True)
class Compared(Part):
    """One model on the rows: its name, what it is, every measure with its interval, its curves.

    ``score_psi`` is how far its score lies from that in development, on all rows.
    """

    name: str
    hash: str
    learner: str
    measures: dict[str, Measure]
    curves: Curves
    score_psi: float | None = None
    score_psi_limit: float | None = None


@dataclass(frozen=True)
class PairedDifference(Part):
    """A measure's difference to the first model, at the ``level`` at which Holm judged it, and what it says."""

    difference: float
    low: float
    high: float
    level: float
    p_value: float
    p_holm: float
    verdict: str


@dataclass(frozen=True)
class SwappedSegment(Part):
    """Of the customers with one value or range of a column, who comes in and who leaves."""

    column: str
    kind: str
    label: str
    rows: int
    swap_in: float
    swap_out: float
    rate_in: float | None
    rate_out: float | None
    change_in_events: float


@dataclass(frozen=True)
class SwappedRow(Part):
    """A customer who changes sides, with nothing that tells who it is; ``values`` by column, masked."""

    row: int
    customer: str
    comes_in: bool
    outcome: int
    first: float
    second: float
    values: dict[str, str]


@dataclass(frozen=True)
class Swap(Part):
    """Who changes sides where the first model chooses ``share``.

    ``equal_share`` lets the other choose as many, ``equal_rate`` as many as keep the event rate. ``events_change`` is
    the change in events among the chosen at the equal share, per row of all; ``by_amount`` that in the amounts.
    """

    share: float
    equal_share: SwapSet
    equal_rate: SwapSet
    events_change: Interval
    segments: tuple[SwappedSegment, ...] = ()
    rows: tuple[SwappedRow, ...] = ()
    by_amount: AmountChange | None = unless_absent()

    def without_amounts(self) -> "Swap":
        """Return it without what is said of amounts: their column may not be told of."""
        equal_share, equal_rate = self.equal_share.without_amounts(), self.equal_rate.without_amounts()
        return replace(self, equal_share=equal_share, equal_rate=equal_rate, by_amount=None)


@dataclass(frozen=True)
class MovedBy(Part):
    """A column's part in the move of a customer, in standard deviations of the scores; above 0 moves up."""

    column: str
    value: str
    difference: float


@dataclass(frozen=True)
class Moved(Part):
    """A customer who stands in another tenth, 1 being that of the highest probabilities, and what moved it."""

    row: int
    customer: str
    first_tenth: int
    second_tenth: int
    first: float
    second: float
    outcome: int
    why: tuple[MovedBy, ...] = ()


@dataclass(frozen=True)
class Against(Part):
    """A model set against the first: differences, verdict, who changes sides, and who moves most.

    ``tenths`` counts customers by the tenth of the first (rows) and of this model (columns).
    """

    name: str
    verdict: str
    measures: dict[str, PairedDifference]
    swap_set: SwapSet
    swaps: tuple[Swap, ...]
    tenths: tuple[tuple[int, ...], ...]
    moved: tuple[Moved, ...]


@dataclass(frozen=True)
class MonthOfModel(Part):
    """A model's score in one month: shift from development and what chance alone makes of it, AUC, KS, O/E."""

    psi: float | None
    psi_limit: float | None
    auc: float | None
    ks: float | None
    observed_expected: float | None


@dataclass(frozen=True)
class MonthCompared(Part):
    """One month of the rows with each model's numbers."""

    month: str
    rows: int
    events: int
    is_enough: bool
    models: tuple[MonthOfModel, ...]


@dataclass(frozen=True)
class Reliance(Part):
    """A column's share of the spread of each model's score, None where a model does not use it."""

    column: str
    shares: tuple[float | None, ...]


@dataclass(frozen=True)
class ModelsCompared(Stored):
    """Two to four models on the same labelled rows; the first is the one the others are set against."""

    what = gettext_noop("a comparison of models")

    rows: int
    events: int
    unlabelled: int
    event: str
    kind: str
    share: float
    models: tuple[Compared, ...]
    against: tuple[Against, ...]
    first_month: str = ""
    last_month: str = ""
    months: tuple[MonthCompared, ...] = ()
    reliance: tuple[Reliance, ...] = field(default=())

    @property
    def chosen_share(self) -> float:
        """The share that is chosen where nobody asks for another."""
        return share_chosen(self.share, is_risk=KINDS[self.kind].is_risk)
