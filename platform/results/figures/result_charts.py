"""The curves of a result: one entry a chart, with what it asks, how the answer reads and what its table holds."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from common.language import joined
from common.templatetags.formatting import NOTHING, percent, rate
from experiments.artifact.evidence import ModelEvidence
from experiments.charts.by_period import ByPeriodData
from experiments.charts.calibration import CalibrationData
from experiments.charts.gains import GainsData
from experiments.charts.histogram import HistogramData
from experiments.charts.ks_curve import KsCurveData
from experiments.charts.lift import LiftData
from experiments.charts.roc import RocData
from experiments.evaluation.deciles import DecileRow, DecileTable
from experiments.telling import filled
from results.figures.tables import Table, cell_text
from results.queries.deciles import rows_too_few
from results.queries.evidence import periods_of
from training.models import Experiment
from training.words import SAMPLES, KindWords, words_for

# ── The curves of a result: one entry a chart ───────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class ResultChart:
    """A chart of the result page: where its data lies, what it asks, how the answer reads and what its table holds."""

    name: str
    key: str
    chart: str
    both_samples: bool
    title: Callable[[KindWords], str]
    aside: Callable[[], str]
    reading: Callable[[Experiment, Any, Any], str]
    columns: tuple[tuple[str, Callable[[], str]], ...]

    def of(self, found: ModelEvidence, sample: str) -> Any:
        """Return the chart's data of a sample; ``None`` where there is none."""
        return getattr(found.of(sample), self.key)


def _gains_reading(experiment: Experiment, own: GainsData, _tested: GainsData | None) -> str:
    share, at_30 = experiment.contact_share, _at(own.share, own.capture, 0.3)
    events = str(words_for(experiment).events).lower()
    return _("The top %(share)s contain %(capture)s of the %(events)s; the top 30%% contain %(at_30)s.") % {
        "share": percent(share),
        "capture": rate(own.capture_at_quota, 1),
        "events": events,
        "at_30": rate(at_30, 1),
    }


def _ks_reading(experiment: Experiment, own: KsCurveData, _tested: KsCurveData | None) -> str:
    words = words_for(experiment)
    return _("A cut-off at the top %(share)s separates %(events)s from %(non_events)s best: KS %(ks)s.") % {
        "share": rate(own.at_share, 0),
        "events": str(words.events).lower(),
        "non_events": str(words.non_events).lower(),
        "ks": cell_text(own.ks),
    }


def _roc_reading(experiment: Experiment, own: RocData, tested: RocData | None) -> str:
    values = {"auc": cell_text(own.auc), "tested": cell_text(tested.auc if tested else None)}
    return (
        _("AUC is %(auc)s in cross-validation and %(tested)s on rows the model had never seen; 0.5 is a coin toss.")
        % values
    )


def _calibration_reading(experiment: Experiment, own: CalibrationData, tested: CalibrationData | None) -> str:
    values = {"ece": rate(own.ece, 1), "tested": rate(tested.ece if tested else None, 1)}
    kind = experiment.found.split.held_out_kind
    return filled(
        _("On average the probability is off by %(ece)s in cross-validation and %(tested)s on held-out rows."),
        {**values, "held_out_kind": kind},
    )


def _lift_reading(experiment: Experiment, own: LiftData, _tested: LiftData | None) -> str:
    half = _at(own.share, own.lift, 0.5)
    return _("The first half has %(lift)s times the average rate; all customers together have 1.") % {
        "lift": NOTHING if half is None else f"{half:.2f}"
    }


RESULT_CHARTS = (
    ResultChart(
        "gains", "gains", "gains", True,
        lambda words: str(words.reached), lambda: _("Cumulative capture"), _gains_reading,
        (("share", lambda: _("Share of customers")), ("capture", lambda: _("Share of events"))),
    ),
    ResultChart(
        "ks_curve", "ks", "ks_curve", False,
        lambda _words: _("Where the cut-off separates best"), lambda: _("KS curve, cross-validation"), _ks_reading,
        (
            ("share", lambda: _("Share of customers")),
            ("events", lambda: _("Share of events")),
            ("non_events", lambda: _("Share of non-events")),
        ),
    ),
    ResultChart(
        "roc", "roc", "roc", True,
        lambda _words: _("How well it ranks"), lambda: _("ROC curve"), _roc_reading,
        (("false_positive", lambda: _("Share of non-events")), ("true_positive", lambda: _("Share of events"))),
    ),
    ResultChart(
        "lift", "lift", "lift", True,
        lambda _words: _("How much better than random"), lambda: _("Lift"), _lift_reading,
        (("share", lambda: _("Share of customers")), ("lift", lambda: _("Lift"))),
    ),
    ResultChart(
        "calibration", "calibration", "calibration", True,
        lambda _words: _("Does 30% mean 30%?"), lambda: _("Calibration, by decile"), _calibration_reading,
        (
            ("predicted", lambda: _("Predicted")),
            ("observed", lambda: _("Actual")),
            ("low", lambda: _("From")),
            ("high", lambda: _("To")),
            ("rows", lambda: _("Rows")),
            ("events", lambda: _("Events")),
        ),
    ),
)  # fmt: skip
# Whom to call or look at, and whether it holds: what is seen before anything else is opened.
FIRST_CHARTS = ("gains", "calibration")
BY_NAME = {chart.name: chart for chart in RESULT_CHARTS}


