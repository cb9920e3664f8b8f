"""Who changes sides between two of the models, in numbers and words, with the money that is given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.templatetags.formatting import NOTHING, count, metric, money, rate
from experiments.comparison.evidence import Against, ModelsCompared, Swap, SwappedSegment
from experiments.evaluation.intervals import Interval
from experiments.strategy.stakes import Stakes
from experiments.strategy.swap_set import Cell, SwapSet
from experiments.telling import minus, signed

EQUAL_SHARE, EQUAL_RATE = "share", "rate"
BY_AMOUNT = "amount"
SEGMENTS_SHOWN = 30
GROUPS = ("both", "swap_in", "swap_out", "neither")


@dataclass(frozen=True)
class Group:
    """One of the four groups."""

    label: str
    customers: str
    rate: str
    interval: str
    amount: str
    profit: str


@dataclass(frozen=True)
class Pair:
    """The switch to one of the models in one line."""

    letter: str
    customers: str
    events: str
    interval: str
    is_shown: bool


@dataclass(frozen=True)
class SwapShown:
    """The swap set that is looked at."""

    letter: str
    base: str
    at: str
    share: float
    shares: tuple[tuple[str, str, bool], ...]
    both: Group
    swap_in: Group
    swap_out: Group
    neither: Group
    sentence: str
    profit: str
    pairs: tuple[Pair, ...]
    swap: Swap
    segments: tuple[SwappedSegment, ...]
    has_amount: bool
    is_by_amount: bool


def swap_shown(
    found: ModelsCompared, letters: Sequence[str], asked: Mapping[str, str], *, stakes: Stakes | None
) -> SwapShown:
    """Return the swap set asked for: ``swap`` names the model, ``share`` and ``at`` what is held equal."""
    place = letters.index(asked["swap"]) if asked.get("swap") in letters[1:] else 1
    against = found.against[place - 1]
    swap = _at_share(found, against, asked.get("share", ""))
    at = EQUAL_RATE if asked.get("at") == EQUAL_RATE else EQUAL_SHARE
    cells = swap.equal_rate if at == EQUAL_RATE else swap.equal_share
    is_by_amount = asked.get("per") == BY_AMOUNT and swap.by_amount is not None
    # By amount only the switch as a whole is known, at the equal share.
    groups = {name: _group(name, getattr(cells, name), None if is_by_amount else stakes) for name in GROUPS}
    at = EQUAL_SHARE if is_by_amount else at
    changing = [one for one in swap.segments if one.swap_in + one.swap_out >= 0.5]
    return SwapShown(
        letter=letters[place], base=letters[0], at=at, share=swap.share,
        shares=tuple((f"{one.share:g}", rate(one.share, 0), one.share == swap.share) for one in against.swaps),
        **groups, sentence=_sentence(found, swap, at),
        profit=_profit_by_amount(found, swap, stakes) if is_by_amount else _profit(found, cells, stakes),
        pairs=tuple(
            _pair(found, each, letter, swap.share, is_shown=letter == letters[place])
            for each, letter in zip(found.against, letters[1:], strict=True)
        ),
        swap=next((one for one in against.swaps if one.rows), swap),
        segments=tuple(sorted(changing, key=lambda one: (one.column, -(one.swap_in + one.swap_out)))[:SEGMENTS_SHOWN]),
        has_amount=cells.both.mean_amount is not None, is_by_amount=is_by_amount,
    )  # fmt: skip


def _at_share(found: ModelsCompared, against: Against, asked: str) -> Swap:
    try:
        wanted = float(asked)
    except ValueError:
        wanted = found.chosen_share
    if wanted != wanted:
        wanted = found.chosen_share
    return min(against.swaps, key=lambda swap: abs(swap.share - wanted))


def group_words(name: str) -> str:
    """Return what one of the four groups is called."""
    words = {
        "both": _("Chosen by both"),
        "swap_in": _("Swapped in"),
        "swap_out": _("Swapped out"),
        "neither": _("Chosen by neither"),
    }
    return words[name]


def _group(name: str, cell: Cell, stakes: Stakes | None) -> Group:
    interval = cell.event_rate
    bounds = "" if interval.low != interval.low else f"{rate(interval.low)}–{rate(interval.high)}"
    value = None if stakes is None else _profit_of(cell, stakes)
    return Group(
        group_words(name), count(round(cell.customers)),
        rate(interval.value) if cell.customers >= 0.5 else NOTHING, bounds,
        NOTHING if cell.mean_amount is None else metric(cell.mean_amount, 0),
        NOTHING if value is None else money(value),
    )  # fmt: skip


def _profit_of(cell: Cell, stakes: Stakes) -> float | None:
    """Return what a group brings: money is linear in events, so counts and rate are enough."""
    if cell.event_rate.value != cell.event_rate.value:
        return None
    return cell.customers * float(stakes.expected(cell.event_rate.value))


def _profit(found: ModelsCompared, cells: SwapSet, stakes: Stakes | None) -> str:
    """Return the worth of the switch, what comes in less what leaves, with its interval."""
    if stakes is None:
        return ""
    come, leave = (_profit_of(cell, stakes) or 0.0 for cell in (cells.swap_in, cells.swap_out))
    if cells.profit_change is None:
        return _told(Interval(come - leave, float("nan"), float("nan")))
    # Each event counted as one: money is a straight line in events and in how many are chosen.
    level = stakes.without_event * (cells.challenger_share - cells.share)
    apart = stakes.with_event - stakes.without_event
    ends = sorted(found.rows * (level + apart * end) for end in (cells.profit_change.low, cells.profit_change.high))
    return _told(Interval(come - leave, ends[0], ends[1]))


def _profit_by_amount(found: ModelsCompared, swap: Swap, stakes: Stakes | None) -> str:
    """Return the worth of the switch where gain and loss are per cent of each customer's amount."""
    if stakes is None or swap.by_amount is None:
        return ""
    # The cost of contacts is per contact; as many are made either way.
    gain, loss = stakes.without_event + stakes.cost, stakes.with_event + stakes.cost
    change = swap.by_amount.money(without_event=gain / 100, with_event=loss / 100)
    return _told(Interval(*(found.rows * value for value in (change.value, change.low, change.high))))


