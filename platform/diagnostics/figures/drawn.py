"""The charts of the closer looks, as Plotly JSON with colours as token names."""

from collections.abc import Callable, Sequence
from math import isnan, nan
from typing import Any

from django.utils.translation import gettext as _

from diagnostics.queries import columns, fairness, segments, sensitivity
from diagnostics.queries.look import MOST_DOTS
from diagnostics.queries.stability import METRICS
from experiments.charts import theme
from experiments.charts.by_period import ByPeriodData
from experiments.charts.drawing import draw
from experiments.charts.interval_dots import interval_dots_data
from experiments.evaluation.fairness import FOUR_FIFTHS
from results.queries.columns import names_of
from results.queries.evidence import evidence_of
from training.queries.best_score_chart import labels_for

LONGEST_NAME = 26
Dot = tuple[str, dict[str, tuple[float, float | None, float | None]]]


def figure_of(of: Any, chart: str) -> dict[str, Any] | None:
    """Return a chart of a look; ``None`` where there is none."""
    drawing = DRAWINGS.get(chart)
    return drawing(of) if drawing else None


def _calibration(of: Any) -> dict[str, Any] | None:
    found = evidence_of(of.line.row)
    samples = ("validation", of.leaderboard.test_sample)
    curves = {sample: curve for sample in samples if (curve := found.of(sample).calibration) is not None}
    return draw("calibration", curves, labels_for(of.experiment)) if curves else None


def _stability(of: Any) -> dict[str, Any] | None:
    months, metric = evidence_of(of.line.row).by_period, of.asked.get("metric", "auc")
    metric = metric if metric in METRICS else "auc"
    if not months:
        return None

    def known(name: str) -> tuple[float | None, ...]:
        return tuple(_known(getattr(month, name, None)) for month in months)

    data = ByPeriodData(
        metric=metric, periods=tuple(month.period for month in months), values=known(metric),
        low=known(f"{metric}_low"), high=known(f"{metric}_high"), rows=tuple(month.rows for month in months),
        events=tuple(month.events for month in months),
        is_out_of_time=tuple(month.is_out_of_time for month in months),
        is_mature=tuple(month.is_mature for month in months),
    )  # fmt: skip
    return draw("by_period", data, labels_for(of.experiment))


def _segments(of: Any) -> dict[str, Any] | None:
    sample = of.sample
    rows = [(each.name, each.row) for each in segments.segments_of(of) or [] if each.row.is_enough]
    return _dots(of, [(name, {sample: (row.auc, row.auc_low, row.auc_high)}) for name, row in rows])


def _gains(of: Any) -> dict[str, Any] | None:
    sample = of.sample
    found = [(each.name, each.gain) for each in segments.segments_of(of) or [] if each.gain and each.gain.is_judged]
    return _dots(of, [(name, {sample: (gain.gain, gain.low, gain.high)}) for name, gain in found], line=0.0)


def _columns(of: Any) -> dict[str, Any] | None:
    names = names_of(of.experiment)
    found = sorted(of.diagnosis.columns, key=lambda facts: -facts.iv)
    dots: list[Dot] = [
        (names.get(facts.column, facts.column),
         {"train": (facts.iv, None, None), of.leaderboard.test_sample: (facts.later_iv, None, None)})
        for facts in found
    ]  # fmt: skip
    return _dots(of, dots)


def _bins(of: Any) -> dict[str, Any] | None:
    facts = next((each for each in of.diagnosis.columns if each.column == of.asked.get("column")), None)
    if facts is None:
        return None
    samples = "train", of.leaderboard.test_sample
    dots: list[Dot] = [
        (columns.bin_name(of.experiment, facts.column, each.label),
         {sample: (nan if rate.value is None else rate.value, None, None)
          for sample, rate in zip(samples, columns.rates_in(each), strict=True)})
        for each in facts.bins
    ]  # fmt: skip
    return _dots(of, dots)


def _fairness(of: Any) -> dict[str, Any] | None:
    names, sample = names_of(of.experiment), of.sample
    dots: list[Dot] = [
        (fairness.group_name(of.experiment, names.get(each.column, each.column), each.column, row),
         {sample: (row.impact, row.impact_low, row.impact_high)})
        for each in fairness.found_in(of) for row in each.table.rows
    ]  # fmt: skip
    return _dots(of, dots, line=FOUR_FIFTHS, word=_("four fifths"))


def _sensitivity(of: Any) -> dict[str, Any] | None:
    answer = of.inquiry.answer if of.inquiry else {}
    if "rows" not in answer:
        return None
    names, sample = names_of(of.experiment), of.leaderboard.test_sample
    rows = sorted(sensitivity.stressed(answer), key=lambda row: row.auc_change)
    dots: list[Dot] = [
        (f"{sensitivity.SHORT[row.kind]}: {names.get(row.name, row.name)}",
         {sample: (row.auc_change, row.auc_change_low, row.auc_change_high)})
        for row in rows
    ]  # fmt: skip
    return _dots(of, dots, line=0.0, word="")


def _dots(of: Any, dots: Sequence[Dot], *, line: float | None = None, word: str = "") -> dict[str, Any] | None:
    shown = [
        (_short(name), {
            sample: {"auc": {"value": value, "low": _known(low), "high": _known(high)}}
            for sample, (value, low, high) in samples.items() if _known(value) is not None
        })
        for name, samples in dots
    ]  # fmt: skip
    shown = [(name, samples) for name, samples in shown if samples][:MOST_DOTS]
    if not shown:
        return None
    figure = draw("interval_dots", interval_dots_data(shown), labels_for(of.experiment))
    if line is not None:
        dotted = {"color": theme.token("text-3"), "width": 1, "dash": "dot"}
        mark = {"type": "line", "x0": line, "x1": line, "y0": 0, "y1": 1, "yref": "paper", "line": dotted}
        figure["layout"].setdefault("shapes", []).append(mark)
        if word:
            label = {"x": line, "y": 0, "yref": "paper", "text": word, "showarrow": False, "yanchor": "bottom"}
            figure["layout"].setdefault("annotations", []).append(label | {"font": {"color": theme.token("text-3")}})
    return figure


def _known(value: float | None) -> float | None:
    return None if value is None or isnan(value) else value


def _short(name: str) -> str:
    # The end tells one group of a column from another, so the beginning is cut.
    return name if len(name) <= LONGEST_NAME else "…" + name[1 - LONGEST_NAME :]


DRAWINGS: dict[str, Callable[[Any], dict[str, Any] | None]] = {
    "calibration": _calibration,
    "stability": _stability,
    "segments": _segments,
    "gains": _gains,
    "columns": _columns,
    "bins": _bins,
    "fairness": _fairness,
    "sensitivity": _sensitivity,
}