def first_charts(experiment: Experiment, found: ModelEvidence, test_sample: str) -> list[dict[str, Any]]:
    """Return the cards that stand on the result page before anything is opened."""
    return _cards([BY_NAME[name] for name in FIRST_CHARTS], experiment, found, test_sample)


def result_charts(experiment: Experiment, found: ModelEvidence, test_sample: str) -> list[dict[str, Any]]:
    """Return the cards of the result page; a chart whose data is missing has no card."""
    return [
        *_cards(RESULT_CHARTS, experiment, found, test_sample),
        *_scores_or_months(experiment, found),
    ]


def _cards(
    charts: Iterable[ResultChart], experiment: Experiment, found: ModelEvidence, test_sample: str
) -> list[dict[str, Any]]:
    cards = []
    for chart in charts:
        own, tested = chart.of(found, "validation"), chart.of(found, test_sample)
        if own is not None:
            cards.append(
                {
                    "name": chart.name,
                    "title": chart.title(words_for(experiment)),
                    "aside": chart.aside(),
                    "reading": _judged(chart.reading(experiment, own, tested), found, test_sample, chart),
                    "table": curve_table(chart, found, test_sample),
                }
            )
    return cards


def _scores_or_months(experiment: Experiment, found: ModelEvidence) -> list[dict[str, Any]]:
    """Return how the measures went by month; where no month tells, how a risk's scores are spread."""
    cards = []
    by_period = periods_of(found)
    scores = found.validation.scores
    if scores and not by_period and experiment.is_risk:
        cards.append(
            {
                "name": "scores",
                "title": _("Score distribution"),
                "aside": _("Points, cross-validation"),
                "reading": _scores_reading(scores),
                "table": scores_table(scores),
            }
        )
    if by_period:
        cards.append(
            {
                "name": "by_period",
                "title": _("Month by month"),
                "aside": _("AUC by month"),
                "reading": _by_period_reading(by_period),
                "table": by_period_table(by_period),
            }
        )
    return cards


def _judged(reading: str, found: ModelEvidence, test_sample: str, chart: ResultChart) -> str:
    """Add that the rows set aside are too few to judge by, where a chart shows them."""
    deciles = found.of(test_sample).deciles
    told = rows_too_few(deciles) if chart.both_samples and deciles else ""
    return joined(reading, told) if told else reading


def curve_table(chart: ResultChart, found: ModelEvidence, test_sample: str) -> Table | None:
    samples = [sample for sample in ("validation", test_sample) if chart.of(found, sample) is not None]
    if not chart.both_samples:
        samples = samples[:1]
    if not samples:
        return None
    rows = [
        [str(SAMPLES[sample]), *cells]
        for sample in samples
        for cells in zip(*(getattr(chart.of(found, sample), key) for key, _label in chart.columns), strict=True)
    ]
    return Table([pgettext("part of the rows", "Sample"), *(label() for _key, label in chart.columns)], rows)


def scores_table(scores: HistogramData) -> Table:
    edges = scores.edges
    rows = [list(cells) for cells in zip(edges[:-1], edges[1:], scores.counts, strict=True)]
    return Table([_("From"), _("To"), _("Rows")], rows)


def _scores_reading(scores: HistogramData) -> str:
    """Say between which scores the middle half of the customers lies."""
    edges, total, reached, bounds = scores.edges, sum(scores.counts), 0, []
    for edge, count in zip(edges[:-1], scores.counts, strict=True):
        before, reached = reached, reached + count
        bounds += [edge for share in (0.25, 0.75) if before < share * total <= reached]
    low, high = bounds[0], bounds[-1]
    return _("Half of the customers score between about %(low)s and %(high)s.") % {
        "low": f"{low:.0f}", "high": f"{high:.0f}",
    }  # fmt: skip


def by_period_table(data: ByPeriodData) -> Table:
    columns = (data.periods, data.rows, data.events, data.values, data.low, data.high)
    header = [_("Month"), _("Rows"), _("Events"), data.metric.upper(), _("From"), _("To")]
    return Table(header, [list(cells) for cells in zip(*columns, strict=True)])


def _by_period_reading(data: ByPeriodData) -> str:
    known = [value for value in data.values if value is not None]
    told = _("AUC ranges from %(low)s to %(high)s.") % {"low": cell_text(min(known)), "high": cell_text(max(known))}
    if len(known) < len(data.values):
        told = joined(told, _("Months with too few events are left out."))
    return told


def decile_table(table: DecileTable | None) -> Table | None:
    if table is None or not table.rows:
        return None
    header = [each.name for each in fields(DecileRow)]
    return Table(header, [[getattr(row, name) for name in header] for row in table.rows])


def _at(x: Sequence[float], y: Sequence[float], where: float) -> float | None:
    """Read a curve between its points."""
    for (x0, y0), (x1, y1) in zip(zip(x, y, strict=True), zip(x[1:], y[1:], strict=True), strict=False):
        if x0 <= where <= x1:
            return y0 if x1 == x0 else y0 + (y1 - y0) * (where - x0) / (x1 - x0)
    return None
