"""Where the data come from, what the columns are, and why each was used or not."""

from experiments.errors import gettext_noop as _
from experiments.report.cells import code, count, number, percent, text
from experiments.report.content import Block, Cell, Table, Text
from experiments.report.on_file import HIDDEN, Report
from experiments.sentence import Sentence

NO_SOURCE = _(
    "The data's origin is not on record: the model was trained from a file on the command line. The hashes below "
    "identify the model and its evidence, not the table it was trained on."
)
NO_DICTIONARY = _(
    "No dictionary is on record for this table; the table below holds what the model itself knows of its columns."
)
NO_SCREENING = _(
    "No data check is on record for this model, so only the columns that the model itself left out are listed below."
)
TYPES = {
    "numeric": _("Number"),
    "categorical": _("Category"),
    "boolean": _("Yes or no"),
    "date": _("Date"),
    "text": _("Text"),
}
READ, UNREAD = _("in the model"), _("no influence on the score")
MOST_LEVELS = 8
LEFT_OUT = _("Left out by the person who set up the experiment.")


def lineage(report: Report) -> list[Block]:
    """List the table with what it was made of, and the hashes by which model and evidence are known."""
    sources = report.known.sources
    blocks: list[Block] = [_sources(report)] if sources else [Text(report.say(NO_SOURCE), "missing")]
    return [*blocks, _hashes(report)]


def _sources(report: Report) -> Table:
    header = [
        report.say("Data"), report.say("Version"), report.say("Rows"), report.say("Columns"), report.say("Made by"),
        report.say("Date"), report.say("SHA-256"),
    ]  # fmt: skip
    rows = [
        [text(one.name), text(one.version), count(one.rows), count(one.columns), text(one.made), text(one.made_on),
         code(one.sha256)]
        for one in report.known.sources
    ]  # fmt: skip
    return Table(report.say("Where the data come from"), header, rows)


def _hashes(report: Report) -> Table:
    manifest = report.manifest
    files = {**manifest["checksums"], **manifest.get("attached", {})}
    rows = [[text(report.say("Model as a whole")), code(manifest["hash"])]]
    if manifest.get("seal"):
        rows.append([text(report.say("Model with its evidence")), code(manifest["seal"])])
    rows += [[code(name), code(found)] for name, found in files.items()]
    return Table(report.say("Hashes"), [report.say("File"), report.say("SHA-256")], rows)


def dictionary(report: Report) -> list[Block]:
    """List the columns with the bank's words for them."""
    if not report.known.columns:
        return [Text(report.say(NO_DICTIONARY), "missing"), _signature(report)]
    header = [
        report.say("Column"), report.say("Name"), report.say("Type"), report.say("Role"), report.say("Missing"),
        report.say("Meaning"),
    ]  # fmt: skip
    rows = [
        [code(one.name), text(one.label), text(one.type), text(one.role), percent(one.missing), text(one.meaning)]
        for one in report.known.columns
    ]
    return [Table(report.say("Columns of the table"), header, rows)]


def _signature(report: Report) -> Table:
    header = [report.say("Column"), report.say("Name"), report.say("Type"), report.say("Values")]
    rows = [
        [code(one["name"]), text(report.column(one["name"])), text(report.word(TYPES.get(one["type"], one["type"]))),
         _levels(report, one)]
        for one in report.manifest["signature"]
    ]  # fmt: skip
    return Table(report.say("Columns the model was trained on"), header, rows)


def _levels(report: Report, column: dict) -> Cell:
    levels = column.get("levels") or []
    if levels and report.is_secret(column["name"]):
        return text(HIDDEN)
    shown = [report.value(column["name"], str(level)) for level in levels[:MOST_LEVELS]]
    return text(report.listed([*shown, *(["…"] if len(levels) > MOST_LEVELS else [])]))


def screening(report: Report) -> list[Block]:
    """Give for every column whether it was used, and why not where it was not."""
    known = report.known.columns
    blocks: list[Block] = [_screened(report)] if known else [Text(report.say(NO_SCREENING), "missing"), _used(report)]
    return [*blocks, *_card_selection(report), *_derived_dropped(report)]


def _screened(report: Report) -> Table:
    header = [
        report.say("Column"), report.say("IV"), report.say("AUC alone"), report.say("Share of contributions"),
        report.say("Verdict"),
    ]  # fmt: skip
    rows = [
        [text(one.label or one.name), number(one.information_value), number(one.single_auc),
         percent(report.manifest["importance"].get(one.name)), text(_verdict(report, one.name, one.verdict))]
        for one in report.known.columns
    ]  # fmt: skip
    return Table(report.say("Every column and its verdict"), header, rows)


def _used(report: Report) -> Table:
    own = [one["name"] for one in report.manifest["signature"]]
    rows = [
        [text(report.column(name)), percent(report.manifest["importance"].get(name)), text(_verdict(report, name, ""))]
        for name in own
    ]
    rows += [[text(report.column(name)), percent(None), text(report.say(LEFT_OUT))] for name in report.spec.excluded]
    header = [report.say("Column"), report.say("Share of contributions"), report.say("Verdict")]
    return Table(report.say("Every column and its verdict"), header, rows)


def _verdict(report: Report, name: str, on_record: str) -> str:
    """Return why a column is not used, or that it is, and whether it weighs anything."""
    if on_record:
        return on_record
    dropped = {one.column: one.sentence for one in _selection(report)}
    if name in dropped:
        return report.told(_with_words(report, dropped[name]))
    if name in report.spec.excluded:
        return report.say(LEFT_OUT)
    return report.word(READ if report.manifest["importance"].get(name) else UNREAD)


def _selection(report: Report) -> list:
    card = report.evidence.scorecard
    return [one for one in card.selection if not one.is_kept] if card else []


def _card_selection(report: Report) -> list[Block]:
    left = _selection(report)
    if not left:
        return []
    rows = [[text(report.column(one.column)), text(report.told(_with_words(report, one.sentence)))] for one in left]
    header = [report.say("Column"), report.say("Why it was left out")]
    return [Table(report.say("Columns the scorecard left out"), header, rows)]


def _with_words(report: Report, sentence: Sentence) -> Sentence:
    """Name the columns in a sentence as the bank does."""
    params = {
        name: report.column(value) if name in ("column", "other") and isinstance(value, str) else value
        for name, value in sentence.params.items()
    }
    return Sentence(sentence.message, params)


def _derived_dropped(report: Report) -> list[Block]:
    found = (report.run.get("decisions") or {}).get("features") or {}
    rows = [
        [text(one.get("name") or report.say("all")), text(report.told(Sentence.from_dict(one)))]
        for one in found.get("dropped") or []
    ]
    header = [report.say("Derived column"), report.say("Why it was left out")]
    return [Table(report.say("Derived columns that were left out"), header, rows)] if rows else []
