"""What changes if the model takes the champion's place: measures on the same rows, and who changes sides."""

from experiments.comparison.page import GROUPS
from experiments.comparison.words import events_changed
from experiments.errors import gettext_noop as _
from experiments.report.background import Swapped
from experiments.report.cells import count, number, percent, text
from experiments.report.content import Block, Heading, Table, Text, shown
from experiments.report.on_file import Report
from experiments.strategy.swap_set import Cell, SwapSet

NO_SWAP = _(
    "There is no swap set: no champion of the same question is on record with which this model could be compared on "
    "the same rows."
)
NOT_COUNTED = _(
    "Swapped customers were not yet counted when this model was compared with the champion. The Compare page shows "
    "them."
)
EQUAL_SHARE = _(
    "Both choose the same share, %(share)s of the customers, each those ranked first by its own score. Swapped in "
    "are customers whom only this model chooses, swapped out those whom only the champion chooses."
)
EQUAL_RATE = _(
    "Here this model chooses as many customers as keep the champion's event rate: %(other)s instead of %(share)s."
)
AMOUNT = _("The mean amount is that of the column %(column)s.")
NO_AMOUNT = _("No column of amounts is known, so no mean amount is shown.")
NO_MONEY = _(
    "No profit is shown: the value and the cost of an event were not entered when this report was requested. "
    "Enter them there to see the profit."
)
PROFIT = _("With the amounts entered, switching changes profit on these %(rows)s customers by %(amount)s.")


def swap_set(report: Report) -> list[Block]:
    """Tell what changes if this model takes the champion's place."""
    found = report.known.swapped
    if found is None:
        return [Text(report.known.why_no_swap or report.say(NO_SWAP), "missing")]
    blocks: list[Block] = [Text(report.say("Champion: %(name)s", name=found.champion)), *map(Text, found.told)]
    return [*blocks, _measures(report, found), *_swaps(report, found)]


def _measures(report: Report, found: Swapped) -> Table:
    header = [
        report.say("Measure"), report.say("This model"), report.say("Champion"), report.say("Difference"),
        report.say("From"), report.say("To"),
    ]  # fmt: skip
    rows = [[text(name), *(number(value) for value in values)] for name, *values in found.measures]
    return Table(report.say("This model and the champion on the same rows"), header, rows)


def _swaps(report: Report, found: Swapped) -> list[Block]:
    """Tell who changes sides at an equal share, and at an equal event rate."""
    swap = found.swap
    if swap is None:
        return [Text(report.say(NOT_COUNTED), "missing")]
    changed = events_changed(swap, rows=found.rows, is_risk=report.kind.is_risk)
    share = shown(swap.share, "percent")
    other = shown(swap.equal_rate.challenger_share, "percent")
    return [
        Heading(report.say("Who is swapped at an equal share")),
        Text(report.say(EQUAL_SHARE, share=share)),
        Text(report.told(changed)),
        _two_by_two(report, swap.equal_share),
        _groups(report, swap.equal_share, found, report.say("The four groups at an equal share")),
        *_notes(report, swap.equal_share, found),
        Heading(report.say("Who is swapped at an equal event rate")),
        Text(report.say(EQUAL_RATE, other=other, share=share)),
        _groups(report, swap.equal_rate, found, report.say("The four groups at an equal event rate")),
    ]


def _two_by_two(report: Report, cells: SwapSet) -> Table:
    """Return how many customers each chooses and not: the champion down, this model across."""
    champion = [
        (report.say("Chosen by the champion"), cells.both.customers, cells.swap_out.customers),
        (report.say("Not chosen by the champion"), cells.swap_in.customers, cells.neither.customers),
    ]
    whole = (report.say("All"), sum(row[1] for row in champion), sum(row[2] for row in champion))
    header = ["", report.say("Chosen by this model"), report.say("Not chosen by this model"), report.say("All")]
    return Table(
        report.say("Customers chosen by the one and by the other"), header,
        [[text(name), count(yes), count(no), count(yes + no)] for name, yes, no in (*champion, whole)],
    )  # fmt: skip


def _groups(report: Report, cells: SwapSet, found: Swapped, title: str) -> Table:
    header = [
        report.say("Group"), report.say("Customers"), report.say("Share"), report.say("Event rate"),
        report.say("From"), report.say("To"), report.say("Mean amount"), report.say("Profit"),
    ]  # fmt: skip
    rows = [
        [text(report.word(label)), count(cell.customers), percent(cell.share), percent(_rate(cell)),
         percent(cell.event_rate.low), percent(cell.event_rate.high), number(cell.mean_amount, "count"),
         number(_profit(report, cell), "count")]
        for name, label in GROUPS.items() if (cell := getattr(cells, name))
    ]  # fmt: skip
    return Table(title, header, rows)


def _rate(cell: Cell) -> float | None:
    return cell.event_rate.value if cell.customers >= 1 else None


def _profit(report: Report, cell: Cell) -> float | None:
    """Return what a group brings: money is linear in events, so counts and rate are enough."""
    stakes, rate = report.known.stakes, _rate(cell)
    return None if stakes is None or rate is None else cell.customers * float(stakes.expected(rate))


def _notes(report: Report, cells: SwapSet, found: Swapped) -> list[Block]:
    amount = report.say(AMOUNT, column=report.column(found.amount)) if found.amount else report.say(NO_AMOUNT)
    blocks: list[Block] = [Text(amount)]
    if report.known.stakes is None:
        return [*blocks, Text(report.say(NO_MONEY), "missing")]
    come, leave = (_profit(report, cell) or 0.0 for cell in (cells.swap_in, cells.swap_out))
    brings = shown(come - leave, "count")
    return [*blocks, Text(report.say(PROFIT, amount=brings, rows=shown(found.rows, "count")), "strong")]
