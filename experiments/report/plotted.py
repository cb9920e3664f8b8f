"""From the data of the charts to charts of the report, so that every form is drawn from the same numbers."""

from collections.abc import Mapping, Sequence

from experiments.charts.by_period import ByPeriodData
from experiments.charts.calibration import CalibrationData
from experiments.charts.dependence import DependenceData
from experiments.charts.gains import GainsData
from experiments.charts.histogram import HistogramData
from experiments.charts.importance import ImportanceData
from experiments.charts.ks_curve import KsCurveData
from experiments.charts.roc import RocData
from experiments.charts.theme import SAMPLE_TOKENS
from experiments.charts.waterfall import WaterfallData
from experiments.report.content import Chart, Series
from experiments.report.on_file import Report
from experiments.strategy.curve import StrategyCurve

FACTORS_SHOWN = 15
# Points of a curve that are drawn: more are not seen, and each is a row of the numbers behind the chart.
MOST_POINTS = 101
DIAGONAL = (0.0, 1.0)


def roc(report: Report, samples: Mapping[str, RocData]) -> Chart:
    words = report.chart_words
    return Chart(
        report.say("ROC curve"), "curves",
        [*(_sample(report, name, own.false_positive, own.true_positive) for name, own in samples.items()),
         Series(words["chance"], DIAGONAL, DIAGONAL, "text-3", is_dashed=True)],
        x_title=words["false_alarms"], y_title=words["events_reached"], x_form="percent", y_form="percent",
    )  # fmt: skip


def gains(report: Report, samples: Mapping[str, GainsData]) -> Chart:
    words = report.chart_words
    return Chart(
        report.say("Cumulative gains"), "curves",
        [*(_sample(report, name, own.share, own.capture) for name, own in samples.items()),
         Series(words["chance"], DIAGONAL, DIAGONAL, "text-3", is_dashed=True)],
        x_title=words["customers_contacted"], y_title=words["events_reached"], x_form="percent", y_form="percent",
    )  # fmt: skip


def ks_curve(report: Report, data: KsCurveData) -> Chart:
    words = report.chart_words
    return Chart(
        report.say("KS curve, %(sample)s", sample=report.on_unseen), "curves",
        [_curve(words["events"], data.share, data.events, "event"),
         _curve(words["non_events"], data.share, data.non_events, "nonevent")],
        x_title=words["customers_by_score"], y_title=report.say("Share reached"), x_form="percent", y_form="percent",
    )  # fmt: skip


def calibration(report: Report, samples: Mapping[str, CalibrationData]) -> Chart:
    words = report.chart_words
    top = max([0.0, *(value for own in samples.values() for value in (*own.predicted, *own.observed))])
    return Chart(
        report.say("Calibration"), "curves",
        [*(_sample(report, name, own.predicted, own.observed) for name, own in samples.items()),
         Series(words["exact"], (0.0, top), (0.0, top), "text-3", is_dashed=True)],
        x_title=words["predicted"], y_title=words["actual"], x_form="percent", y_form="percent",
    )  # fmt: skip


def by_period(report: Report, data: ByPeriodData, title: str) -> Chart:
    """Draw the months learnt from and those kept out as two lines of one chart."""
    early = [None if late else value for value, late in zip(data.values, data.is_out_of_time, strict=True)]
    late = [value if late else None for value, late in zip(data.values, data.is_out_of_time, strict=True)]
    series = [Series(report.sample_of_month(is_late=False), early, colour="validation")]
    if any(data.is_out_of_time):
        series.append(Series(report.sample_of_month(is_late=True), late, colour="oot"))
    return Chart(title, "lines", series, data.periods, report.say("Period"), title, y_form="d3")


def score_distribution(report: Report, samples: Mapping[str, HistogramData]) -> Chart:
    """Draw the share of customers by score; all samples have the same number of bins, not the same borders."""
    data = samples[report.sample]
    total = sum(data.counts) or 1
    bins = [f"{low:.0f}" for low in data.edges[:-1]]
    shares = [count / total for count in data.counts]
    name = report.sample_name(report.sample)
    return Chart(
        report.say("Distribution of the score, %(sample)s", sample=report.on_unseen), "columns",
        [Series(name, shares, colour="oot")], bins,
        report.say("Score from"), report.say("Share of customers"), y_form="percent",
    )  # fmt: skip


def importance(report: Report, data: ImportanceData) -> Chart:
    names = [report.column(name) for name in data.columns[:FACTORS_SHOWN]]
    return Chart(
        report.say("Mean effect on the score"), "bars",
        [Series(report.say("Mean effect on the score"), data.values[:FACTORS_SHOWN], colour="event")], names,
        x_title=report.unit, y_form="d3",
    )  # fmt: skip


def dependence(report: Report, data: DependenceData) -> Chart:
    name, effect = report.column(data.column), report.chart_words["effect"]
    if data.kind == "numeric" and data.x and not data.is_date:
        series = [_curve(effect, data.x, data.effects, "event")]
        return Chart(name, "curves", series, x_title=name, y_title=effect, x_form="d2", y_form="d2")
    levels = [report.value(data.column, level) for level in data.levels] or [f"{value:g}" for value in data.x]
    return Chart(name, "bars", [Series(effect, data.effects, colour="event")], levels, x_title=effect, y_form="d2")


def waterfall(report: Report, data: WaterfallData, title: str) -> Chart:
    names = [f"{step.column} = {step.value}" for step in data.steps]
    values = [step.contribution for step in data.steps]
    if data.rest_count:
        names.append(report.say("%(count)s other columns", count=data.rest_count))
        values.append(data.rest)
    effect = report.chart_words["effect"]
    return Chart(title, "bars", [Series(effect, values, colour="event")], names, x_title=effect, y_form="d2")


def strategy(report: Report, curves: Mapping[str, StrategyCurve]) -> Chart:
    """Draw the event rate of those chosen at every share."""
    series = []
    for name, curve in curves.items():
        points = [(share, found / share) for share, found in zip(curve.shares, curve.events, strict=True) if share > 0]
        series.append(_sample(report, name, [x for x, _y in points], [y for _x, y in points]))
    return Chart(
        report.say("Event rate of the customers chosen"), "curves", series,
        x_title=report.say("Share of customers chosen"), y_title=report.say("Event rate"), x_form="percent",
        y_form="percent",
    )  # fmt: skip


def _sample(report: Report, name: str, x: Sequence[float], y: Sequence[float]) -> Series:
    return _curve(report.sample_name(name), x, y, SAMPLE_TOKENS[name])


def _curve(name: str, x: Sequence[float], y: Sequence[float], colour: str) -> Series:
    """Return a line thinned to what can be seen; the first and the last point stay."""
    step = max(1, -(-len(x) // MOST_POINTS))
    kept = sorted({*range(0, len(x), step), len(x) - 1}) if len(x) else []
    return Series(name, [y[place] for place in kept], [x[place] for place in kept], colour)
