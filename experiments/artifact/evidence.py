"""What a run leaves beside a model of how it did: ``evidence.json``, read back as attributes."""

from dataclasses import dataclass, fields
from pathlib import Path

from experiments.artifact.manifest import EVIDENCE, read_attached
from experiments.charts.calibration import CalibrationData
from experiments.charts.gains import GainsData
from experiments.charts.histogram import HistogramData
from experiments.charts.ks_curve import KsCurveData
from experiments.charts.lift import LiftData
from experiments.charts.roc import RocData
from experiments.errors import gettext_noop
from experiments.evaluation.by_period import PeriodRow
from experiments.evaluation.deciles import DecileTable
from experiments.evaluation.measures import UNSEEN
from experiments.evaluation.segments import SegmentRow
from experiments.features.selection import Selected
from experiments.stored import Part, Stored, unless_absent
from experiments.strategy.curve import StrategyCurve


@dataclass(frozen=True)
class SampleCurves(Part):
    """The charts of one sample."""

    roc: RocData | None = unless_absent()
    ks: KsCurveData | None = unless_absent()
    gains: GainsData | None = unless_absent()
    lift: LiftData | None = unless_absent()
    calibration: CalibrationData | None = unless_absent()
    deciles: DecileTable | None = unless_absent()
    scores: HistogramData | None = unless_absent()
    strategy: StrategyCurve | None = unless_absent()

    def __bool__(self) -> bool:
        return any(getattr(self, each.name) is not None for each in fields(self))


@dataclass(frozen=True)
class CardRow(Part):
    """One bin of one column of a scorecard; ``levels`` of a category, ``low`` and ``high`` of a range."""

    column: str
    kind: str
    low: float | None
    high: float | None
    rows: int
    event_rate: float | None
    woe: float
    points: float
    levels: tuple[str, ...] | None = None
    name: str = ""
    label: str = ""
    flag: str = ""


@dataclass(frozen=True)
class CardEvidence(Part):
    """A scorecard and how its columns were chosen."""

    card: tuple[CardRow, ...] = ()
    selection: tuple[Selected, ...] = ()


NO_CURVES = SampleCurves()


@dataclass(frozen=True)
class ModelEvidence(Stored):
    """Chart data by sample, the measures by period, the segments, and of a scorecard its card."""

    what = gettext_noop("the evidence of a model")

    validation: SampleCurves = NO_CURVES
    held_out: SampleCurves | None = unless_absent()
    out_of_time: SampleCurves | None = unless_absent()
    by_period: tuple[PeriodRow, ...] = ()
    segments: tuple[SegmentRow, ...] = ()
    scorecard: CardEvidence | None = unless_absent()

    @classmethod
    def read(cls, folder: Path) -> "ModelEvidence":
        """Return the evidence beside a model; without anything where a folder has none."""
        return cls.from_dict(read_attached(folder, EVIDENCE))

    def of(self, sample: str) -> SampleCurves:
        """Return the charts of a sample; without any where it has none."""
        found = getattr(self, sample, None)
        return found if isinstance(found, SampleCurves) else NO_CURVES

    @property
    def unseen_name(self) -> str:
        """Name of the rows set aside."""
        return next((name for name in UNSEEN if getattr(self, name) is not None), "held_out")

    @property
    def unseen(self) -> SampleCurves:
        """The charts of the rows set aside."""
        return self.of(self.unseen_name)
