"""Why the model says what it says: factors, directions, three customers, and the table of reasons."""

from datetime import UTC, datetime

from experiments.artifact.explanation import Example
from experiments.charts.waterfall import value_text
from experiments.errors import gettext_noop as _
from experiments.labels import LANGUAGES
from experiments.naming import EXAMPLES, RISK_EXAMPLES
from experiments.report import plotted
from experiments.report.cells import percent, text
from experiments.report.content import Block, Heading, Points, Table, Text, shown
from experiments.report.on_file import Report

CURVES_SHOWN = 6
FACTORS_SHOWN = 20
NO_FACTORS = _("No column moves this model's score, so there is nothing to explain.")
REASONS = _(
    "A customer gets at most four reasons: the groups of columns that move the score most against the customer, "
    "each with at least 5%% of all adverse contributions. Protected columns and columns that may not be disclosed "
    "never appear, nor do sentences that contradict the column's direction of effect."
)
NO_REASON_COLUMNS = _("The model names no columns for reasons, so customers cannot be given any.")


def explanation(report: Report) -> list[Block]:
    """Tell what drives the score and what customers are told."""
    found = report.explanation.factors[:FACTORS_SHOWN]
    if not found or found[0].mean_abs == 0:
        return [Text(report.say(NO_FACTORS), "missing"), *_reasons(report)]
    first = found[0]
    told = report.say(
        "%(column)s has the largest effect: %(share)s of all contributions.",
        column=report.column(first.column), share=f"{first.share:.0%}",
    )  # fmt: skip
    explained = report.say("Contributions were computed for %(rows)s customers.", rows=f"{report.explanation.rows:,}")
    blocks: list[Block] = [Text(report.joined(told, explained))]
    if report.explanation.importance is not None:
        blocks.append(plotted.importance(report, report.explanation.importance))
    return [*blocks, _factors(report), *_curves(report), *_customers(report), *_reasons(report)]


def _factors(report: Report) -> Table:
    header = [report.say("Column"), report.say("Share of contributions"), report.say("Direction")]
    rows = [
        [text(report.column(one.column)), percent(one.share), text(_direction(report, one.column))]
        for one in report.explanation.factors[:FACTORS_SHOWN]
    ]
    return Table(report.say("What drives the score"), header, rows)


def _direction(report: Report, column: str) -> str:
    """Say in words which way a column pushes; of one without a direction, which values stand at the ends."""
    words = report.kind.words
    constraints = report.row.kept.constraints
    held = constraints.kept.get(column, 0) if constraints else 0
    found = report.explanation.tendency_of(column, held=held, meanings=report.meanings.get(column))
    if found is None:
        return report.say("no consistent direction")
    if found.way:
        return report.word(words.the_higher if found.way > 0 else words.the_lower)
    if found.best is None or found.worst is None:
        return report.say("no consistent direction")
    return report.say(words.highest_for, best=_end(report, column, found.best), worst=_end(report, column, found.worst))


def _end(report: Report, column: str, value: str | float) -> str:
    if isinstance(value, str):
        return report.value(column, value)
    curve = report.explanation.dependence[column]
    if curve.is_date:
        return f"{datetime.fromtimestamp(value / 1000, tz=UTC):%Y-%m-%d}"
    return report.value(column, value_text(value))


def _curves(report: Report) -> list[Block]:
    found = list(report.explanation.dependence.values())[:CURVES_SHOWN]
    if not found:
        return []
    charts = [plotted.dependence(report, data) for data in found]
    return [Heading(report.say("Effect of single columns")), *charts]


def _customers(report: Report) -> list[Block]:
    if not report.explanation.examples:
        return []
    told = report.say(
        "From the typical customer to this one, in %(unit)s; the bars add up exactly to the model output.",
        unit=report.unit,
    )
    blocks: list[Block] = [Heading(report.say("Three customers")), Text(told)]
    for name, example in report.explanation.examples.items():
        blocks += _customer(report, name, example)
    return blocks


def _customer(report: Report, name: str, example: Example) -> list[Block]:
    # Of a default model the customer with the high probability is the risky one, whose points are low.
    words = RISK_EXAMPLES if report.kind.is_risk else EXAMPLES
    facts = report.say(
        "Probability %(probability)s, score %(score)s, band %(band)s",
        probability=shown(example.probability or 0.0, "percent"), score=shown(example.score or 0.0, "count"),
        band=example.band,
    )  # fmt: skip
    title = report.word(words[name]) if name in words else name
    blocks: list[Block] = [Heading(title), Text(facts)]
    reasons = report.reasons_of(example)
    if reasons:
        blocks += [Points(reasons)]
    data = report.waterfall_of(example)
    if data is not None:
        blocks.append(plotted.waterfall(report, data, title))
    return blocks


def _reasons(report: Report) -> list[Block]:
    """Return the columns that give reasons, and the bank's own sentences in both languages."""
    book = report.manifest.get("reason_book") or {}
    columns = book.get("columns") or []
    if not columns:
        return [Text(report.say(NO_REASON_COLUMNS), "missing")]
    labels = report.facts.get("labels") or {}
    header = [report.say("Column"), report.say("Group"), report.say("May be disclosed"), report.say("Own sentence")]
    rows = []
    for one in columns:
        words = labels.get(one["name"]) or {}
        own = words.get(f"reason_{report.language}") or next((words[f"reason_{other}"] for other in LANGUAGES
                                                              if words.get(f"reason_{other}")), "")  # fmt: skip
        may = _("no") if one.get("is_withheld") else _("yes")
        rows.append([text(report.column(one["name"])), text(report.column(one.get("group") or one["name"])),
                     text(report.word(may)), text(own)])  # fmt: skip
    table = Table(report.say("Columns that give reasons"), header, rows)
    measured = report.explanation.reasons
    told = [] if measured is None else [Points([report.told(one) for one in measured.told])]
    return [Heading(report.say("Reasons")), Text(report.say(REASONS)), *told, table]
