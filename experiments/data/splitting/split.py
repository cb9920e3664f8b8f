"""A split: which rows are learnt from, judged on and left out, and the sentence that says so."""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from experiments.data.splitting.labelled_table import LabelledTable, besides, months_of
from experiments.data.splitting.time_folds import Fold
from experiments.errors import gettext_noop
from experiments.sentence import Sentence
from experiments.stored import Part, Stored

__all__ = ["Split"]

MANY_ROWS = 100_000
FOLDS_FOR_MANY_ROWS = 3


@dataclass(frozen=True)
class RowsOfSplit(Part):
    """How many labelled rows have which part."""

    train: int = 0
    validation: int = 0
    held_out: int = 0
    left_out: int = 0


@dataclass(frozen=True)
class SplitFacts(Stored):
    """What is kept of a split: sizes, dates and sentences, without the rows themselves; see ``Split``."""

    what = gettext_noop("a split")

    held_out_kind: str = "held_out"
    scheme: str = "stratified"
    rows: RowsOfSplit = RowsOfSplit()
    folds: int = 0
    search_folds: int = 0
    description: Sentence = Sentence("")
    boundaries: dict[str, str] = field(default_factory=dict)
    notes: tuple[Sentence, ...] = ()

    @property
    def is_out_of_time(self) -> bool:
        """Whether time chose the rows set aside."""
        return self.held_out_kind == "out_of_time"


@dataclass(frozen=True)
class Split:
    """Which rows do what; every array holds absolute row positions of the table.

    Attributes
    ----------
    train, held_out : rows to learn from, and rows that are not used before the finalists are chosen.
    folds : ``(fit, valid)`` pairs; every finalist is scored on all of them. Rows to fit on lie inside ``train``, and so
        do those to validate on, unless a split column gave rows for validation.
    search_folds : the folds a search uses: all of them, or the first three from 100,000 training rows on.
    held_out_kind : ``out_of_time`` or ``held_out``.
    period_of_row : month of each row of the table as ``YYYY-MM`` (``None`` where undated), or ``None`` without dates.
    description : ``{"message", "params"}``, the split in one sentence.
    boundaries : dates of the first and last training and held-out row, months where dates stand for them; or empty.
    notes : further sentences worth showing, as ``{"message", "params"}``.
    scheme : what was done: ``stratified`` or ``grouped`` (folds by chance), ``time`` (folds in its order) or ``given``.
    training_folds : pairs inside ``train`` alone, by which columns are made before any model is judged; ``folds``
        unless a split column gave rows for validation.
    validation : rows a split column gave for validation only.
    left_out : labelled rows without a part: in an embargo, undated where dates decide, or without a word in a column.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from experiments.spec import ExperimentSpec
    >>> y = np.arange(200) % 4 == 0
    >>> frame = pd.DataFrame({"age": np.arange(200), "bad": y.astype(int)})
    >>> from experiments.data.splitting.scheme import split_rows
    >>> split_rows(frame, y.astype(float), spec=ExperimentSpec("bad", "1")).held_out_kind
    'held_out'
    """

    train: np.ndarray
    held_out: np.ndarray
    folds: list[Fold]
    search_folds: list[Fold]
    held_out_kind: Literal["out_of_time", "held_out"]
    period_of_row: np.ndarray | None
    description: dict[str, Any]
    boundaries: dict[str, str] = field(default_factory=dict)
    notes: list[dict[str, Any]] = field(default_factory=list)
    scheme: Literal["stratified", "grouped", "time", "given"] = "stratified"
    validation: np.ndarray = field(default_factory=lambda: np.array([], dtype=np.int64))
    left_out: np.ndarray = field(default_factory=lambda: np.array([], dtype=np.int64))
    training_folds: list[Fold] = field(default_factory=list)

    @property
    def ships_what_was_measured(self) -> bool:
        """Return whether the held-out rows may never be learnt from, not even by the model that is shipped."""
        return self.held_out_kind == "out_of_time" or self.scheme == "given"

    @property
    def folds_cover_train(self) -> bool:
        """Return whether each training row is fitted on in all folds but one, so that fold models cover all rows."""
        return self.scheme in ("stratified", "grouped") or len(self.validation) > 0

    @property
    def folds_are_drawn(self) -> bool:
        """Return whether the rows of a fold differ from the others by chance alone, neither by time nor as given."""
        return self.scheme in ("stratified", "grouped") or (self.scheme == "given" and not len(self.validation))

    def to_dict(self) -> dict[str, Any]:
        """Return sizes and sentences, without the rows themselves."""
        return self.facts.to_dict()

    @property
    def facts(self) -> SplitFacts:
        """Sizes, dates and sentences of it."""
        return SplitFacts(
            held_out_kind=self.held_out_kind,
            scheme=self.scheme,
            rows=RowsOfSplit(len(self.train), len(self.validation), len(self.held_out), len(self.left_out)),
            folds=len(self.folds),
            search_folds=len(self.search_folds),
            description=Sentence.from_dict(self.description),
            boundaries=self.boundaries,
            notes=tuple(Sentence.from_dict(note) for note in self.notes),
        )


def split_of(
    table: LabelledTable,
    train: np.ndarray,
    held_out: np.ndarray,
    folds: list[Fold],
    *,
    scheme: Literal["stratified", "grouped", "time", "given"],
    is_out_of_time: bool,
    message: str,
    params: dict[str, Any],
    boundaries: dict[str, str] | None = None,
    validation: np.ndarray | None = None,
) -> Split:
    """Return a split of these parts; labelled rows in none of them are left out."""
    validation = np.array([], dtype=np.int64) if validation is None else validation
    told = {"folds": len(folds), **({"group": table.group_name} if table.group_name else {}), **params}
    return Split(
        train=train,
        held_out=held_out,
        folds=folds,
        search_folds=folds[:FOLDS_FOR_MANY_ROWS] if len(train) >= MANY_ROWS else folds,
        held_out_kind="out_of_time" if is_out_of_time else "held_out",
        period_of_row=None if table.dates is None else months_of(table.dates),
        description={"message": message, "params": told},
        boundaries=boundaries or {},
        notes=table.notes,
        scheme=scheme,
        validation=validation,
        left_out=besides(table, np.concatenate([train, validation, held_out])),
        training_folds=folds,
    )
