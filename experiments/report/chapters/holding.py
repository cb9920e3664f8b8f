"""Does it hold: over time, as a probability, for groups of people, and when something is missing."""

from math import isnan
from types import SimpleNamespace
from typing import Any

from experiments.artifact.diagnosis import ColumnFairness
from experiments.charts.by_period import by_period_data
from experiments.errors import gettext_noop as _
from experiments.evaluation.fairness import FOUR_FIFTHS, GroupRow
from experiments.evaluation.measures import Measure
from experiments.house_rules import PSI_AMBER, PSI_RED
from experiments.naming import GROUP_VERDICTS, STRESSED_ON_ROWS_OF_FIT, STRESSES
from experiments.report import plotted
from experiments.report.cells import count, interval, number, percent, text
from experiments.report.chapters.measures import judged, segment_name
from experiments.report.content import Block, Table, Text, shown
from experiments.report.on_file import Report

NO_MONTHS = _(
    "Stability over time was not tested: the question names no observation date, so months cannot be compared. "
    "Name a date column and train again."
)
NO_FAIRNESS = _(
    "Fairness between groups was not measured: the question names no protected column, such as sex or age. Mark them "
    "in the dictionary and train again."
)
UNMEASURED_GROUPS = _(
    "None of the protected columns is among the segments that were measured for this model, so no groups are listed."
)
NOT_COMPLIANCE = _(
    "What follows describes groups of customers. It is a measurement for governance, not a statement of legal "
    "compliance."
)
HOW_FAIR = _(
    "The impact ratio (AIR) is a group's selection rate divided by that of the reference group; below %(least)s "
    "it needs review. The true positive gap compares the selection rates of customers who should be selected."
)
REFERENCE = _("reference group")
HOW_STRESSED = _(
    "One source is emptied, or the model is refitted without it; noise of a tenth of its standard deviation is "
    "added to a numeric column. The change in AUC is measured on the same customers."
)
NO_SENSITIVITY = _("Sensitivity to missing sources and to noise was not measured for this model.")


def stability(report: Report) -> list[Block]:
    """Tell how the score shifted, and how each month was."""
    rows = report.evidence.by_period
    blocks: list[Block] = [*_psi(report), *_gap(report)]
    if not rows:
        return [*blocks, Text(report.say(NO_MONTHS), "missing"), *_scores(report)]
    told = (
        report.say("Each month is measured on its own; months kept out of training are marked.")
        if report.split.is_out_of_time
        else report.say("Each month is measured on its own.")
    )
    header = [
        report.say("Period"), report.say("Rows of"), report.say("Rows"), report.say("Events"), report.say("Event rate"),
        report.say("AUC"), report.say("KS"), report.say("PSI"), report.say("Actual / predicted"),
    ]  # fmt: skip
    cells = [
        [text(row.period), text(report.sample_of_month(is_late=row.is_out_of_time)),
         count(row.rows), count(row.events), percent(row.event_rate), *judged(report, row), number(row.psi),
         number(row.observed_expected, "d2")]
        for row in rows
    ]  # fmt: skip
    months = Table(report.say("Months"), header, cells)
    return [*blocks, Text(told), *_months(report), months, *_scores(report)]


def _months(report: Report) -> list[Block]:
    found = []
    for metric, title in (("auc", report.say("AUC by month")), ("ks", report.say("KS by month"))):
        data = by_period_data([row.to_dict() for row in report.evidence.by_period], metric)
        if any(value is not None for value in data.values):
            found.append(plotted.by_period(report, data, title))
    return list(found)


