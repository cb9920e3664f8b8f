"""What the model is for, and on which customers it was made."""

from experiments.errors import gettext_noop as _
from experiments.report.cells import code, count, percent, text
from experiments.report.content import Block, Cell, Table, Text
from experiments.report.on_file import Report
from experiments.sentence import Sentence

NO_PURPOSE = _(
    "No purpose has been written yet. It is written when the model is submitted for approval; this report was made "
    "before that."
)
NO_LIMITS = _("No limits of use have been set. They are set by whoever approves the model.")
NO_WATERFALL = _(
    "No sample definition is on record: every row of the table that has an outcome counted. Exclusions made before the "
    "data came to Xiaoyu are not known here."
)


def purpose(report: Report) -> list[Block]:
    """Say what is asked, what is recommended, and within which limits it may be used."""
    known, standing = report.known, _("This is the recommended model of its run.")
    if not report.row.is_recommended:
        standing = _("This is not the recommended model of its run.")
    blocks: list[Block] = [
        Text(known.purpose) if known.purpose else Text(report.say(NO_PURPOSE), "missing"),
        Text(report.joined(report.word(standing), report.told(report.row.reason))),
        Text(report.joined(report.word(report.kind.words.caution), report.word(report.kind.words.caution_why))),
        Table(report.say("The model in brief"), [report.say("Fact"), report.say("Value")], _brief(report)),
    ]
    limits = Text(known.limits_of_use) if known.limits_of_use else Text(report.say(NO_LIMITS), "missing")
    return [*blocks, *_doubts(report), limits]


def _brief(report: Report) -> list[list[Cell]]:
    facts, found = report.facts, report.run["data"]
    fitted = _("all labelled rows") if facts["trained_on"] == "all" else _("training rows only")
    expiry = [[text(report.say("Valid until")), text(report.known.expires_on)]] if report.known.expires_on else []
    return [
        [text(report.say("Question")), text(report.question)],
        [text(report.say("Target")), text(facts["target"])],
        [text(report.say("Event")), text(facts["event"])],
        [text(report.say("Algorithm")), text(report.family(facts["candidate"]))],
        [text(report.say("Rows")), count(found["rows"])],
        [text(report.say("Event rate")), percent(found["event_rate"])],
        [text(report.say("Fitted on")), text(report.word(fitted))],
        [text(report.say("Columns used")), count(report.row.kept.features)],
        *expiry,
        [text(report.say("SHA-256")), code(report.manifest["hash"])],
    ]


def _doubts(report: Report) -> list[Text]:
    """Say what the result is without the columns that a data check asks about, where it leans on them."""
    found = report.run["data"].get("doubts")
    return [Text(report.told(Sentence.from_dict(found)), "strong")] if found else []


def sample(report: Report) -> list[Block]:
    """Tell who is in the sample, what counts as the event, and how the rows were divided."""
    blocks: list[Block] = [Text(one) for one in report.known.sample]
    steps = report.known.waterfall
    if steps:
        header = [report.say("Step"), report.say("Rows"), report.say("Events")]
        rows = [[text(step.name), count(step.rows), count(step.events)] for step in steps]
        blocks.append(Table(report.say("Sample waterfall"), header, rows))
    else:
        blocks.append(Text(report.say(NO_WATERFALL), "missing"))
    blocks += [Text(report.told(report.split.description)), *(Text(report.told(note)) for note in report.split.notes)]
    return [*blocks, _samples(report), *_dates(report), *_population(report)]


def _samples(report: Report) -> Table:
    rows = []
    for name, found in report.samples:
        counts = found.counts
        events = counts.events if counts else None
        rate = counts.events / counts.rows if counts and counts.rows else None
        rows.append([text(report.sample_name(name)), count(counts.rows if counts else None), count(events),
                     percent(rate)])  # fmt: skip
    header = [report.say("Rows of"), report.say("Rows"), report.say("Events"), report.say("Event rate")]
    return Table(report.say("Samples"), header, rows)


DATES = {
    "train_from": _("First training row"),
    "train_to": _("Last training row"),
    "held_from": _("First held-out row"),
    "held_to": _("Last held-out row"),
}


def _dates(report: Report) -> list[Block]:
    found = [(DATES[name], day) for name, day in report.split.boundaries.items() if name in DATES]
    if not found:
        return []
    rows = [[text(report.word(name)), text(day)] for name, day in found]
    return [Table(report.say("Dates"), [report.say("Row"), report.say("Date")], rows)]


def _population(report: Report) -> list[Block]:
    facts = report.facts
    if "population_rate" not in facts:
        return []
    told = report.say(
        "The event rate is %(sample)s in the table and stated to be %(population)s in the population. The "
        "model's probabilities are corrected to the population; measures and charts show the table as it is.",
        sample=percent(facts["sample_rate"]).text, population=percent(facts["population_rate"]).text,
    )  # fmt: skip
    return [Text(told)]
