"""All measures on all samples, the curves, the deciles."""

from experiments.charts.gains import GainsData
from experiments.charts.roc import RocData
from experiments.errors import gettext_noop as _
from experiments.evaluation.measures import Measures
from experiments.evaluation.small_counts import methods
from experiments.report import plotted
from experiments.report.cells import count, interval, number, percent, text
from experiments.report.content import Block, Cell, Form, Table, Text, Tone, shown
from experiments.report.on_file import Report
from experiments.sentence import Sentence

# Measures in the order they are told, with the form of each.
MEASURES: dict[str, tuple[str, Form]] = {
    "auc": (_("AUC"), "d4"),
    "gini": (_("Gini"), "d4"),
    "ks": (_("KS"), "d4"),
    "lift": (_("Lift at the contact share"), "d2"),
    "capture": (_("Capture at the contact share"), "percent2"),
    "log_loss": (_("Log loss"), "d4"),
    "brier": (_("Brier"), "d4"),
    "ece": (_("Expected calibration error"), "d4"),
    "calibration_slope": (_("Calibration slope"), "d4"),
    "observed_expected": (_("Actual / predicted"), "d4"),
}
SEGMENTS_SHOWN = 20


def performance(report: Report) -> list[Block]:
    """Tell how well the model ranks, on every sample, with its curves, deciles and segments."""
    unseen = report.unseen
    told = report.unjudged(report.held) or [Text(_told(report)), *_gains_told(report)]
    blocks: list[Block] = [*told, _all(report), Text(_methods(report)), *_roc(report)]
    if unseen.ks is not None:
        blocks.append(plotted.ks_curve(report, unseen.ks))
    return [*blocks, *_gains(report), *_deciles(report), *_segments(report)]


def _told(report: Report) -> str:
    return report.joined(
        report.say(
            "In a random pair of one event and one non-event, the model ranks the event higher %(auc)s of the time on "
            "unseen rows.",
            auc=f"{report.held.value('auc') or 0:.0%}",
        ),
        report.say(
            "The largest gap between events and non-events, at the best cut-off, is %(ks)s (KS).",
            ks=f"{report.held.value('ks') or 0:.1%}",
        ),
    )


def _gains_told(report: Report) -> list[Text]:
    found = report.unseen.gains
    if found is None:
        return []
    return [Text(report.say(
        "The top %(share)s of customers contain %(capture)s of the events, %(lift)s times as many as a random "
        "selection.",
        share=f"{found.contact_share:.0%}", capture=shown(found.capture_at_quota, "percent"),
        lift=shown(found.lift_at_quota, "d1"),
    ))]  # fmt: skip


def _all(report: Report) -> Table:
    """Return every measure on every sample beside each other, each with its interval."""
    header = [report.say("Measure")]
    for name, _found in report.samples:
        header += [report.sample_name(name), report.say("95%% interval")]
    rows = [[text(report.word(label)), *_across(report, name, form)] for name, (label, form) in MEASURES.items()]
    counts = [("rows", report.say("Rows")), ("events", report.say("Events"))]
    rows += [[text(label), *_counted(report, part)] for part, label in counts]
    return Table(report.say("All measures on all samples"), header, rows)


def _across(report: Report, name: str, form: Form) -> list[Cell]:
    cells = []
    for _sample, found in report.samples:
        cells += [number(found.value(name), form, _tone(found)), interval(found.of(name), form, _tone(found))]
    return cells


def _tone(measures: Measures) -> Tone:
    return "" if measures.is_enough else "few"


def _counted(report: Report, part: str) -> list[Cell]:
    cells = []
    for _sample, found in report.samples:
        cells += [count(getattr(found.counts, part, None)), text("")]
    return cells


def _methods(report: Report) -> str:
    """Say how the intervals were made, once for all samples where it was alike."""
    told: dict[str, list[str]] = {}
    for name, found in report.samples:
        if found.counts:
            how = report.told(Sentence.from_dict(methods(found.counts.events, found.counts.rows)))
            told.setdefault(how, []).append(report.sample_name(name))
    if not told:
        return report.say("How the intervals were made is not on record.")
    if len(told) == 1:
        return next(iter(told))
    colon = "：" if report.language == "zh" else ": "
    return report.joined(*(f"{report.listed(names)}{colon}{how}" for how, names in told.items()))


def _roc(report: Report) -> list[Block]:
    found: dict[str, RocData] = {}
    for name in dict.fromkeys(("validation", report.sample)):
        if (own := report.evidence.of(name).roc) is not None:
            found[name] = own
    return [plotted.roc(report, found)] if found else []


def _gains(report: Report) -> list[Block]:
    found: dict[str, GainsData] = {}
    for name in dict.fromkeys(("validation", report.sample)):
        if (own := report.evidence.of(name).gains) is not None:
            found[name] = own
    return [plotted.gains(report, found)] if found else []


def _deciles(report: Report) -> list[Block]:
    table = report.unseen.deciles
    if table is None:
        return []
    header = [
        report.say("Group"), report.say("Probability from"), report.say("Rows"), report.say("Events"),
        report.say("Event rate"), report.say("Cum. events"), report.say("Lift"), report.say("Cum. lift"),
        report.say("KS"), report.say("Predicted"),
    ]  # fmt: skip
    rows = [
        [count(row.group), percent(row.low), count(row.rows), count(row.row_events), percent(row.event_rate),
         percent(row.cumulative_event_share), number(row.lift, "d2"), number(row.cumulative_lift, "d2"),
         number(row.ks), percent(row.mean_probability)]
        for row in table.rows
    ]  # fmt: skip
    return [Table(report.say("Deciles, %(sample)s", sample=report.on_unseen), header, rows)]


def _segments(report: Report) -> list[Block]:
    if not report.evidence.segments:
        return [Text(report.say("Segments were not measured for this model."), "missing")]
    header = [
        report.say("Column"), report.say("Segment"), report.say("Rows"), report.say("Events"), report.say("Event rate"),
        report.say("AUC"), report.say("KS"), report.say("Actual / predicted"),
    ]  # fmt: skip
    rows = [
        [text(report.column(row.column)), text(segment_name(report, row)), count(row.rows), count(row.events),
         percent(row.event_rate), *judged(report, row), number(row.observed_expected, "d2")]
        for row in report.evidence.segments[:SEGMENTS_SHOWN]
    ]  # fmt: skip
    told = report.say("The weakest segments first; those with too few rows or events are not judged.")
    return [Text(told), Table(report.say("Segments"), header, rows)]


def segment_name(report: Report, row: object) -> str:
    """Return what a segment is called: a level in the dictionary's words, a range, the others, or what is missing."""
    kind, label, column = (str(getattr(row, name)) for name in ("kind", "label", "column"))
    if kind in ("other", "missing"):
        return report.word({"other": _("others"), "missing": _("Missing")}[kind])
    return report.value(column, label) if kind == "level" else label


def judged(report: Report, row: object) -> list[Cell]:
    """Return AUC and KS of a month or a segment, or that there is too little to judge it by."""
    if getattr(row, "is_enough", False):
        return [number(getattr(row, name)) for name in ("auc", "ks")]
    return [text(report.say("too few to judge"), "few"), number(None)]
