"""Reasons for a score in the bank's own words: at most four, none that contradicts its sentence."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, field
from functools import partial
from typing import Any, Self

import numpy as np
import pandas as pd

from experiments.errors import gettext_noop
from experiments.explanation.global_view import rank_correlation
from experiments.explanation.values import (
    Meanings,
    are_codes,
    kind_of,
    ranked_values,
    value_text,
    without_codes,
    word_of_code,
)
from experiments.features.encoding import Readings
from experiments.features.levels import FEW_ROWS, factorize_levels, mixes_flags
from experiments.generation.units import unit_of
from experiments.labels import label_of, language_of
from experiments.yes_no import meaning_of

LEAST_SHARE = 0.05
SIBLING_CORRELATION = 0.8
STEADY_TREND = 0.5
# Contributions are told apart to this many decimals: sums in another order must not change who speaks first.
DECIMALS = 9
_SAME = 2 * 10.0**-DECIMALS

#: What a value is in its column; the sentence follows from it.
STATES = ("plain", "high", "low", "late", "early", "empty", "yes", "no")
_EMPTY, _YES, _NO = (STATES.index(state) for state in ("empty", "yes", "no"))
#: What is said of a customer who has no reason: nothing raises the margin, or only what must not be named does.
NOTHING, WITHHELD = "nothing", "withheld"
_GIVEN, _NOTHING, _WITHHELD = range(3)
# For trends -1, 0 and 1: which states' sentences contradict it.
_CONTRARY = np.array([[state in {-1: ("high", "late"), 0: (), 1: ("low", "early")}[trend] for state in STATES]
                      for trend in (-1, 0, 1)])  # fmt: skip
SENTENCES = {
    "plain": gettext_noop("%(label)s is %(value)s"),
    "high": gettext_noop("%(label)s is high (%(value)s)"),
    "low": gettext_noop("%(label)s is low (%(value)s)"),
    "late": gettext_noop("%(label)s is late (%(value)s)"),
    "early": gettext_noop("%(label)s is early (%(value)s)"),
    "empty": gettext_noop("%(label)s is not known"),
    "yes": gettext_noop("%(label)s: yes"),
    "no": gettext_noop("%(label)s: no"),
    NOTHING: gettext_noop("None: no value raises this customer's probability above the average"),
    WITHHELD: gettext_noop(
        "Withheld: only protected attributes raise this customer's probability, and they may not be given as reasons"
    ),
}
# Who has a reason and why the others have none, in one sentence wherever it is told: the numbers add up to all.
ALL_GIVEN = gettext_noop("All %(rows)s customers have a reason.")
SOME_NOTHING = gettext_noop(
    "%(given)s of %(rows)s customers have a reason; for the other %(nothing)s no value raises the probability above "
    "the average."
)
SOME_WITHHELD = gettext_noop(
    "%(given)s of %(rows)s customers have a reason; for the other %(withheld)s only protected columns raise the "
    "probability, and these are never given as a reason."
)
SOME_OF_BOTH = gettext_noop(
    "%(given)s of %(rows)s customers have a reason; for %(nothing)s no value raises the probability above the average, "
    "and for %(withheld)s only protected columns do, which are never given as a reason."
)
OUTWEIGHED = gettext_noop(
    "For %(outweighed)s of the %(given)s with a reason a protected column weighs more; the reasons are those that "
    "come after it."
)
# Files of scores are written by the engine in the reader's language, so these few sentences travel with it.
_CHINESE = {
    "plain": "%(label)s为%(value)s",
    "high": "%(label)s偏高（%(value)s）",
    "low": "%(label)s偏低（%(value)s）",
    "late": "%(label)s较晚（%(value)s）",
    "early": "%(label)s较早（%(value)s）",
    "empty": "%(label)s缺失",
    "yes": "%(label)s：是",
    "no": "%(label)s：否",
    NOTHING: "无：没有任何取值使该客户的概率高于平均水平",
    WITHHELD: "不予列示：只有受保护列使该客户的概率升高，不得作为原因",
}
# Of a yes/no column whose name is one of a person, or says having or having done, Chinese makes a sentence of its own.
_ASKS = re.compile(r"^(?:是否|有否|有无|能否|可否)")
_PERSONS = re.compile(r"(?:会员|客户|用户|员工|职工|户主|业主|股东|学生|党员|居民|法人|[^个本他]人|者)$")


@dataclass(frozen=True)
class ReasonCounts:
    """How customers' reasons came out.

    Attributes
    ----------
    rows : customers. nothing : of whom no value raises the margin, so there is nothing to say.
    withheld : of whom only what must not be named does. masked : of whom what must not be named weighs most.
    """

    rows: int = 0
    nothing: int = 0
    withheld: int = 0
    masked: int = 0

    @property
    def given(self) -> int:
        """Customers with a reason."""
        return self.rows - self.nothing - self.withheld

    def to_dict(self) -> dict[str, int]:
        """Return the counts as JSON-ready plain data."""
        return {"given": self.given, **asdict(self)}

    def plus(self, other: "ReasonCounts") -> "ReasonCounts":
        """Return the counts of both."""
        return ReasonCounts(*(one + more for one, more in zip(astuple(self), astuple(other), strict=True)))


@dataclass(frozen=True)
class ReasonsTold:
    """How customers' reasons came out, in words: ``{message, params}`` of who has one, and of what outweighs them."""

    given: dict[str, Any]
    outweighed: dict[str, Any] | None

    @classmethod
    def of(cls, counts: Mapping[str, int]) -> Self:
        """Tell what ``ReasonCounts.to_dict`` gave.

        Examples
        --------
        >>> told = ReasonsTold.of({"rows": 200, "given": 135, "nothing": 29, "withheld": 36, "masked": 40})
        >>> (told.given["message"] % told.given["params"])[:61]
        '135 of 200 customers have a reason; for 29 no value raises th'
        >>> told.outweighed["params"]["outweighed"]
        '4'
        """
        nothing, withheld = (counts.get(name, 0) for name in ("nothing", "withheld"))
        # Of whom only a protected column speaks, of them it also weighs most.
        outweighed = max(counts.get("masked", 0) - withheld, 0)
        params = {name: f"{count:,}" for name, count in {**counts, "outweighed": outweighed}.items()}
        messages = {
            (False, False): ALL_GIVEN, (True, False): SOME_NOTHING, (False, True): SOME_WITHHELD,
            (True, True): SOME_OF_BOTH,
        }  # fmt: skip
        message = messages[nothing > 0, withheld > 0]
        return cls(
            {"message": message, "params": params},
            {"message": OUTWEIGHED, "params": params} if outweighed else None,
        )