def _psi(report: Report) -> list[Block]:
    kept = report.row.kept
    if kept.score_psi is None or isnan(kept.score_psi):
        return [Text(report.say("The shift of the score (PSI) was not measured."), "missing")]
    told = report.say(
        "The PSI of the score from the development sample to %(sample)s is %(psi)s. At %(amber)s or more it needs "
        "watching, at %(red)s or more action is required.",
        sample=report.on_unseen, psi=shown(kept.score_psi, "d4"), amber=PSI_AMBER, red=PSI_RED,
    )  # fmt: skip
    if kept.score_psi_limit is None or isnan(kept.score_psi_limit):
        return [Text(told)]
    chance = report.say(
        "With this many rows, chance alone reaches up to %(limit)s.", limit=shown(kept.score_psi_limit, "d4")
    )
    return [Text(report.joined(told, chance))]


def _gap(report: Report) -> list[Block]:
    train, held = report.row.samples.of("train").value("ks"), report.held.value("ks")
    if train is None or held is None:
        return []
    told = report.say(
        "KS is %(train)s on training rows and %(held)s on %(sample)s.",
        train=shown(train, "d4"), held=shown(held, "d4"), sample=report.on_unseen,
    )  # fmt: skip
    return [Text(told)]


def _scores(report: Report) -> list[Block]:
    found = report.unseen.scores
    return [plotted.score_distribution(report, {report.sample: found})] if found is not None else []


def calibration(report: Report) -> list[Block]:
    """Tell whether the probability may be read as one."""
    data, held = report.unseen.calibration, report.held
    if data is None:
        return [Text(report.say("Calibration was not measured on held-out rows."), "missing")]
    ratio = held.value("observed_expected")
    told = report.say(
        "The actual event rate is %(ratio)s of the predicted rate (actual / predicted).",
        ratio="–" if ratio is None else f"{ratio:.0%}",
    )
    header = [
        report.say("Probability"), report.say("Event rate"), report.say("From"), report.say("To"), report.say("Rows"),
        report.say("Events"),
    ]  # fmt: skip
    rows = [
        [percent(said), percent(was), percent(low), percent(high), count(rows_in), count(events)]
        for said, was, low, high, rows_in, events in zip(
            data.predicted, data.observed, data.low, data.high, data.rows, data.events, strict=True
        )
    ]
    table = Table(report.say("Calibration by group, %(sample)s", sample=report.on_unseen), header, rows)
    answer = report.unjudged(held) or [Text(told)]
    return [*answer, _by_sample(report), plotted.calibration(report, {report.sample: data}), table]


def _by_sample(report: Report) -> Table:
    header = [report.say("Rows of"), report.say("Actual / predicted"), report.say("95%% interval"),
              report.say("Calibration slope"), report.say("95%% interval"),
              report.say("Expected calibration error"), report.say("Brier")]  # fmt: skip
    rows = [
        [text(report.sample_name(name)), number(found.value("observed_expected")),
         interval(found.of("observed_expected")), number(found.value("calibration_slope")),
         interval(found.of("calibration_slope")), number(found.value("ece")), number(found.value("brier"))]
        for name, found in report.samples
    ]  # fmt: skip
    return Table(report.say("Calibration by sample"), header, rows)


def fairness(report: Report) -> list[Block]:
    """Tell the groups of protected columns apart, as far as they were measured."""
    names = report.spec.protected
    if not names:
        return [Text(report.say(NO_FAIRNESS), "missing")]
    listed = report.listed([report.column(name) for name in names])
    told = (
        report.say("Protected columns, kept out of the model: %(columns)s.", columns=listed)
        if report.spec.without_protected
        else report.say("Protected columns, used by the model but never given as a reason: %(columns)s.",
                        columns=listed)
    )  # fmt: skip
    measured = [one for one in report.diagnosis.fairness if one.table.rows]
    rows = [row for row in report.evidence.segments if row.column in names]
    if measured:
        tables = [block for one in measured for block in _measured(report, one)]
        return [
            Text(told),
            Text(report.say(NOT_COMPLIANCE)),
            Text(report.say(HOW_FAIR, least=f"{FOUR_FIFTHS:.2f}")),
            *tables,
        ]
    if not rows:
        return [Text(told), Text(report.say(UNMEASURED_GROUPS), "missing")]
    return [Text(told), Text(report.say(NOT_COMPLIANCE)), _groups(report, rows)]


