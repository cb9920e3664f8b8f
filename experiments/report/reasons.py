"""Why the model says what it says: factors, derived columns, three customers, the scorecard."""

from typing import Any

from experiments.charts.dependence import DependenceData, dependence_figure
from experiments.charts.importance import ImportanceData, importance_figure
from experiments.charts.waterfall import waterfall_figure
from experiments.errors import gettext_noop as _
from experiments.kinds import KINDS
from experiments.naming import EXAMPLES, RISK_EXAMPLES
from experiments.report.blocks import Block, Cell, Charts, Heading, Points, Section, Table, Text
from experiments.report.numbers import digits_of, percent_of
from experiments.report.on_file import Report
from experiments.scorecard.scaling import POINTS_DIGITS
from experiments.telling import minus

CURVES_SHOWN = 6
FACTORS_SHOWN = 15


def factors(report: Report) -> Section | None:
    found = report.explanation["factors"][:FACTORS_SHOWN]
    if not found:
        return None
    first = found[0]
    told = report.say(
        "%(column)s has the largest effect: %(share)s of all contributions.",
        column=report.names.get(first["column"], first["column"]), share=f"{first['share']:.0%}",
    )  # fmt: skip
    chart = report.chart(
        importance_figure(
            ImportanceData.from_dict(report.explanation["importance"]), names=report.names, labels=report.chart_words
        )
    )
    curves = [
        report.chart(
            dependence_figure(
                DependenceData.from_dict(data), labels=report.chart_words, name=report.names.get(column, column)
            )
        )
        for column, data in list(report.explanation["dependence"].items())[:CURVES_SHOWN]
    ]
    rows = [[report.names.get(row["column"], row["column"]), percent_of(row["share"])] for row in found]
    table = Table([report.say("Column"), report.say("Share")], rows)
    shown: list[Block] = [Text(told), Charts([chart]), Charts(curves, in_pairs=True), table]
    return Section(report.say("What drives the score"), shown)


def made(report: Report) -> Section | None:
    if not report.made:
        return None
    importance = report.manifest["importance"]
    rows = [
        [
            report.names.get(feature["name"], feature["name"]), Cell(feature["formula"], "code"),
            percent_of(importance.get(feature["name"], 0.0)), report.told(feature["why"]),
        ]
        for feature in report.made
    ]  # fmt: skip
    told = report.say(
        "These columns are computed from other columns of the same row. Each was kept because it improved models "
        "on unseen rows beyond its source columns."
    )
    header = [report.say(word) for word in (_("Column"), _("Formula"), _("Share"), _("Why it was kept"))]
    return Section(report.say("Derived columns"), [Text(told), Table(header, rows, "text")])


def customers(report: Report) -> Section:
    told = report.say(
        "From the typical customer to this one, in %(unit)s; the bars add up exactly to the model output.",
        unit=report.word(report.explanation["unit"]),
    )
    # Of a default model the customer with the high probability is the risky one, whose points are low.
    words = RISK_EXAMPLES if KINDS[report.facts["kind"]].is_risk else EXAMPLES
    shown: list[Block] = [Text(told), *_protected(report)]
    for name, example in report.explanation["examples"].items():
        facts = (
            f"{report.say('Probability')} {example['probability']:.1%}, {report.say('Score')} {example['score']:.0f}"
        )
        chart = report.chart(
            waterfall_figure(report.waterfall_of(example), names=report.names, labels=report.chart_words)
        )
        title = f"{report.say(words.get(name, name))}: {facts}, {example['band']}"
        reasons = Points(report.reasons_of(example))
        shown += [Heading(title), Text(report.say("Reasons")), reasons, Charts([chart])]
    return Section(report.say("Three customers"), shown)


def _protected(report: Report) -> list[Text]:
    """Say which columns are protected, and whether the model reads them."""
    spec = report.facts["spec"]
    names = ", ".join(report.names.get(name, name) for name in spec.get("protected") or ())
    if not names:
        return []
    if spec.get("without_protected"):
        told = report.say("Protected columns, kept out of the model: %(columns)s.", columns=names)
    else:
        told = report.say("Protected columns, used by the model but never given as a reason: %(columns)s.",
                          columns=names)  # fmt: skip
    return [Text(told)]


def card(report: Report) -> Section | None:
    found = report.evidence.get("scorecard")
    if not found:
        return None
    header = [
        report.say("Column"),
        report.say("Bin"),
        report.say("Rows"),
        report.say("Event rate"),
        "WOE",
        report.say("Points"),
    ]
    rows = [
        [report.names.get(row["column"], row["column"]), _bin(row), f"{row['rows']:,}",
         percent_of(row["event_rate"]), digits_of(row["woe"], 3), digits_of(row["points"], POINTS_DIGITS)]
        for row in found["card"]
    ]  # fmt: skip
    told = report.say(
        _("Each bin's points add up to the score (600 at 50:1, 20 points double the odds).")
        if KINDS[report.facts["kind"]].is_risk
        else _(
            "Each bin's points add up to the customer's points: the more, the likelier the event (20 points double "
            "the odds)."
        )
    )
    log = [[entry["column"], report.told(entry)] for entry in found["selection"]]
    left_out = Table([report.say("Column"), report.say("Why it was left out")], log, "text")
    heading = Heading(report.say("Columns that were left out"))
    return Section(report.say("Scorecard"), [Text(told), Table(header, rows), heading, left_out])


def _bin(row: dict[str, Any]) -> str:
    if row["kind"] == "special":
        return str(row["label"])
    if row["levels"]:
        return ", ".join(map(str, row["levels"]))
    if row["low"] is None and row["high"] is None:
        return str(row["name"] or row["kind"])
    low = "−∞" if row["low"] is None else minus(f"{row['low']:g}")
    high = "+∞" if row["high"] is None else minus(f"{row['high']:g}")
    return f"[{low}, {high})"
