"""A scorecard edited by hand: its rows counted once, its bins kept as they were cut, the rest learnt and measured anew.

Only training rows are counted and fitted on. The rows set aside are read once when a card is opened, to show how its
bins did there, and once for each card that is refitted; either counts as one more reading of them.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from experiments.artifact.held_out_scores import read_validated
from experiments.artifact.manifest import attach, read_attached
from experiments.errors import BadInput, gettext_noop
from experiments.features.binning import BinningProcess
from experiments.features.bins import BinnedColumn
from experiments.features.selection import most_promising
from experiments.features.woe import information_value
from experiments.keeping import keep_models
from experiments.learners import LEARNERS
from experiments.learners.scorecard import BY_HAND, ScorecardLearner, ScorecardModel
from experiments.progress import OnProgress, ignore
from experiments.scorecard.editing.draft import CardDraft, draft_of
from experiments.scorecard.editing.fine_counts import count_finely
from experiments.scorecard.editing.seen import BinSeen, CardSeen
from experiments.scorecard.editing.weighing import counts_of_rows
from experiments.scorecard.scorecard import Scorecard
from experiments.scoring.card import card_in
from experiments.search.candidate import Candidate
from experiments.search.cross_validation import FoldScores, cross_validate
from experiments.search.finalist import ByHand, Finalist
from experiments.search.leaderboard import rank_beside
from experiments.search.measuring import differences_of, measure
from experiments.search.members import fit_members
from experiments.search.preparing import read_question, with_columns
from experiments.search.replay import STORY
from experiments.search.run import Run
from experiments.search.shortlist import calibrated
from experiments.search.training_data import TrainingData
from experiments.search.trial import FINISHED, TrialRecord
from experiments.spec import ExperimentSpec, SearchBudget
from experiments.stored import plain

#: Columns offered beside those on the card, strongest first.
MOST_OFFERED = 30
FEATURES, MODELS = "features.json", "models"
NO_COLUMNS = gettext_noop("No column is left on the card: put some in, or lower the floor of the information value.")
SIGN_FLIPS = gettext_noop(
    "%(columns)s was to stay on the card, but with the other columns its sign flips: more risk would earn more "
    "points. Take it out, or merge bins of it or of the columns that carry the same information."
)


@dataclass(frozen=True)
class OpenedCard:
    """A card ready to be edited: what it says, its coefficients and how its bins did on rows set aside."""

    draft: CardDraft
    coefficients: dict[str, float]
    intercept: float
    seen: CardSeen


def open_card(
    spec: ExperimentSpec,
    table: Path,
    *,
    model: Path,
    work_dir: Path,
    counts: Path,
    withheld: frozenset[str] = frozenset(),
    on_reading: Callable[[], None] = lambda: None,
    on_progress: OnProgress = ignore,
) -> OpenedCard:
    """Count a card's training rows on a fine grid, so that its bins can be changed without the table.

    Parameters
    ----------
    counts : folder the counts are kept in. withheld : columns that are not offered beside those on the card.
    on_reading : told before the rows set aside are read, to show how the saved bins did on them.
    """
    card = card_in(model)
    with threadpool_limits(1):
        run = Run.begun(SearchBudget(None, 1), on_progress)
        run.listener.begin("prepare")
        data = _data(spec, table, work_dir, run, on_card=set(card.columns_))
        train = data.split.train
        draft = draft_of(card, _offered(card, data, spec, withheld, run).values(), sources=data.generator.sources_)
        names = [column.name for column in draft.columns]
        months = None if data.split.period_of_row is None else data.split.period_of_row[train]
        run.listener.begin("full_folds")
        count_finely(
            data.table[names].iloc[train], data.y[train], draft.columns, counts, weight=data.weights(train),
            months=months,
        )  # fmt: skip
        on_reading()
        return _opened(card, draft, data)


def refit_card(
    spec: ExperimentSpec,
    table: Path,
    draft: CardDraft,
    *,
    name: str,
    work_dir: Path,
    made_of: Finalist,
    known: list[Finalist],
    changes: int = 0,
    on_reading: Callable[[], None] = lambda: None,
    on_progress: OnProgress = ignore,
) -> Finalist:
    """Fit a card by its bins, validate it on the run's folds, read the rows set aside once, and save it as a model.

    Parameters
    ----------
    name : of the new finalist. made_of : the one it was edited from; its folder has the story of the run.
    known : all finalists of the run, with their folders. changes : how many were made by hand.
    on_reading : told before the rows set aside are read; it counts that.

    Raises
    ------
    BadInput : no column is left, or one that was to stay turns its sign.
    """
    with threadpool_limits(1):
        run = Run.begun(SearchBudget(None, 1), on_progress)
        run.listener.begin("prepare")
        data = _data(spec, table, work_dir, run, on_card={column.name for column in draft.on_card})
        run.listener.begin("full_folds")
        candidate = _candidate(draft, name, data, run, spec)
        _require_wanted(draft, candidate)
        on_reading()
        (measured,) = measure([candidate], data, run, spec)
        evidence = {
            **measured.evidence, "by_hand": ByHand(made_of.candidate, changes).to_dict(), "trial": None,
            "difference": plain({n: d.to_dict() for n, d in _differences(candidate, known, data).items()}),
        }  # fmt: skip
        run.listener.begin("explain")
        new = replace(measured, evidence=evidence)
        (kept,) = keep_models([new], [candidate], data, run, spec, work_dir / MODELS)
        ranked = rank_beside(kept, known, spec)
        return _sealed(next(row for row in ranked if row.candidate == name), ranked, made_of)


def _data(spec: ExperimentSpec, table: Path, work_dir: Path, run: Run, *, on_card: set[str]) -> TrainingData:
    """Read the question as the run did; columns it derived are made only where the card has some."""
    data = read_question(spec, table)
    if on_card <= set(data.table.columns):
        return data
    return with_columns(data, spec, run=run, kept=work_dir / FEATURES)


def _offered(
    card: Scorecard, data: TrainingData, spec: ExperimentSpec, withheld: frozenset[str], run: Run
) -> dict[str, BinnedColumn]:
    """Return the strongest columns that are not on the card, binned as a first proposal."""
    train, made = data.split.train, data.generator.sources_
    others = {
        column.name: column.type
        for column in data.columns_for(LEARNERS[ScorecardLearner.name])
        if withheld.isdisjoint(made.get(column.name, [column.name])) and column.name not in card.columns_
    }
    frame, y, weight = data.table.iloc[train], data.y[train], data.weights(train)
    if len(others) > MOST_OFFERED:
        mass = np.ones(len(y)) if weight is None else weight
        others = {name: others[name] for name in most_promising(frame, list(others), y, mass, limit=MOST_OFFERED)}
    found = BinningProcess().fit(
        frame, y, weight=weight, monotone=data.monotone, special_values=data.special_values, columns=others,
        pulse=run.time.pulse,
    ).bins_  # fmt: skip
    ordered = sorted(found.items(), key=lambda item: item[1].iv_floor - item[1].iv)
    return {name: column for name, column in ordered if len(column.bins) > 1}


def _candidate(draft: CardDraft, name: str, data: TrainingData, run: Run, spec: ExperimentSpec) -> Candidate:
    """Score the card out of fold, each fold with its own weights and coefficients, and fit it on the training rows."""
    learner, params = LEARNERS[ScorecardLearner.name], {BY_HAND: draft.to_dict()}
    began = run.clock.elapsed
    scores = cross_validate(
        learner, params, data, run, seed=spec.seed, folds=data.folds, scores=FoldScores(np.full(len(data.y), np.nan)),
        on_fold=lambda _so_far: run.time.pulse(),
    )  # fmt: skip
    record = TrialRecord(
        0, ScorecardLearner.name, BY_HAND, FINISHED, params, auc=float(np.mean(scores.aucs)),
        seconds=run.clock.elapsed - began, fold_aucs=tuple(scores.aucs), iterations=tuple(scores.iterations),
    )  # fmt: skip
    candidate = calibrated(record, scores.margins, scores.models, data)
    candidate.own_name = name
    (ready,) = fit_members([candidate], data, run, spec.seed)
    return ready


def _require_wanted(draft: CardDraft, candidate: Candidate) -> None:
    card = candidate.members[0]
    assert isinstance(card, ScorecardModel)
    if not card.card.columns_:
        raise BadInput(NO_COLUMNS)
    lost = [one.name for one in draft.columns if one.wanted == "in" and one.name not in card.card.columns_]
    if lost:
        raise BadInput(SIGN_FLIPS, columns=", ".join(lost))


@dataclass(frozen=True)
class _Validated:
    """What another finalist said of the rows it was validated on, as kept beside its model."""

    name: str
    rows: np.ndarray
    p_valid: np.ndarray


def _differences(candidate: Candidate, known: list[Finalist], data: TrainingData) -> Mapping[str, Any]:
    others = []
    for row in known:
        scores = read_validated(row.model_dir) if row.model_dir else None
        if scores is not None and row.candidate != candidate.name:
            others.append(_Validated(row.candidate, scores.rows, scores.p))
    return differences_of(candidate, others, data)


def _sealed(kept: Finalist, ranked: list[Finalist], made_of: Finalist) -> Finalist:
    """Put the story of the run beside the model, with the leaderboard as it is with this one on it."""
    assert made_of.model_dir is not None
    assert kept.model_dir is not None
    story = read_attached(made_of.model_dir, STORY)
    story = {**story, "finalists": [{**row.to_dict(), "model_dir": None} for row in ranked]}
    seal = attach(kept.model_dir, {STORY: json.dumps(plain(story), ensure_ascii=False, indent=1)})["seal"]
    return replace(kept, model_seal=seal)


def _opened(card: Scorecard, draft: CardDraft, data: TrainingData) -> OpenedCard:
    coefficients = dict(zip(card.columns_, card.coefficients_.tolist(), strict=True))
    return OpenedCard(draft, coefficients, float(card.intercept_), _seen(card, data))


def _seen(card: Scorecard, data: TrainingData) -> CardSeen:
    """Count a saved card's bins on training rows and on the rows set aside."""
    train, unseen = data.split.train, data.split.held_out
    columns, values = {}, {}
    for name, column in card.binning_.bins_.items():
        size = len(column.bins)
        seen, other = (
            counts_of_rows(column.assign(data.table[name].iloc[rows]), data.y[rows], data.weights(rows), size)
            for rows in (train, unseen)
        )
        columns[name] = tuple(
            BinSeen(int(seen.rows[n]), _rate(seen, n), int(other.rows[n]), _rate(other, n)) for n in range(size)
        )
        values[name] = information_value(other.events, other.non_events)
    return CardSeen(data.split.held_out_kind, columns, values)


def _rate(counts: Any, place: int) -> float | None:
    total = counts.events[place] + counts.non_events[place]
    return float(counts.events[place] / total) if total else None