def _told(change: Interval) -> str:
    if change.low != change.low:
        return _("On these customers, switching changes profit by %(amount)s.") % {"amount": money(change.value)}
    return _(
        "On these customers, switching changes profit by %(amount)s (95%% interval %(low)s to %(high)s)."
    ) % {
        "amount": money(change.value), "low": money(change.low), "high": money(change.high),
    }  # fmt: skip


def _sentence(found: ModelsCompared, swap: Swap, at: str) -> str:
    chosen = count(round(swap.share * found.rows))
    if at == EQUAL_RATE:
        other = count(round(swap.equal_rate.challenger_share * found.rows))
        return _("At the same event rate the other model chooses %(other)s customers instead of %(chosen)s.") % {
            "other": other, "chosen": chosen,
        }  # fmt: skip
    swapped = round(swap.equal_share.swap_in.customers)
    value, low, high = _events(found, swap)
    people = ngettext(
        "Of the same %(chosen)s chosen, %(n)s customer is swapped",
        "Of the same %(chosen)s chosen, %(n)s customers are swapped",
        swapped,
    ) % {"chosen": chosen, "n": count(swapped)}
    return _("%(people)s: %(change)s events among the chosen (95%% interval %(low)s to %(high)s).") % {
        "people": people, "change": signed(value, 0), "low": signed(low, 0), "high": signed(high, 0),
    }  # fmt: skip


def _events(found: ModelsCompared, swap: Swap) -> tuple[float, float, float]:
    change = swap.events_change
    return found.rows * change.value, found.rows * change.low, found.rows * change.high


def _pair(found: ModelsCompared, against: Against, letter: str, share: float, *, is_shown: bool) -> Pair:
    swap = min(against.swaps, key=lambda one: abs(one.share - share))
    value, low, high = _events(found, swap)
    return Pair(
        letter, count(round(swap.equal_share.swap_in.customers)), signed(value, 0),
        f"{minus(f'{low:.0f}')} – {minus(f'{high:.0f}')}", is_shown,
    )  # fmt: skip
