"""Charts of an experiment in the reader's language, and the tables behind them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from experiments.charts.best_score import best_score_data, best_score_drawing
from experiments.charts.drawing import CHARTS
from experiments.charts.drawing import draw as draw_stored
from experiments.charts.waterfall import value_text
from experiments.charts.words import WORDS
from experiments.telling import filled, minus
from training import evidence, queries
from training.models import Experiment, LeaderboardRow
from training.words import SAMPLES, KindWords, words_for

ROWS_SHOWN = 60
# A name longer than this leaves no room for the chart; the words beside it tell it whole.
LONGEST_NAME, LONGEST_VALUE, LONGEST_STEP = 24, 14, 27


@dataclass(frozen=True)
class Table:
    """The numbers behind a chart: ``rows`` as they are, for a download, ``shown`` as they read on a page."""

    header: list[str]
    rows: list[list[Any]]

    @property
    def shown(self) -> list[list[str]]:
        step = max(1, -(-len(self.rows) // ROWS_SHOWN))
        return [[_cell(cell) for cell in row] for row in self.rows[::step]]


def labels_for(experiment: Experiment) -> dict[str, str]:
    """Return every word of a chart in the reader's language, with the kind's own words for events and scores."""
    words = words_for(experiment)
    own = {
        "events": str(words.events),
        "non_events": str(words.non_events),
        "customers_contacted": str(words.top_short),
        "customers_by_score": str(words.top),
        "events_reached": _("%(events)s captured") % {"events": words.events},
        "false_alarms": _("%(non_events)s included") % {"non_events": words.non_events},
    }
    return {key: _(word) for key, word in WORDS.items()} | own


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
    reading: Callable[[Experiment, dict[str, Any], dict[str, Any]], str]
    columns: tuple[tuple[str, Callable[[], str]], ...]


def _gains_reading(experiment: Experiment, own: dict[str, Any], _tested: dict[str, Any]) -> str:
    share, at_30 = experiment.contact_share, _at(own["share"], own["capture"], 0.3)
    events = str(words_for(experiment).events).lower()
    return _("The top %(share)s contain %(capture)s of the %(events)s; the top 30%% contain %(at_30)s.") % {
        "share": evidence.percent(share),
        "capture": evidence.percent(own["capture_at_quota"], 1),
        "events": events,
        "at_30": evidence.percent(at_30, 1),
    }


def _ks_reading(experiment: Experiment, own: dict[str, Any], _tested: dict[str, Any]) -> str:
    words = words_for(experiment)
    return _("A cut-off at the top %(share)s separates %(events)s from %(non_events)s best: KS %(ks)s.") % {
        "share": evidence.percent(own["at_share"], 0),
        "events": str(words.events).lower(),
        "non_events": str(words.non_events).lower(),
        "ks": _cell(own["ks"]),
    }


def _roc_reading(experiment: Experiment, own: dict[str, Any], tested: dict[str, Any]) -> str:
    values = {"auc": _cell(own["auc"]), "tested": _cell(tested.get("auc"))}
    return (
        _("AUC is %(auc)s in cross-validation and %(tested)s on rows the model had never seen; 0.5 is a coin toss.")
        % values
    )


def _calibration_reading(experiment: Experiment, own: dict[str, Any], tested: dict[str, Any]) -> str:
    values = {"ece": evidence.percent(own["ece"], 1), "tested": evidence.percent(tested.get("ece"), 1)}
    kind = experiment.result.get("split", {}).get("held_out_kind", "held_out")
    return filled(
        _("On average the probability is off by %(ece)s in cross-validation and %(tested)s on held-out rows."),
        {**values, "held_out_kind": kind},
    )


def _lift_reading(experiment: Experiment, own: dict[str, Any], _tested: dict[str, Any]) -> str:
    half = _at(own["share"], own["lift"], 0.5)
    return _("The first half has %(lift)s times the average rate; all customers together have 1.") % {
        "lift": evidence.NOTHING if half is None else f"{half:.2f}"
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
BY_NAME = {chart.name: chart for chart in RESULT_CHARTS}


def result_charts(experiment: Experiment, found: dict[str, Any], test_sample: str) -> list[dict[str, Any]]:
    """Return the cards of the result page; a chart whose data is missing has no card."""
    cards = []
    for chart in RESULT_CHARTS:
        own = found.get("validation", {}).get(chart.key)
        if own:
            tested = found.get(test_sample, {}).get(chart.key) or {}
            cards.append(
                {
                    "name": chart.name,
                    "title": chart.title(words_for(experiment)),
                    "aside": chart.aside(),
                    "reading": _judged(chart.reading(experiment, own, tested), found, test_sample, chart),
                    "table": _curve_table(chart, found, test_sample),
                }
            )
    by_period = evidence.periods_of(found)
    scores = found.get("validation", {}).get("scores")
    if scores and not by_period and experiment.is_risk:
        cards.append(
            {
                "name": "scores",
                "title": _("Score distribution"),
                "aside": _("Points, cross-validation"),
                "reading": _scores_reading(scores),
                "table": _scores_table(scores),
            }
        )
    if by_period:
        cards.append(
            {
                "name": "by_period",
                "title": _("Month by month"),
                "aside": _("AUC by month"),
                "reading": _by_period_reading(by_period),
                "table": _by_period_table(by_period),
            }
        )
    return cards


def _judged(reading: str, found: dict[str, Any], test_sample: str, chart: ResultChart) -> str:
    """Add that the rows set aside are too few to judge by, where a chart shows them."""
    deciles = found.get(test_sample, {}).get("deciles") or {}
    told = evidence.rows_too_few(deciles) if chart.both_samples else ""
    return evidence.joined(reading, told) if told else reading


def draw(name: str, experiment: Experiment, row: LeaderboardRow, asked: Mapping[str, str]) -> dict[str, Any] | None:
    """Return a chart as plain Plotly JSON with colours as token names; ``None`` when there is no such chart."""
    labels = labels_for(experiment)
    if name in BY_NAME:
        chart, found = BY_NAME[name], evidence.of(row)
        samples = ("validation", "held_out", "out_of_time") if chart.both_samples else ("validation",)
        stored = {sample: found[sample][chart.key] for sample in samples if found.get(sample, {}).get(chart.key)}
        if not stored:
            return None
        return draw_stored(chart.chart, stored if chart.both_samples else stored["validation"], labels)
    if name == "scores":
        stored = evidence.of(row).get("validation", {}).get("scores")
        return draw_stored("histogram", stored, labels, title=_("Points, higher is safer")) if stored else None
    if name == "by_period":
        by_period = evidence.periods_of(evidence.of(row))
        return draw_stored("by_period", by_period, labels) if by_period else None
    return _draw_reasons(name, experiment, row, asked, labels)


def _draw_reasons(
    name: str, experiment: Experiment, row: LeaderboardRow, asked: Mapping[str, str], labels: dict[str, str]
) -> dict[str, Any] | None:
    explained = evidence.explanation(row)
    names = evidence.names_of(experiment)
    if name == "importance" and explained.get(name):
        return draw_stored(name, _with_weight(explained[name]), labels, names=_short_names(explained, names))
    if name == "beeswarm" and explained.get(name):
        return draw_stored(name, explained[name], labels, names=_short_names(explained, names))
    if name == "dependence":
        column = asked.get("column", "")
        stored = explained.get("dependence", {}).get(column)
        is_stepped = row.learner == "scorecard"
        if stored is None:
            return None
        figure = draw_stored(name, _short_levels(stored), labels, name=names.get(column, column), is_stepped=is_stepped)
        if max((len(level) for level in stored["levels"]), default=0) > LONGEST_VALUE // 2:
            figure["layout"]["xaxis"]["tickangle"] = -30
        return figure
    if name == "waterfall":
        example = evidence.example(explained, asked.get("customer", ""))
        if example is None:
            return None
        waterfall = example["waterfall"]
        steps = [step | {"value": _short(step["value"], LONGEST_VALUE)} for step in waterfall["steps"]]
        short = {
            step["column"]: _short(names.get(step["column"], step["column"]), LONGEST_STEP - len(step["value"]))
            for step in steps
        }
        figure = draw_stored(name, waterfall | {"steps": steps}, labels, names=short)
        figure["layout"]["margin"] = {"r": 72}
        return figure
    return None


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _with_weight(stored: dict[str, Any]) -> dict[str, Any]:
    """Leave out the columns a model does not use; a scorecard uses few."""
    kept = sum((share or 0) >= evidence.LEAST_SHARE for share in stored["shares"])
    return {key: values[:kept] for key, values in stored.items()}


def _short_names(explained: dict[str, Any], names: dict[str, str]) -> dict[str, str]:
    columns = explained["importance"]["columns"]
    return {column: _short(names.get(column, column), LONGEST_NAME) for column in columns}


def _short_levels(stored: dict[str, Any]) -> dict[str, Any]:
    """Shorten the names of levels, and keep those apart that would become the same."""
    seen: dict[str, int] = {}
    levels = []
    for level in stored["levels"]:
        short = _short(level, LONGEST_VALUE)
        seen[short] = seen.get(short, 0) + 1
        levels.append(short if seen[short] == 1 else f"{short} {seen[short]}")
    return stored | {"levels": levels}


def best_score(experiment: Experiment) -> dict[str, Any]:
    """Draw the course of a search: every finished trial, the best so far, the baseline, the time left."""
    trials = queries.finished_trials(experiment)
    baseline = next((auc for _elapsed, auc, learner in trials if learner == "baseline"), None)
    data = best_score_data(
        [(elapsed, auc) for elapsed, auc, _learner in trials],
        baseline,
        experiment.budget_seconds if experiment.is_under_way and not experiment.budget_trials else None,
    )
    figure = best_score_drawing(data, labels_for(experiment)).to_dict()
    figure["layout"]["margin"] = {"r": 48}
    if not trials:
        figure["layout"]["yaxis"] = {"visible": False}
    return figure


def table(name: str, experiment: Experiment, row: LeaderboardRow, asked: Mapping[str, str]) -> Table | None:
    """Return the numbers behind a chart; ``None`` when there is no such chart."""
    found = evidence.of(row)
    test_sample = "out_of_time" if "out_of_time" in found else "held_out"
    if name in BY_NAME:
        return _curve_table(BY_NAME[name], found, test_sample)
    if name == "scores":
        scores = found.get("validation", {}).get("scores")
        return _scores_table(scores) if scores else None
    if name == "by_period":
        by_period = evidence.periods_of(found)
        return _by_period_table(by_period) if by_period else None
    if name == "deciles":
        return _decile_table(found, asked.get("sample", "validation"))
    if name in CHARTS:
        return reasons_table(name, experiment, evidence.explanation(row), asked)
    return None


def reasons_table(
    name: str, experiment: Experiment, explained: dict[str, Any], asked: Mapping[str, str]
) -> Table | None:
    """Return the numbers behind a chart of reasons."""
    names = evidence.names_of(experiment)
    if name in ("importance", "beeswarm"):
        factors = evidence.factors_of(experiment, explained)
        header = [_("Factor"), _("Mean effect"), _("Share"), _("In words")]
        return (
            Table(header, [[one.label, one.mean_effect, one.share, one.sentence] for one in factors])
            if factors
            else None
        )
    if name == "dependence":
        stored = explained.get("dependence", {}).get(asked.get("column", ""))
        return _dependence_table(stored) if stored else None
    if name == "waterfall":
        example = evidence.example(explained, asked.get("customer", ""))
        return _waterfall_table(example, names) if example else None
    return None


def _curve_table(chart: ResultChart, found: dict[str, Any], test_sample: str) -> Table | None:
    samples = [sample for sample in ("validation", test_sample) if found.get(sample, {}).get(chart.key)]
    if not chart.both_samples:
        samples = samples[:1]
    if not samples:
        return None
    rows = [
        [str(SAMPLES[sample]), *cells]
        for sample in samples
        for cells in zip(*(found[sample][chart.key][key] for key, _label in chart.columns), strict=True)
    ]
    return Table([pgettext("part of the rows", "Sample"), *(label() for _key, label in chart.columns)], rows)


def _scores_table(stored: dict[str, Any]) -> Table:
    edges = stored["edges"]
    rows = [list(cells) for cells in zip(edges[:-1], edges[1:], stored["counts"], strict=True)]
    return Table([_("From"), _("To"), _("Rows")], rows)


def _scores_reading(stored: dict[str, Any]) -> str:
    """Say between which scores the middle half of the customers lies."""
    edges, total, reached, bounds = stored["edges"], sum(stored["counts"]), 0, []
    for edge, count in zip(edges[:-1], stored["counts"], strict=True):
        before, reached = reached, reached + count
        bounds += [edge for share in (0.25, 0.75) if before < share * total <= reached]
    low, high = bounds[0], bounds[-1]
    return _("Half of the customers score between about %(low)s and %(high)s.") % {
        "low": f"{low:.0f}", "high": f"{high:.0f}",
    }  # fmt: skip


def _by_period_table(stored: dict[str, Any]) -> Table:
    keys = ("periods", "rows", "events", "values", "low", "high")
    header = [_("Month"), _("Rows"), _("Events"), stored["metric"].upper(), _("From"), _("To")]
    return Table(header, [list(cells) for cells in zip(*(stored[key] for key in keys), strict=True)])


def _by_period_reading(stored: dict[str, Any]) -> str:
    known = [value for value in stored["values"] if value is not None]
    told = _("AUC runs from %(low)s to %(high)s.") % {"low": _cell(min(known)), "high": _cell(max(known))}
    if len(known) < len(stored["values"]):
        told = evidence.joined(told, _("Months with too few events are left out."))
    return told


def _decile_table(found: dict[str, Any], sample: str) -> Table | None:
    stored = found.get(sample, {}).get("deciles")
    if not stored or not stored.get("rows"):
        return None
    header = list(stored["rows"][0])
    return Table(header, [[row[key] for key in header] for row in stored["rows"]])


def _dependence_table(stored: dict[str, Any]) -> Table:
    places = stored["levels"] if stored["kind"] == "categorical" else stored["x"]
    header = [_("Value"), _("Mean effect"), _("Lowest tenth"), _("Highest tenth")]
    rows = [list(cells) for cells in zip(places, stored["effects"], stored["low"], stored["high"], strict=True)]
    if stored.get("missing_effect") is not None:
        rows.append([_("Missing"), stored["missing_effect"], None, None])
    rows += [
        [f"{_('Special value')} {minus(value_text(each['code']))}", each["effect"], None, None]
        for each in stored.get("specials", [])
    ]
    return Table(header, rows)


def _waterfall_table(example: dict[str, Any], names: dict[str, str]) -> Table:
    waterfall = example["waterfall"]
    rows = [
        [names.get(step["column"], step["column"]), step["value"] or _("Missing"), step["contribution"]]
        for step in waterfall["steps"]
    ]
    if waterfall["rest_count"]:
        rows.append([_("%(count)d others") % {"count": waterfall["rest_count"]}, "", waterfall["rest"]])
    base, margin = example.get("base"), example.get("margin")
    if base is not None:
        rows = [[_("Typical customer"), "", base], *rows]
    rows.append([_("This customer"), "", margin if margin is not None else waterfall["total"]])
    return Table([_("Step"), _("Value"), _("Effect")], rows)


def _at(x: list[float], y: list[float], where: float) -> float | None:
    """Read a curve between its points."""
    for (x0, y0), (x1, y1) in zip(zip(x, y, strict=True), zip(x[1:], y[1:], strict=True), strict=False):
        if x0 <= where <= x1:
            return y0 if x1 == x0 else y0 + (y1 - y0) * (where - x0) / (x1 - x0)
    return None


def _cell(value: Any) -> str:
    if value is None:
        return evidence.NOTHING
    if isinstance(value, float):
        return minus(f"{value:.3f}" if abs(value) < 1000 else f"{value:,.0f}")
    return minus(f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value))
