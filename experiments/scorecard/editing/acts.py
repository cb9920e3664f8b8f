"""What people do to a card: each act reads what was sent, changes the card, and says in a sentence what it did."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from experiments.errors import BadInput, gettext_noop
from experiments.scorecard.editing import edits
from experiments.scorecard.editing.draft import WANTED, CardDraft, DraftColumn
from experiments.scorecard.editing.fine_counts import FineCounts
from experiments.sentence import Sentence

MERGED = gettext_noop("%(column)s: bins %(number)s and %(next)s merged")
MOVED = gettext_noop("%(column)s: border moved from %(old)s to %(new)s")
SPLIT = gettext_noop("%(column)s: bin %(number)s split at %(border)s")
SPLIT_LEVELS = gettext_noop("%(column)s: %(levels)s split off bin %(number)s")
TREND_SET = gettext_noop("%(column)s: binned again, trend %(trend)s")
ORDER_SET = gettext_noop("%(column)s: order of values set, trend %(trend)s")
TREATED = gettext_noop("%(column)s: bin %(number)s treated as %(treatment)s")
TREATED_LIKE = gettext_noop("%(column)s: bin %(number)s has the weight of bin %(like)s")
PUT_IN = gettext_noop("%(column)s always stays on the card")
LEFT_OUT = gettext_noop("%(column)s left out")
BY_ITSELF = gettext_noop("%(column)s stays if predictive enough")
SCALED = gettext_noop("Points: %(base)s at odds of %(odds)s to 1, %(pdo)s more double the odds")
LIMITED = gettext_noop("At most %(columns)s columns, information value at least %(floor)s")
NOT_A_NUMBER = gettext_noop("“%(value)s” is not a number.")
NOT_A_PLACE = gettext_noop("“%(value)s” is not a whole number.")
UNKNOWN = gettext_noop("%(value)s is not one of: %(known)s.")
BAD_LIMITS = gettext_noop(
    "The number of columns must be from 1 to 100, the floor of the information value from 0 to 1."
)
WANTED_TOLD = {"in": PUT_IN, "out": LEFT_OUT, "auto": BY_ITSELF}
MOST_LEVELS_TOLD = 5
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Asked:
    """A change as it was sent: values by field, of which some may stand more than once."""

    fields: Mapping[str, Any]

    def text(self, name: str) -> str:
        value = self.fields.get(name)
        return "" if value is None else str(value).strip()

    def number(self, name: str) -> float:
        """Return a number.

        Raises
        ------
        BadInput : it is none.
        """
        try:
            found = float(self.text(name).replace(",", "").replace("−", "-"))
        except ValueError as error:
            raise BadInput(NOT_A_NUMBER, value=self.text(name)) from error
        if not math.isfinite(found):
            raise BadInput(NOT_A_NUMBER, value=self.text(name))
        return found

    def place(self, name: str) -> int:
        """Return the place of a bin, from 0.

        Raises
        ------
        BadInput : it is none.
        """
        number = self.number(name)
        if number != int(number):
            raise BadInput(NOT_A_PLACE, value=self.text(name))
        return int(number)

    def many(self, name: str) -> list[str]:
        value = self.fields.get(name)
        return [str(each) for each in value] if isinstance(value, list | tuple) else [str(value)] if value else []


@dataclass(frozen=True)
class Done:
    """The card after an act, what was done, and the column it was done to, if one."""

    draft: CardDraft
    told: Sentence
    column: str = ""


def do(act: str, draft: CardDraft, asked: Asked, counts: FineCounts) -> Done:
    """Return what an act makes of a card.

    Raises
    ------
    BadInput : it cannot be done so.
    """
    if act in OF_COLUMN:
        column = draft.column(asked.text("column"))
        changed, told = OF_COLUMN[act](column, asked, counts)
        return Done(draft.with_column(changed), told, column.name)
    if act not in OF_CARD:
        raise BadInput(UNKNOWN, value=act, known=", ".join([*OF_COLUMN, *OF_CARD]))
    changed_card, told = OF_CARD[act](draft, asked)
    return Done(changed_card, told)


Changed = tuple[DraftColumn, Sentence]


def _merge(column: DraftColumn, asked: Asked, counts: FineCounts) -> Changed:
    place = asked.place("bin")
    other = asked.place("with") if asked.text("with") else place + 1
    params = {"column": column.name, "number": min(place, other) + 1, "next": max(place, other) + 1}
    return edits.merge(column, place, other), Sentence(MERGED, params)


def _move(column: DraftColumn, asked: Asked, counts: FineCounts) -> Changed:
    place = asked.place("bin")
    moved = edits.move_border(column, counts, place, to=_border(column, asked, "to"))
    params = {"column": column.name, "old": _shown(column, place), "new": _shown(moved, place)}
    return moved, Sentence(MOVED, params)


def _split(column: DraftColumn, asked: Asked, counts: FineCounts) -> Changed:
    place = asked.place("bin")
    at = _border(column, asked, "at") if asked.text("at") else None
    parted = edits.split(column, counts, place, at=at, levels=asked.many("levels"))
    if column.is_ordered:
        params = {"column": column.name, "number": place + 1, "border": _shown(parted, place)}
        return parted, Sentence(SPLIT, params)
    levels = parted.regular[place + 1].levels
    shown = ", ".join(levels[:MOST_LEVELS_TOLD]) + (" …" if len(levels) > MOST_LEVELS_TOLD else "")
    return parted, Sentence(SPLIT_LEVELS, {"column": column.name, "number": place + 1, "levels": shown})


def _trend(column: DraftColumn, asked: Asked, counts: FineCounts) -> Changed:
    cut = edits.set_trend(column, counts, asked.text("trend"))
    return cut, Sentence(TREND_SET, {"column": column.name, "trend": cut.trend})


def _order(column: DraftColumn, asked: Asked, counts: FineCounts) -> Changed:
    levels = [line.strip() for text in asked.many("levels") for line in text.splitlines() if line.strip()]
    trend = asked.text("trend") or "auto"
    ordered = edits.set_order(column, counts, levels, trend=trend)
    return ordered, Sentence(ORDER_SET, {"column": column.name, "trend": trend})


def _treat(column: DraftColumn, asked: Asked, counts: FineCounts) -> Changed:
    place, treatment = asked.place("bin"), asked.text("treatment")
    kind, _mark, like = treatment.partition("-")
    bins = {str(number): number for number in range(len(column.regular))}
    joined_to = bins.get(like) if kind == "joined" else None
    treated = edits.treat(column, place, kind, joined_to=joined_to)
    params: dict[str, Any] = {"column": column.name, "number": place + 1}
    if joined_to is not None:
        return treated, Sentence(TREATED_LIKE, params | {"like": joined_to + 1})
    return treated, Sentence(TREATED, params | {"treatment": kind})


def _want(column: DraftColumn, asked: Asked, counts: FineCounts) -> Changed:
    wanted = asked.text("wanted")
    if wanted not in WANTED:
        raise BadInput(UNKNOWN, value=wanted, known=", ".join(WANTED))
    return replace(column, wanted=wanted), Sentence(WANTED_TOLD[wanted], {"column": column.name})


def _scale(draft: CardDraft, asked: Asked) -> tuple[CardDraft, Sentence]:
    base, odds, pdo = (asked.number(name) for name in ("base", "odds", "pdo"))
    params = {"base": f"{base:g}", "odds": f"{odds:g}", "pdo": f"{pdo:g}"}
    return draft.with_scale(base=base, odds=odds, pdo=pdo), Sentence(SCALED, params)


def _limits(draft: CardDraft, asked: Asked) -> tuple[CardDraft, Sentence]:
    columns, floor = asked.place("max_columns"), asked.number("iv_floor")
    if not (1 <= columns <= 100 and 0 <= floor <= 1):
        raise BadInput(BAD_LIMITS)
    told = Sentence(LIMITED, {"columns": columns, "floor": f"{floor:g}"})
    return replace(draft, max_columns=columns, iv_floor=floor), told


def _border(column: DraftColumn, asked: Asked, name: str) -> float:
    """Return a border that was typed: a number or, of a column of dates, a day as well, which counts from 1970."""
    if column.type == "date":
        try:
            return float((date.fromisoformat(asked.text(name)) - EPOCH).days)
        except ValueError:
            pass
    return asked.number(name)


def _shown(column: DraftColumn, place: int) -> str:
    """Return the border above a bin as people read it."""
    _low, _comma, high = column.to_binned().label(place).strip("[)").partition(", ")
    return high


OF_COLUMN: dict[str, Callable[[DraftColumn, Asked, FineCounts], Changed]] = {
    "merge": _merge, "move": _move, "split": _split, "trend": _trend, "order": _order, "treat": _treat,
    "want": _want,
}  # fmt: skip
OF_CARD: dict[str, Callable[[CardDraft, Asked], tuple[CardDraft, Sentence]]] = {
    "scale": _scale, "limits": _limits,
}  # fmt: skip

SETTINGS = ("iv_floor", "max_columns", "base", "odds", "pdo")


def part_of(draft: CardDraft, column: str) -> dict[str, Any]:
    """Return what an act on a column, or on the whole, changes of a card."""
    if column:
        return {"column": draft.column(column).to_dict()}
    return {"settings": {name: getattr(draft, name) for name in SETTINGS}}


def with_part(draft: CardDraft, part: Mapping[str, Any]) -> CardDraft:
    """Return a card with a part of it as it was at another time."""
    if "column" in part:
        return draft.with_column(DraftColumn.from_dict(part["column"]))
    return replace(draft, **part["settings"])