@dataclass(frozen=True)
class Reason:
    """One reason: the column that speaks, the state of its value, and its group's contribution in margin units.

    ``also`` names the other columns whose contributions are in it, as they say the same. Who has none gets a reason
    without a column, whose state says why.
    """

    column: str
    state: str
    value: str
    phi: float
    also: tuple[str, ...] = ()

    def text(
        self,
        labels: Mapping[str, Mapping[str, str]] | None = None,
        language: str = "en",
        meanings: Mapping[str, Meanings] | None = None,
    ) -> str:
        """Return the bank's own sentence for the column, or one made of its label and value, in that language."""
        own = own_reason(self.column, labels or {}, language) if self.column else ""
        label, known = label_of(self.column, labels or {}, language), (meanings or {}).get(self.column)
        return own or sentence(self.state, label, self.value, language, known)

    def to_dict(self) -> dict[str, Any]:
        """Return the reason as JSON-ready plain data, with the translatable message."""
        return {**asdict(self), "also": list(self.also), "message": SENTENCES[self.state]}


@dataclass
class ReasonColumn:
    """What must be known of a column to speak of it: where low ends and high begins, and which way it pushes.

    Attributes
    ----------
    low, high : values up to ``low`` are low, from ``high`` on high: at most a third of development each; None where
        there is no such value, as in categories.
    trend : 1 or −1 when the contribution steadily rises or falls with the value, else 0.
    group : columns of one group are summed and give one reason.
    priority : breaks ties, lower first.
    is_withheld : never given as a reason, and a group of its own, so that no other column speaks for it.
    is_flag : its values are yes and no, or 1 and 0.
    reference : mean contribution of the reference population, which is subtracted.
    special_values : codes that are no quantities: neither high nor low, and without a part in the trend.
    """

    name: str
    type: str
    low: float | None = None
    high: float | None = None
    trend: int = 0
    group: str = ""
    priority: int = 0
    is_withheld: bool = False
    is_flag: bool = False
    reference: float = 0.0
    special_values: list[float] = field(default_factory=list)


