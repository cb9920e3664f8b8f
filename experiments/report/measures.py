"""How good the model is: leaderboard, separation, gains, calibration, stability over time and in segments."""

from typing import Any

from experiments.charts.by_period import by_period_data, by_period_figure
from experiments.charts.calibration import CalibrationData, calibration_figure
from experiments.charts.gains import GainsData, gains_figure
from experiments.charts.ks_curve import KsCurveData, ks_curve_figure
from experiments.charts.roc import RocData, roc_figure
from experiments.errors import gettext_noop as _
from experiments.evaluation.small_counts import methods
from experiments.house_rules import MIN_EVENTS, MIN_ROWS, has_too_few
from experiments.report.blocks import Big, Block, Cell, Charts, Heading, Section, Table, Text
from experiments.report.numbers import digits_of, interval_of, number_of, percent_of, verdict_of
from experiments.report.on_file import Report

SEGMENTS_SHOWN = 12


def leaderboard(report: Report) -> Section:
    title = _("Out of time") if report.sample == "out_of_time" else _("Held-out rows")
    header = [
        "#", report.say("Algorithm"), "AUC", report.say("Interval"), "KS", "Gini", report.say("Lift"),
        report.say("Log loss"), report.say("Brier"), f"AUC {report.say(title)}", report.say("Interval"),
    ]  # fmt: skip
    rows: list[list[str | Cell]] = []
    for row in report.run["finalists"]:
        valid, held = row["metrics"]["validation"], row["metrics"][report.sample]
        mark = "→\u00a0" if row["is_recommended"] else "=\u00a0" if row["is_tie"] else ""
        own = [number_of(valid["auc"]), interval_of(valid["auc"]), number_of(valid["ks"]), number_of(valid["gini"])]
        own += [number_of(valid["lift"], 2), number_of(valid["log_loss"]), number_of(valid["brier"])]
        aside = [_grey(number_of(held["auc"]), held), _grey(interval_of(held["auc"]), held)]
        rows.append([f"{mark}{row['rank']}", report.family(row["candidate"]), *own, *aside])
    chosen = next(n for n, row in enumerate(report.run["finalists"]) if row["candidate"] == report.facts["candidate"])
    told = report.say(
        "95 %% intervals. Models whose AUC does not differ significantly from the recommended model (→) are tied "
        "(=); paired test, with Holm's correction for several models."
    )
    shown = report.run["finalists"][chosen]["metrics"]
    notes = [note for name in ("validation", report.sample) for note in report.unjudged(shown[name])]
    methods_told = Text(f"{told} {_methods(report)}")
    table = Table(header, rows, "board", chosen)
    return Section(report.say("Leaderboard"), [methods_told, table, *dict.fromkeys(notes), *_limits(report)])


def _methods(report: Report) -> str:
    """Say how the intervals were made, for validation and where they are of another method for the rows set aside."""
    counts = [report.row["metrics"][name].get("counts") for name in ("validation", report.sample)]
    told = [methods(one["events"], one["rows"]) for one in counts if one]
    titles = (_("Cross-validation"), _("Out of time") if report.sample == "out_of_time" else _("Held-out rows"))
    if len(told) == 2 and told[0]["message"] != told[1]["message"]:
        colon = "：" if report.language == "zh" else ": "
        return " ".join(
            f"{report.say(title)}{colon}{report.told(one)}" for title, one in zip(titles, told, strict=True)
        )
    return report.told(told[0]) if told else ""


def _grey(text: str, measures: dict[str, Any]) -> str | Cell:
    return Cell(text, "few") if has_too_few(measures) else text


def _limits(report: Report) -> list[Block]:
    rows = [[report.told(limit), report.say(verdict_of(limit))] for limit in report.row["evidence"]["limits"]]
    return [Heading(report.say("Limits")), Table([], rows, "text")]


def separation(report: Report) -> Section:
    held = report.row["metrics"][report.sample]
    told = report.unjudged(held) or [_separation_told(report, held)]
    roc = report.chart(roc_figure(report.both("roc", RocData), labels=report.chart_words))
    curve = report.chart(
        ks_curve_figure(KsCurveData.from_dict(report.evidence[report.sample]["ks"]), labels=report.chart_words)
    )
    big = _big("AUC", number_of(held["auc"]), held)
    return Section(report.say("Separation"), [*told, big, Charts([roc, curve], in_pairs=True), _deciles(report)])


def _separation_told(report: Report, held: dict[str, Any]) -> Text:
    told = report.say(
        "In a random pair of one event and one non-event, the model ranks the event higher %(auc)s of the time on "
        "unseen rows.",
        auc=f"{held['auc']['value']:.0%}",
    )
    also = report.say(
        "The largest gap between events and non-events, at the best cut-off, is %(ks)s (KS).",
        ks=f"{held['ks']['value']:.1%}",
    )
    return Text(f"{told} {also}")