def _measured(report: Report, found: ColumnFairness) -> list[Block]:
    """Return the groups of a protected column beside its reference group, and the columns that tell the group."""
    name = report.column(found.column)
    header = [
        report.say("Group"), report.say("Rows"), report.say("Selection rate"), report.say("Impact ratio (AIR)"),
        report.say("From"), report.say("To"), report.say("p-value"), report.say("Difference of means (SMD)"),
        report.say("True positive gap"), report.say("Actual / predicted"), report.say("Verdict"),
    ]  # fmt: skip
    rows = [
        [text(segment_name(report, _of_column(found.column, row))), count(row.rows), percent(row.selection_rate),
         number(row.impact, "d2"), number(row.impact_low, "d2"), number(row.impact_high, "d2"),
         number(row.p_value, "d3"), number(row.mean_difference, "d2"), percent(row.true_positive_gap),
         number(row.observed_expected, "d2"), text(_fair(report, row))]
        for row in found.table.rows
    ]  # fmt: skip
    share = percent(found.table.selected_share).text
    title = report.say("Groups of %(column)s at a selection of %(share)s", column=name, share=share)
    proxies = [[text(report.column(one.column)), text(report.value(found.column, one.group)), number(one.auc)]
               for one in found.proxies]  # fmt: skip
    told = [report.say("Column"), report.say("Group"), report.say("AUC alone")]
    beside = [Table(report.say("Columns from which %(column)s can be inferred", column=name), told, proxies)]
    return [Table(title, header, rows), *(beside if proxies else [])]


def _of_column(column: str, row: GroupRow) -> Any:
    return SimpleNamespace(column=column, kind=row.kind, label=row.label)


def _fair(report: Report, row: GroupRow) -> str:
    return report.word(REFERENCE if row.is_reference else GROUP_VERDICTS[row.verdict])


def _groups(report: Report, rows: list[Any]) -> Table:
    header = [
        report.say("Column"), report.say("Group"), report.say("Rows"), report.say("Events"), report.say("Event rate"),
        report.say("Predicted"), report.say("Actual / predicted"), report.say("AUC"), report.say("KS"),
    ]  # fmt: skip
    cells = [
        [text(report.column(row.column)), text(segment_name(report, row)), count(row.rows), count(row.events),
         percent(row.event_rate), percent(row.mean_probability), number(row.observed_expected, "d2"),
         *judged(report, row)]
        for row in rows
    ]  # fmt: skip
    title = report.say("Groups of protected columns, %(sample)s", sample=report.on_unseen)
    return Table(title, header, cells)


def sensitivity(report: Report) -> list[Block]:
    """Tell what happens when a source is missing or columns are noisy."""
    found = report.known.stressed
    if not found:
        return [Text(report.say(NO_SENSITIVITY), "missing")]
    header = [
        report.say("Test"), report.say("Column or source"), report.say("Columns"), report.say("AUC after"),
        report.say("Change of AUC"), report.say("Interval"), report.say("KS after"),
        report.say("Customers who change decile"),
    ]  # fmt: skip
    rows = [
        [text(report.word(STRESSES[one.kind])), text(report.column(one.name)), count(one.columns), number(one.auc),
         number(one.auc_change), interval(Measure(one.auc_change, one.auc_change_low, one.auc_change_high)),
         number(one.ks), percent(one.moved)]
        for one in found
    ]  # fmt: skip
    # A model that was fitted on all rows has seen those that it is tried on.
    if report.facts["trained_on"] == "all":
        return [
            Text(report.joined(report.say(HOW_STRESSED), report.word(STRESSED_ON_ROWS_OF_FIT))),
            Table(report.say("Stress tests"), header, rows),
        ]
    return [Text(report.say(HOW_STRESSED)), Table(report.say("Stress tests on unseen rows"), header, rows)]