@dataclass
class ReasonBook:
    """All that turns contributions into reasons; learnt once from development, kept with the model.

    Reasons speak for what raises the margin: the risk of a default model, the likelihood of a response or conversion
    (``direction`` −1 asks for what lowers it). Columns that say the same (|ρ| > 0.8, or of one named group) are summed.
    Groups with at least 5 % of all that speaks the same way and may be told are kept, largest first. A sentence that
    would contradict the column's steady trend ("is high" while high values lower the margin) is left out; when none is
    left, the largest is given without "high" or "low", and when no group raises the margin, the column that does most.
    Of the columns that are left out for good (``is_withheld``) nothing is said. So every customer of whom something
    speaks has a reason, and of any other it is said that there is none.

    The columns are those of the file: what derived columns contribute is added to theirs before (see
    ``FeatureGenerator.told_by_sources``).
    """

    columns: list[ReasonColumn] = field(default_factory=list)
    direction: int = 1

    def fit(
        self,
        frame: pd.DataFrame,
        phi: pd.DataFrame,
        *,
        types: Mapping[str, str] | None = None,
        groups: Mapping[str, str] | None = None,
        withheld: Iterable[str] = (),
        meanings: Mapping[str, Meanings] | None = None,
        reference_rows: np.ndarray | None = None,
        special_values: Mapping[str, Sequence[float]] | None = None,
    ) -> Self:
        """Learn from a development sample.

        Parameters
        ----------
        frame, phi : original columns and their contributions, same rows, columns of ``phi`` among those of ``frame``.
        groups : ``{column: name of its group}`` from the dictionary; correlated columns are grouped by themselves.
        withheld : columns that may not be given as a reason.
        meanings : what codes mean, by column; a column of codes is never called high or low.
        reference_rows : positions of the reference population, e.g. approved near the cut-off; all when not given.
        special_values : codes by column that are no quantities.
        """
        hidden = set(withheld)
        reference = phi if reference_rows is None else phi.iloc[reference_rows]
        self.columns = []
        ordered: dict[str, np.ndarray] = {}
        for position, name in enumerate(phi.columns):
            column = ReasonColumn(str(name), kind_of(frame[name], (types or {}).get(name)), priority=position)
            values = ranked_values(frame[name], column.type)
            if values is not None and column.type == "numeric":
                column.special_values = list((special_values or {}).get(column.name, ()))
                values = without_codes(values, column.special_values)
            if values is not None and not np.isnan(values).all():
                ordered[column.name] = values
                column.is_flag = _are_flags(column, values)
                if not are_codes(frame[name], (meanings or {}).get(column.name)):
                    column.low, column.high = _thirds(values)
                    column.trend = _steady_trend(values, phi[name].to_numpy(dtype=float))
            column.is_withheld = name in hidden
            column.reference = 0.0 if reference_rows is None else float(reference[name].mean())
            self.columns.append(column)
        siblings = _sibling_groups({name: values for name, values in ordered.items() if name not in hidden})
        for column in self.columns:
            named = "" if column.is_withheld else (groups or {}).get(column.name, "")
            column.group = named or siblings.get(column.name, column.name)
        return self

    def top_reasons(self, frame: pd.DataFrame, phi: np.ndarray | pd.DataFrame, n: int = 4) -> list[list[Reason]]:
        """Return up to ``n`` reasons for each row, the weightiest first.

        Parameters
        ----------
        frame : original columns, any order; phi : contributions of shape (rows, columns of the book).
        """
        parts = _matrix_of(phi, self.names)
        chosen = self._choose(frame, parts, n)
        reasons: list[list[Reason]] = [[] for _ in range(len(frame))]
        for rank in range(n):
            for row in np.flatnonzero(chosen.column[:, rank] >= 0):
                column = self.columns[chosen.column[row, rank]]
                cell = frame[column.name].iloc[row] if column.name in frame else None
                state = STATES[chosen.state[row, rank]]
                text = value_text(cell, column.type)
                also = self._summed_with(chosen.column[row, rank], parts[row], float(chosen.phi[row, rank]))
                reasons[row].append(Reason(column.name, state, text, float(chosen.phi[row, rank]), also))
        for row in np.flatnonzero(chosen.outcome != _GIVEN):
            reasons[row].append(Reason("", _CLOSINGS[chosen.outcome[row]], "", 0.0))
        return reasons

    def reason_table(
        self,
        frame: pd.DataFrame,
        phi: np.ndarray | pd.DataFrame,
        n: int = 4,
        *,
        labels: Mapping[str, Mapping[str, str]] | None = None,
        language: str = "en",
    ) -> pd.DataFrame:
        """Return columns ``reason_1`` … with the sentences (empty where there is none); fast for millions of rows."""
        texts = self.reason_texts(frame, phi, n, labels=labels, language=language)
        return pd.DataFrame(texts, columns=[f"reason_{number}" for number in range(1, n + 1)], index=frame.index)

    def reason_texts(
        self,
        frame: pd.DataFrame,
        phi: np.ndarray | pd.DataFrame,
        n: int = 4,
        *,
        labels: Mapping[str, Mapping[str, str]] | None = None,
        language: str = "en",
        readings: Readings | None = None,
    ) -> np.ndarray:
        """Return the sentences of ``reason_table`` as texts of shape (rows, n)."""
        return self.tell(frame, phi, n, labels=labels, language=language, readings=readings)[0]

    def tell(
        self,
        frame: pd.DataFrame,
        phi: np.ndarray | pd.DataFrame,
        n: int = 4,
        *,
        labels: Mapping[str, Mapping[str, str]] | None = None,
        meanings: Mapping[str, Meanings] | None = None,
        language: str = "en",
        readings: Readings | None = None,
    ) -> tuple[np.ndarray, ReasonCounts]:
        """Return the sentences as texts of shape (rows, n) and how many have one; ``readings`` as the encoder gives.

        ``meanings`` tell what the codes of a column mean, as the dictionary has it.
        """
        chosen = self._choose(frame, _matrix_of(phi, self.names), n, readings)
        texts = np.full((len(frame), n), "", dtype=object)
        for position in np.unique(chosen.column[chosen.column >= 0]).tolist():
            column = self.columns[position]
            rows, ranks = np.nonzero(chosen.column == position)
            label = label_of(column.name, labels or {}, language)
            own = own_reason(column.name, labels or {}, language)
            say = partial(sentence, label=label, language=language, meanings=(meanings or {}).get(column.name))
            texts[rows, ranks] = own or _sentences(column, frame, rows, chosen.state[rows, ranks], say, language)
        for outcome, closing in _CLOSINGS.items():
            if n:
                texts[chosen.outcome == outcome, 0] = sentence(closing, "", "", language)
        return texts, chosen.counts

    @property
    def names(self) -> list[str]:
        """Columns in the order of contributions."""
        return [column.name for column in self.columns]

    def without(self, columns: Iterable[str]) -> "ReasonBook":
        """Return the book of the other columns; earlier ones spoke of derived columns too."""
        left_out = set(columns)
        return ReasonBook([column for column in self.columns if column.name not in left_out], self.direction)

    def to_dict(self) -> dict[str, Any]:
        """Return the book as JSON-ready plain data."""
        return {"direction": self.direction, "columns": [asdict(column) for column in self.columns]}

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> "ReasonBook":
        """Build a book from what ``to_dict`` gave."""
        return cls([ReasonColumn(**column) for column in plain["columns"]], plain["direction"])

    def _choose(self, frame: pd.DataFrame, phi: np.ndarray, n: int, readings: Readings | None = None) -> "_Chosen":
        references = np.array([column.reference for column in self.columns])
        adverse = np.ascontiguousarray(np.round((phi - references) * self.direction, DECIMALS))
        states, is_contrary = self._states(frame, len(phi), readings)
        sums, speaker = self._spoken_for(adverse)
        rows = np.arange(len(phi))[:, None]
        mass = np.maximum(sums, 0.0)
        members = self._group_members()
        withheld = np.array([all(self.columns[m].is_withheld for m in group) for group in members], dtype=bool)
        is_masked = (mass > 0).any(axis=1) & withheld[np.argmax(mass, axis=1)]
        is_open = (mass > 0) & ~withheld
        least = LEAST_SHARE * np.where(is_open, mass, 0.0).sum(axis=1, keepdims=True)
        is_valid = is_open & (mass >= least) & ~is_contrary[rows, speaker]
        lacks_any = np.flatnonzero(~is_valid.any(axis=1) & is_open.any(axis=1))
        if len(lacks_any):
            largest = np.argmax(np.where(is_open, mass, -1.0)[lacks_any], axis=1)
            is_valid[lacks_any, largest] = True
            _say_plainly(states, lacks_any, speaker[lacks_any, largest])
        chosen = _top(np.where(is_valid, mass, 0.0), speaker, states, sums * self.direction, n)
        return self._with_single_columns(chosen, adverse, states, is_masked)

    def _with_single_columns(
        self, chosen: "_Chosen", adverse: np.ndarray, states: np.ndarray, is_masked: np.ndarray
    ) -> "_Chosen":
        """Give those without a reason the one column that speaks most, and find out why others have none."""
        lacking = np.flatnonzero(chosen.column[:, 0] < 0) if chosen.column.shape[1] else np.array([], dtype=np.int64)
        hidden = np.array([column.is_withheld for column in self.columns], dtype=bool)
        open_parts = np.where(hidden, -np.inf, adverse[lacking])
        best = np.argmax(open_parts, axis=1) if len(lacking) else lacking
        speaks = open_parts[np.arange(len(lacking)), best] > 0
        rows, columns = lacking[speaks], best[speaks]
        _say_plainly(states, rows, columns)
        chosen.column[rows, 0], chosen.state[rows, 0] = columns, states[rows, columns]
        chosen.phi[rows, 0] = adverse[rows, columns] * self.direction
        silent = lacking[~speaks]
        chosen.outcome[silent] = np.where((adverse[silent] > 0).any(axis=1), _WITHHELD, _NOTHING)
        chosen.is_masked[:] = is_masked
        return chosen

    def _spoken_for(self, adverse: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return each group's sum, shape (rows, groups), and the position of the column that speaks for it."""
        members = self._group_members()
        first = np.array([group[0] for group in members], dtype=np.int64)
        sums, speaker = adverse[:, first], np.tile(first, (len(adverse), 1))
        for place, group in enumerate(members):
            if len(group) > 1:
                for member in group[1:]:
                    sums[:, place] += adverse[:, member]
                speaker[:, place] = np.asarray(group)[np.argmax(self._audible(adverse, group), axis=1)]
        return np.round(sums, DECIMALS), speaker

    def _audible(self, adverse: np.ndarray, members: list[int]) -> np.ndarray:
        """Contributions of a group's members, those that may not speak put last."""
        hidden = np.array([self.columns[member].is_withheld for member in members])
        return np.where(hidden, -np.inf, adverse[:, members])

    def _group_members(self) -> list[list[int]]:
        members: dict[str, list[int]] = {}
        for position, column in sorted(enumerate(self.columns), key=lambda item: (item[1].priority, item[0])):
            members.setdefault(column.group, []).append(position)
        return list(members.values())

    def _summed_with(self, speaker: int, parts: np.ndarray, told: float) -> tuple[str, ...]:
        """Return the other columns that a reason's contribution is the sum of; none where the column speaks alone."""
        own = parts - np.array([column.reference for column in self.columns])
        if abs(own[speaker] - told) < _SAME:
            return ()
        group = self.columns[speaker].group
        return tuple(
            column.name
            for place, column in enumerate(self.columns)
            if column.group == group and place != speaker and abs(own[place]) >= _SAME
        )

    def _states(self, frame: pd.DataFrame, rows: int, readings: Readings | None) -> tuple[np.ndarray, np.ndarray]:
        """Return each cell's state and whether its sentence would contradict the column's trend."""
        states = np.full((rows, len(self.columns)), _EMPTY, dtype=np.int8)
        present = set(frame.columns.tolist())
        for position, column in enumerate(self.columns):
            values = (readings or {}).get((column.name, column.type))
            if values is not None:
                states[:, position] = _ranked_states(column, values)
            elif column.name in present:
                states[:, position] = _states_of(column, frame[column.name])
        trends = np.array([column.trend * self.direction for column in self.columns], dtype=np.int64)
        return states, _CONTRARY[trends + 1, states]


@dataclass(frozen=True)
class _Chosen:
    column: np.ndarray
    state: np.ndarray
    phi: np.ndarray
    outcome: np.ndarray
    is_masked: np.ndarray

    @property
    def counts(self) -> ReasonCounts:
        outcomes = np.bincount(self.outcome, minlength=3)
        return ReasonCounts(
            len(self.outcome), int(outcomes[_NOTHING]), int(outcomes[_WITHHELD]), int(self.is_masked.sum())
        )


_CLOSINGS = {_NOTHING: NOTHING, _WITHHELD: WITHHELD}


def sentence(
    state: str, label: str = "", value: str = "", language: str = "en", meanings: Meanings | None = None
) -> str:
    """Return a reason's sentence in English or Chinese; a code is told by its meaning where the dictionary has one.

    >>> sentence("high", "Education", "4", meanings={"4": {"en": "graduate"}}), sentence("high", "Income", "9,000")
    ('Education is graduate', 'Income is high (9,000)')
    """
    if meaning := _meaning(state, value, language, meanings):
        state, value = "plain", meaning
    if language_of(language) != "zh":
        return SENTENCES[state] % {"label": label, "value": value}
    if state in ("yes", "no"):
        return _flag_in_chinese(label, is_yes=state == "yes")
    # A space stands between Latin and Chinese; between two Chinese words it would be wrong.
    ends, begins = (" " if text.isascii() else "" for text in (label[-1:] or "。", value[:1] or "。"))
    return _CHINESE[state] % {"label": label + ends, "value": begins + value if state == "plain" else value}


def _meaning(state: str, value: str, language: str, meanings: Meanings | None) -> str:
    """Return what a code means; nothing where it means no more than yes or no, which has sentences of its own."""
    if state not in ("yes", "no"):
        return word_of_code(value, meanings, language)
    code = next((code for code in meanings or {} if meaning_of(code.strip()) == (state == "yes")), "")
    word = word_of_code(code, meanings, language)
    return word if meaning_of(word) is None else ""


def _flag_in_chinese(label: str, *, is_yes: bool) -> str:
    """Say of a yes/no column what it means, where its name allows: 不是活跃会员, 没有房贷, 未婚."""
    asked = _ASKS.match(label)
    thing = label[asked.end() :] if asked else label
    if asked and asked[0] in ("有否", "有无"):
        thing = f"有{thing}"
    if re.match(r"有(?!效|限|关|序|价)\w", thing):
        return thing if is_yes else f"没{thing}"
    if thing.startswith("已") and len(thing) > 1:
        return thing if is_yes else f"未{thing[1:]}"
    if _PERSONS.search(thing):
        return f"{'是' if is_yes else '不是'}{' ' if thing[0].isascii() else ''}{thing}"
    return _CHINESE["yes" if is_yes else "no"] % {"label": label}


def own_reason(column: str, labels: Mapping[str, Mapping[str, str]], language: str) -> str:
    """Return what the dictionary says to a customer of a column (``reason_en``, ``reason_zh``); it quotes no value."""
    return labels.get(column, {}).get(f"reason_{language}", "")


def _are_flags(column: ReasonColumn, values: np.ndarray) -> bool:
    """Tell whether a column says yes or no: a number of things that happens to be 0 or 1 does not."""
    filled = np.unique(values[~np.isnan(values)])
    if column.type == "date" or not set(filled.tolist()) <= {0.0, 1.0}:
        return False
    return column.type == "boolean" or (len(filled) == 2 and unit_of([column.name]) != "count")


def _say_plainly(states: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> None:
    """Take "high" and "low" from what is said of these cells."""
    found = states[rows, columns]
    states[rows, columns] = np.where(np.isin(found, (_EMPTY, _YES, _NO)), found, 0)


def _thirds(values: np.ndarray) -> tuple[float | None, float | None]:
    filled = values[~np.isnan(values)]
    if np.unique(filled).size <= 2:
        return None, None  # of two values neither is high or low, each is just what it is
    values, rows = np.unique(filled, return_counts=True)
    at_most = np.cumsum(rows) / len(filled)
    at_least = 1 - at_most + rows / len(filled)
    # A value that many customers share is ordinary: low and high hold at most a third (and a hair) each.
    low, high = values[at_most <= 0.34], values[at_least <= 0.34]
    return (float(low[-1]) if low.size else None), (float(high[0]) if high.size else None)


def _steady_trend(values: np.ndarray, phi: np.ndarray) -> int:
    correlation = rank_correlation(values, phi)
    return 0 if correlation is None or abs(correlation) < STEADY_TREND else int(np.sign(correlation))


def _sibling_groups(values: Mapping[str, np.ndarray]) -> dict[str, str]:
    """Return the first name of each cluster of columns that correlate above the limit."""
    names = list(values)
    if len(names) < 2:
        return {}
    table = pd.DataFrame({name: values[name] for name in names})
    ranks = table.rank().fillna(table.rank().mean())
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = np.nan_to_num(np.abs(np.corrcoef(ranks.to_numpy(), rowvar=False)))
    leader: dict[str, str] = {}
    for position, name in enumerate(names):
        near = [names[other] for other in range(position) if correlation[position, other] > SIBLING_CORRELATION]
        leader[name] = leader[near[0]] if near else name
    return leader


def _states_of(column: ReasonColumn, cells: pd.Series) -> np.ndarray:
    values = ranked_values(cells, column.type)
    if values is None:
        codes, _levels = factorize_levels(cells)
        return np.where(codes < 0, _EMPTY, 0).astype(np.int8)
    return _ranked_states(column, values)


def _ranked_states(column: ReasonColumn, values: np.ndarray) -> np.ndarray:
    high, low = ("late", "early") if column.type == "date" else ("high", "low")
    states = np.zeros(len(values), dtype=np.int8)
    if column.high is not None:
        states[values >= column.high] = STATES.index(high)
    if column.low is not None:
        states[values <= column.low] = STATES.index(low)
    if column.special_values:
        states[np.isin(values, column.special_values)] = 0
    if column.is_flag:
        states[values == 1], states[values == 0] = _YES, _NO
    states[np.isnan(values)] = _EMPTY
    return states


def _matrix_of(phi: np.ndarray | pd.DataFrame, names: list[str]) -> np.ndarray:
    matrix = phi[names] if isinstance(phi, pd.DataFrame) else phi
    return np.asarray(matrix, dtype=float)


def _top(mass: np.ndarray, speaker: np.ndarray, states: np.ndarray, sums: np.ndarray, n: int) -> _Chosen:
    rows, groups = mass.shape
    count = min(n, groups)
    # Groups stand in order of priority, and a stable sort keeps it among ties.
    order = np.argsort(-mass, axis=1, kind="stable")[:, :count]
    row = np.arange(rows)[:, None]
    is_given = mass[row, order] > 0
    column = np.full((rows, n), -1, dtype=np.int64)
    state, phi = np.zeros((rows, n), dtype=np.int8), np.zeros((rows, n))
    speaking = speaker[row, order]
    column[:, :count] = np.where(is_given, speaking, -1)
    state[:, :count] = states[row, speaking]
    phi[:, :count] = sums[row, order]
    return _Chosen(column, state, phi, np.zeros(rows, dtype=np.int64), np.zeros(rows, dtype=bool))


def _sentences(
    column: ReasonColumn,
    frame: pd.DataFrame,
    rows: np.ndarray,
    states: np.ndarray,
    say: Callable[..., str],
    language: str,
) -> np.ndarray:
    """Return one sentence a row, written once for each distinct value."""
    if column.name not in frame:
        return np.full(len(rows), say("empty"), dtype=object)
    cells = frame[column.name].iloc[rows]
    if len(rows) <= FEW_ROWS or mixes_flags(cells):
        texts = [value_text(cell, column.type, language) for cell in cells.tolist()]
        pairs = zip(states.tolist(), texts, strict=True)
        return np.array([say(STATES[state], value=text) for state, text in pairs], dtype=object)
    codes, values = pd.factorize(cells, use_na_sentinel=True)
    texts = [value_text(value, column.type, language) for value in values] + [""]
    keys = codes * len(STATES) + states
    distinct, inverse = np.unique(keys, return_inverse=True)
    written = [say(STATES[key % len(STATES)], value=texts[key // len(STATES)]) for key in distinct.tolist()]
    return np.array(written, dtype=object)[inverse]