def _big(name: str, number: str, measures: dict[str, Any]) -> Big:
    return Big(name, number, is_few=has_too_few(measures))


def _deciles(report: Report) -> Table:
    header = [
        report.say("Group"), report.say("Probability from"), report.say("Rows"), report.say("Events"),
        report.say("Event rate"), report.say("Cum. events"), report.say("Lift"), report.say("Cum. lift"),
    ]  # fmt: skip
    rows = [
        [str(row["group"]), percent_of(row["low"]), f"{row['rows']:,}", f"{row['row_events']:,}",
         percent_of(row["event_rate"]), percent_of(row["cumulative_event_share"]), digits_of(row["lift"]),
         digits_of(row["cumulative_lift"])]
        for row in report.evidence[report.sample]["deciles"]["rows"]
    ]  # fmt: skip
    return Table(header, rows)


def gains(report: Report) -> Section:
    data = report.evidence[report.sample]["gains"]
    told = report.say(
        "The top %(share)s of customers contain %(capture)s of the events, %(lift)s times as many as a random "
        "selection.",
        share=f"{data['contact_share']:.0%}", capture=percent_of(data["capture_at_quota"]),
        lift=digits_of(data["lift_at_quota"], 1),
    )  # fmt: skip
    held = report.row["metrics"][report.sample]
    chart = report.chart(gains_figure(report.both("gains", GainsData), labels=report.chart_words))
    big = _big("×", digits_of(data["lift_at_quota"]), held)
    return Section(report.say("Lift and gains"), [*(report.unjudged(held) or [Text(told)]), big, Charts([chart])])


def calibration(report: Report) -> Section:
    held = report.row["metrics"][report.sample]
    ratio = held["observed_expected"]["value"]
    told = report.say(
        "The actual event rate is %(ratio)s of the predicted rate (actual / predicted).",
        ratio="–" if ratio is None else f"{ratio:.0%}",
    )
    data = CalibrationData.from_dict(report.evidence[report.sample]["calibration"])
    header = [report.say("Probability"), report.say("Event rate"), report.say("Rows"), report.say("Events")]
    rows = [
        [percent_of(said), percent_of(was), f"{count:,}", f"{events:,}"]
        for said, was, count, events in zip(data.predicted, data.observed, data.rows, data.events, strict=True)
    ]
    chart = report.chart(calibration_figure({report.sample: data}, labels=report.chart_words))
    big = _big("ECE", number_of(held["ece"]), held)
    answer = report.unjudged(held) or [Text(told)]
    return Section(report.say("Calibration"), [*answer, big, Charts([chart]), Table(header, rows)])


def periods(report: Report) -> Section:
    heading = report.say("Stability over time")
    rows = report.evidence["by_period"]
    if not rows:
        return Section(heading, [Text(report.say("Stability over time was not tested."))])
    words = (_("Period"), _("Rows"), _("Events"), _("Event rate"))
    header = [*map(report.say, words), "AUC", "KS", "PSI"]
    cells = [
        [row["period"], f"{row['rows']:,}", f"{row['events']:,}", percent_of(row["event_rate"]),
         *_judged(report, row), digits_of(row["psi"], 4)]
        for row in rows
    ]  # fmt: skip
    told = report.say("Each month is measured on its own; the shaded months were kept out of training.")
    chart = report.chart(by_period_figure(by_period_data(rows), labels=report.chart_words))
    return Section(heading, [Text(told), Charts([chart]), Table(header, cells)])


def segments(report: Report) -> Section:
    header = [report.say(word) for word in (_("Segment"), _("Rows"), _("Events"), _("Event rate"))] + ["AUC", "KS"]
    rows = [
        [f"{report.names.get(row['column'], row['column'])}: {row['label']}", f"{row['rows']:,}",
         f"{row['events']:,}", percent_of(row["event_rate"]), *_judged(report, row)]
        for row in report.evidence["segments"][:SEGMENTS_SHOWN]
    ]  # fmt: skip
    told = report.say(
        "The weakest segments first; those with fewer than %(least_events)s events or %(least_rows)s rows are not "
        "judged.",
        least_events=MIN_EVENTS, least_rows=MIN_ROWS,
    )  # fmt: skip
    return Section(report.say("Segments"), [Text(told), Table(header, rows)])


def _judged(report: Report, row: dict[str, Any]) -> list[str | Cell]:
    """Return AUC and KS of a month or a segment, or that there is too little to judge it by."""
    if row["is_enough"]:
        return [digits_of(row["auc"], 4), digits_of(row["ks"], 4)]
    return [Cell(report.say("too few to judge"), "few"), "–"]
