"""From stored chart data to a drawing, by the chart's name: what a page needs to show evidence."""

from collections.abc import Callable, Mapping
from typing import Any

from experiments.charts.beeswarm import BeeswarmData, beeswarm_drawing
from experiments.charts.best_score import BestScoreData, best_score_drawing
from experiments.charts.by_period import ByPeriodData, by_period_drawing
from experiments.charts.calibration import CalibrationData, calibration_drawing
from experiments.charts.choice import ChoiceData, choice_drawing
from experiments.charts.coloured_dependence import ColouredDependenceData, coloured_dependence_drawing
from experiments.charts.dependence import DependenceData, dependence_drawing
from experiments.charts.gains import GainsData, gains_drawing
from experiments.charts.histogram import HistogramData, histogram_drawing
from experiments.charts.importance import ImportanceData, importance_drawing
from experiments.charts.interval_dots import IntervalDotsData, interval_dots_drawing
from experiments.charts.ks_curve import KsCurveData, ks_curve_drawing
from experiments.charts.lift import LiftData, lift_drawing
from experiments.charts.partial_dependence import PartialDependenceData, partial_dependence_drawing
from experiments.charts.roc import RocData, roc_drawing
from experiments.charts.strategy import StrategyData, strategy_drawing
from experiments.charts.theme import SAMPLE_TOKENS, ChartData, Drawing
from experiments.charts.waterfall import WaterfallData, waterfall_drawing

CHARTS: dict[str, tuple[type[ChartData], Callable[..., Drawing]]] = {
    "roc": (RocData, roc_drawing),
    "ks_curve": (KsCurveData, ks_curve_drawing),
    "gains": (GainsData, gains_drawing),
    "lift": (LiftData, lift_drawing),
    "calibration": (CalibrationData, calibration_drawing),
    "by_period": (ByPeriodData, by_period_drawing),
    "best_score": (BestScoreData, best_score_drawing),
    "beeswarm": (BeeswarmData, beeswarm_drawing),
    "importance": (ImportanceData, importance_drawing),
    "dependence": (DependenceData, dependence_drawing),
    "coloured_dependence": (ColouredDependenceData, coloured_dependence_drawing),
    "partial_dependence": (PartialDependenceData, partial_dependence_drawing),
    "waterfall": (WaterfallData, waterfall_drawing),
    "histogram": (HistogramData, histogram_drawing),
    "interval_dots": (IntervalDotsData, interval_dots_drawing),
    "choice": (ChoiceData, choice_drawing),
    "strategy": (StrategyData, strategy_drawing),
}


def draw(
    chart: str,
    stored: ChartData | Mapping[str, Any],
    labels: Mapping[str, str] | None = None,
    **options: Any,
) -> dict[str, Any]:
    """Return ``{"data", "layout"}`` of a chart with colours as token names, for the page to resolve.

    Parameters
    ----------
    chart : a name in ``CHARTS``.
    stored : the data or what its ``to_dict`` gave; or several by sample: ``{"validation": …, "out_of_time": …}``.
    labels : words of the chart in the reader's language, keys of ``words.WORDS``.
    options : what that chart's drawing takes besides, such as ``names`` for business names of columns.

    Raises
    ------
    KeyError
        For a chart that does not exist.
    """
    kind, drawing = CHARTS[chart]
    if isinstance(stored, Mapping) and stored and set(stored) <= set(SAMPLE_TOKENS):
        data: Any = {sample: _data_of(kind, own) for sample, own in stored.items()}
    else:
        data = _data_of(kind, stored)
    return drawing(data, labels, **options).to_dict()


def _data_of(kind: type[ChartData], stored: ChartData | Mapping[str, Any]) -> ChartData:
    return stored if isinstance(stored, ChartData) else kind.from_dict(stored)
