"""Reasons for a score in the bank's own words: at most four, none that contradicts its sentence."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import Any, Self

import numpy as np
import pandas as pd

from experiments.explanation.reason_codes.baseline import EVERYBODY, Baseline
from experiments.explanation.reason_codes.columns import (
    ReasonColumn,
    are_flags,
    ranked_states,
    sibling_groups,
    states_of,
    steady_trend,
    summed_groups,
    thirds_of,
)
from experiments.explanation.reason_codes.counts import ReasonCounts
from experiments.explanation.reason_codes.reason import Reason
from experiments.explanation.reason_codes.sentences import (
    EMPTY,
    NO,
    STATES,
    WITHHELD,
    YES,
    own_reason,
    sentence,
)
from experiments.explanation.reason_codes.wording import sentences_of
from experiments.explanation.values import (
    Meanings,
    are_codes,
    kind_of,
    ranked_values,
    value_text,
    without_codes,
)
from experiments.features.encoding import Readings
from experiments.labels import label_of

__all__ = ["ReasonBook"]

LEAST_SHARE = 0.05
# Contributions are compared to this many decimals: summing in another order must not change which comes first.
DECIMALS = 9
_SAME = 2 * 10.0**-DECIMALS
_GIVEN, _NOTHING, _WITHHELD = range(3)
# For trends -1, 0 and 1: which states' sentences contradict it.
_CONTRARY = np.array([[state in {-1: ("high", "late"), 0: (), 1: ("low", "early")}[trend] for state in STATES]
                      for trend in (-1, 0, 1)])  # fmt: skip


@dataclass
class ReasonBook:
    """Turns contributions into reasons; learnt once from the development sample and kept with the model.

    Reasons name what raises the margin: the risk of a default model, the likelihood of a response or conversion
    (``direction`` −1 asks for what lowers it). Columns that say the same (|ρ| > 0.8, or of one named group) are summed.
    Groups with at least 5 % of all that speaks the same way and may be told are kept, largest first. A sentence that
    would contradict the column's steady trend ("is high" while high values lower the margin) is left out; when none is
    left, the largest is given without "high" or "low", and when no group raises the margin, the column that does most.
    Withheld columns (``is_withheld``) are never named. So every customer with anything to explain the score has a
    reason, and the others are told that there is none.

    The columns are those of the file: what derived columns contribute is added to theirs before (see
    ``FeatureGenerator.told_by_sources``).

    References
    ----------
    Consumer Financial Protection Bureau, Regulation B, 12 CFR Part 1002, comment 9(b)(2): reasons for adverse
    action.

    Examples
    --------
    >>> frame = pd.DataFrame({"age": np.arange(100.0)})
    >>> phi = (50 - frame) / 50
    >>> book = ReasonBook().fit(frame, phi)
    >>> book.top_reasons(frame, phi)[0][0].state
    'low'
    """

    columns: list[ReasonColumn] = field(default_factory=list)
    direction: int = 1
    baseline: Baseline = EVERYBODY

    def fit(
        self,
        frame: pd.DataFrame,
        phi: pd.DataFrame,
        *,
        types: Mapping[str, str] | None = None,
        groups: Mapping[str, str] | None = None,
        withheld: Iterable[str] = (),
        meanings: Mapping[str, Meanings] | None = None,
        reference: np.ndarray | None = None,
        baseline: Baseline = EVERYBODY,
        special_values: Mapping[str, Sequence[float]] | None = None,
    ) -> Self:
        """Learn from a development sample.

        Parameters
        ----------
        frame, phi : original columns and their contributions, same rows, columns of ``phi`` among those of ``frame``.
        groups : ``{column: name of its group}`` from the dictionary; correlated columns are grouped by themselves, with
            those of a named group in it.
        withheld : columns that may not be given as a reason.
        meanings : what codes mean, by column; a column of codes is never called high or low.
        reference : contributions of the reference population, e.g. of those approved near the cut-off, shape (rows,
            columns of ``phi``); their mean is subtracted. Without it the typical customer is the reference.
        baseline : who the reference population is, as it is told.
        special_values : codes by column that are no quantities.
        """
        hidden = set(withheld)
        subtracted = np.zeros(phi.shape[1]) if reference is None else np.asarray(reference, dtype=float).mean(axis=0)
        self.columns, self.baseline = [], baseline
        ordered: dict[str, np.ndarray] = {}
        for position, name in enumerate(phi.columns):
            column = ReasonColumn(str(name), kind_of(frame[name], (types or {}).get(name)), priority=position)
            values = ranked_values(frame[name], column.type)
            if values is not None and column.type == "numeric":
                column.special_values = list((special_values or {}).get(column.name, ()))
                values = without_codes(values, column.special_values)
            if values is not None and not np.isnan(values).all():
                ordered[column.name] = values
                column.is_flag = are_flags(column, values)
                if not are_codes(frame[name], (meanings or {}).get(column.name)):
                    column.low, column.high = thirds_of(values)
                    column.trend = steady_trend(values, phi[name].to_numpy(dtype=float))
            column.is_withheld = name in hidden
            column.reference = float(subtracted[position])
            self.columns.append(column)
        siblings = sibling_groups({name: values for name, values in ordered.items() if name not in hidden})
        named = {name: group for name, group in (groups or {}).items() if name not in hidden}
        summed = summed_groups([column.name for column in self.columns], siblings, named=named)
        for column in self.columns:
            column.group = summed[column.name]
        return self

    def top_reasons(self, frame: pd.DataFrame, phi: np.ndarray | pd.DataFrame, *, n: int = 4) -> list[list[Reason]]:
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
            reasons[row].append(Reason("", self._closings[chosen.outcome[row]], "", 0.0))
        return reasons

    def reason_table(
        self,
        frame: pd.DataFrame,
        phi: np.ndarray | pd.DataFrame,
        *,
        n: int = 4,
        labels: Mapping[str, Mapping[str, str]] | None = None,
        language: str = "en",
    ) -> pd.DataFrame:
        """Return columns ``reason_1`` … with the sentences (empty where there is none); fast for millions of rows."""
        texts = self.reason_texts(frame, phi, n=n, labels=labels, language=language)
        return pd.DataFrame(texts, columns=[f"reason_{number}" for number in range(1, n + 1)], index=frame.index)

    def reason_texts(
        self,
        frame: pd.DataFrame,
        phi: np.ndarray | pd.DataFrame,
        *,
        n: int = 4,
        labels: Mapping[str, Mapping[str, str]] | None = None,
        language: str = "en",
        readings: Readings | None = None,
    ) -> np.ndarray:
        """Return the sentences of ``reason_table`` as texts of shape (rows, n)."""
        return self.tell(frame, phi, n=n, labels=labels, language=language, readings=readings)[0]

    def tell(
        self,
        frame: pd.DataFrame,
        phi: np.ndarray | pd.DataFrame,
        *,
        n: int = 4,
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
            texts[rows, ranks] = own or sentences_of(column, frame, rows, chosen.state[rows, ranks], say, language)
        for outcome, closing in self._closings.items():
            if n:
                texts[chosen.outcome == outcome, 0] = sentence(closing, "", value="", language=language)
        return texts, chosen.counts

    @property
    def _closings(self) -> dict[int, str]:
        """What is said of customers without a reason."""
        return {_NOTHING: self.baseline.nothing, _WITHHELD: WITHHELD}

    @property
    def names(self) -> list[str]:
        """Columns in the order of contributions."""
        return [column.name for column in self.columns]

    def without(self, columns: Iterable[str]) -> "ReasonBook":
        """Return the book of the other columns; earlier ones spoke of derived columns too."""
        left_out = set(columns)
        kept = [column for column in self.columns if column.name not in left_out]
        return ReasonBook(kept, self.direction, self.baseline)

    def withholding(self, columns: Iterable[str]) -> "ReasonBook":
        """Return the book that names none of some columns: what may be told was decided anew since it was learnt."""
        hidden = set(columns)
        kept = [
            replace(column, is_withheld=True, group=column.name) if column.name in hidden else column
            for column in self.columns
        ]
        return ReasonBook(kept, self.direction, self.baseline)

    def moved(self, by: np.ndarray) -> "ReasonBook":
        """Return the book with other references, moved by so much a column: what another reference would tell."""
        columns = [
            replace(column, reference=column.reference + float(more))
            for column, more in zip(self.columns, by, strict=True)
        ]
        return ReasonBook(columns, self.direction, self.baseline)

    def states(self, frame: pd.DataFrame) -> np.ndarray:
        """Return the state of each cell, shape (rows, columns of the book), of which a ``moved`` book has the same."""
        return self._states(frame, len(frame), None)

    def counted(self, phi: np.ndarray, *, states: np.ndarray) -> ReasonCounts:
        """Return of how many rows, whose states are known, something is told."""
        return self._choose_by(states, _matrix_of(phi, self.names), 1).counts

    def groups_told(self, phi: np.ndarray, *, states: np.ndarray, n: int = 4) -> list[frozenset[str]]:
        """Return by row, whose states are known, which groups of columns are given as reasons."""
        chosen = self._choose_by(states, _matrix_of(phi, self.names), n)
        groups = [column.group for column in self.columns]
        return [frozenset(groups[place] for place in row if place >= 0) for row in chosen.column.tolist()]

    def to_dict(self) -> dict[str, Any]:
        """Return the book as JSON-ready plain data."""
        columns = [asdict(column) for column in self.columns]
        return {"direction": self.direction, "columns": columns, "baseline": self.baseline.to_dict()}

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> "ReasonBook":
        """Build a book from what ``to_dict`` gave."""
        baseline = Baseline.from_dict(plain["baseline"]) if plain.get("baseline") else EVERYBODY
        return cls([ReasonColumn(**column) for column in plain["columns"]], plain["direction"], baseline)

    def _choose(self, frame: pd.DataFrame, phi: np.ndarray, n: int, readings: Readings | None = None) -> "_Chosen":
        return self._choose_by(self._states(frame, len(phi), readings), phi, n)

    def _choose_by(self, known: np.ndarray, phi: np.ndarray, n: int) -> "_Chosen":
        references = np.array([column.reference for column in self.columns])
        adverse = np.ascontiguousarray(np.round((phi - references) * self.direction, DECIMALS))
        # Where nothing else can be told, a state is made plainer for these rows.
        states, is_contrary = known.copy(), self._contradict(known)
        sums, speaker = self._spoken_for(adverse)
        rows = np.arange(len(phi))[:, None]
        mass = np.maximum(sums, 0.0)
        members = self._group_members()
        withheld = np.array([self.columns[group[0]].is_withheld for group in members], dtype=bool)
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
        """Give customers without a reason the single strongest column, and record why the rest have none."""
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
                speaker[:, place] = np.asarray(group)[np.argmax(adverse[:, group], axis=1)]
        return np.round(sums, DECIMALS), speaker

    def _group_members(self) -> list[list[int]]:
        """Return the columns of each group; one that may not be told is summed with no other, whatever they share."""
        members: dict[tuple[str, str], list[int]] = {}
        for position, column in sorted(enumerate(self.columns), key=lambda item: (item[1].priority, item[0])):
            alone = column.name if column.is_withheld else ""
            members.setdefault((column.group, alone), []).append(position)
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
            if column.group == group and not column.is_withheld and place != speaker and abs(own[place]) >= _SAME
        )

    def _states(self, frame: pd.DataFrame, rows: int, readings: Readings | None) -> np.ndarray:
        """Return each cell's state."""
        states = np.full((rows, len(self.columns)), EMPTY, dtype=np.int8)
        present = set(frame.columns.tolist())
        for position, column in enumerate(self.columns):
            values = (readings or {}).get((column.name, column.type))
            if values is not None:
                states[:, position] = ranked_states(column, values)
            elif column.name in present:
                states[:, position] = states_of(column, frame[column.name])
        return states

    def _contradict(self, states: np.ndarray) -> np.ndarray:
        """Tell of each cell whether its sentence would contradict the column's trend."""
        trends = np.array([column.trend * self.direction for column in self.columns], dtype=np.int64)
        return np.asarray(_CONTRARY[trends + 1, states])


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


def _say_plainly(states: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> None:
    """Describe these cells without "high" or "low"."""
    found = states[rows, columns]
    states[rows, columns] = np.where(np.isin(found, (EMPTY, YES, NO)), found, 0)


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
