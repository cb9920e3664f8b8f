"""A conversion in two stages: who responds, and who of those converts, searched apart and shipped as one model."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.data.target import read_target
from experiments.errors import BadInput, gettext_noop
from experiments.evaluation.calibrators import AnyCalibrator, PlattCalibrator, fit_calibrator
from experiments.evaluation.metrics import auc
from experiments.evaluation.odds import probability_of
from experiments.features.encoding import TableEncoder
from experiments.kinds import KINDS
from experiments.learners import LEARNERS, FittedModel
from experiments.learners.two_stage import CONVERSION, RESPONSE, Stage, TwoStage, TwoStageModel
from experiments.progress import Event, TrialFinished
from experiments.search.candidate import Candidate
from experiments.search.conductor import Search
from experiments.search.cross_validation import FoldScores, cross_validate
from experiments.search.finalist import Finalist
from experiments.search.listener import Listener
from experiments.search.members import fit_members
from experiments.search.refits import Refits
from experiments.search.run import Run
from experiments.search.shortlist import shortlist
from experiments.search.time_policy import SHARE_AFTER_STAGE, OutOfTime, seconds_of_stage, seconds_of_stages
from experiments.search.training_data import TrainingData
from experiments.search.trial import FINISHED, TrialLog, TrialRecord
from experiments.search.workers import FitFailed
from experiments.spec import ExperimentSpec, SearchBudget

# Of the trials that are asked for, what each of the two models takes.
SHARE_OF_TRIALS = 0.2
LEAST_OF_A_KIND = 10
MOST_WITHOUT_RESPONSE = 0.05
# What repeating it requires.
MADE = "two-stage model"
OnTrial = Callable[[str, TrialRecord], None]

NEEDS_CONVERSION = gettext_noop(
    "A response column is only for conversion: choose that kind, or leave the response column out."
)
NO_STAGES_WITH_RATE = gettext_noop(
    "A two-stage model cannot be corrected to a population event rate: leave out the rate, or the response column."
)
NOT_IN_STAGES = gettext_noop(
    "%(share)s of the customers who converted did not respond according to %(column)s. A conversion must follow a "
    "response: choose another column, or another value that means responded."
)
TOO_FEW_RESPONDED = gettext_noop(
    "Of the training rows that responded, %(events)s converted and %(others)s did not; each needs at least %(least)s."
)
NOW_THE_STAGES = gettext_noop("Two more models are built: who responds, and which of those convert.")
STAGE_FOUND = gettext_noop("%(learner)s is chosen for the %(stage)s: AUC %(auc)s on %(rows)s rows.")
ENDED_BEFORE_STAGES = gettext_noop(
    "The run was ended before both models of the two-stage model were ready, so it was left out."
)
NO_STAGES_IN_TIME = gettext_noop("There was no time left to make both models of the two-stage model.")
STAGES_BESIDE_DIRECT = gettext_noop(
    "Two-stage model: AUC %(two_stage)s, log loss %(two_stage_loss)s. Best single model (%(direct)s): AUC "
    "%(direct_auc)s, log loss %(direct_loss)s."
)


def is_two_stage(spec: ExperimentSpec) -> bool:
    """Tell whether a question is about a conversion that follows a known response.

    Raises
    ------
    BadInput : there is a response column, but the rest of the question does not go with it.
    """
    if spec.response_column is None:
        return False
    if not KINDS[spec.kind].may_follow_response:
        raise BadInput(NEEDS_CONVERSION)
    if spec.population_rate is not None:
        raise BadInput(NO_STAGES_WITH_RATE)
    return True


def read_responses(spec: ExperimentSpec, frame: pd.DataFrame, y: np.ndarray) -> np.ndarray | None:
    """Return 1 (responded), 0 or NaN (unknown) for each row; None for a question without two stages.

    The few who converted without a response on record count as having responded.

    Raises
    ------
    BadInput : too many converted without a response, or the column cannot be read.
    """
    if not is_two_stage(spec) or spec.response_column is None:
        return None
    responded, _ = read_target(frame[spec.response_column], spec.response_event)
    without = (y == 1) & (responded != 1)
    share = without.sum() / max(1, int((y == 1).sum()))
    if share > MOST_WITHOUT_RESPONSE:
        raise BadInput(NOT_IN_STAGES, share=f"{share:.0%}", column=spec.response_column)
    return np.where(y == 1, 1.0, responded)


def seconds_for_stages(data: TrainingData, run: Run) -> float:
    """Return the seconds of the budget that the direct search must leave for a two-stage model."""
    return seconds_of_stages(run.clock) if run.clock.is_timed and has_enough(data) else 0.0


def direct_spec(spec: ExperimentSpec, data: TrainingData) -> ExperimentSpec:
    """Return the question as the direct search is asked it: with its share of the trials where these are counted."""
    if spec.budget.trials is None or not has_enough(data):
        return spec
    return replace(spec, budget=SearchBudget(None, spec.budget.trials - 2 * _trials_of_a_link(spec)))


def _trials_of_a_link(spec: ExperimentSpec) -> int:
    """Return how many of the trials asked for go into each stage: none where there is not one for each search."""
    asked = spec.budget.trials or 0
    return min(max(1, round(SHARE_OF_TRIALS * asked)), max(0, asked - 1) // 2)


@dataclass(frozen=True)
class _Found:
    """The best family for one stage, its data, and its models for all folds."""

    candidate: Candidate
    data: TrainingData
    fold_models: list[FittedModel]


@dataclass
class TwoStageCandidate(Candidate):
    """The two-stage model as a finalist; ``found`` are its stages, to be refitted on all rows."""

    found: dict[str, _Found] = field(default_factory=dict)
    refitted: list[FittedModel] = field(default_factory=list)

    def refit(self, run: Run, seed: int, *, until: float) -> None:
        """Fit both stages on every labelled row, unless there is no time for both."""
        stages = {}
        for name, found in self.found.items():
            refits = Refits(found.data, run, seed, name=f"refits {name}")
            refits.make([*refits.first(found.candidate), *refits.more(found.candidate)], until=until)
            stages[name] = _stage(found, refits.members_of(found.candidate))
        if all(stage.members for stage in stages.values()):
            self.refitted = [TwoStageModel(self.encoder, stages)]

    @property
    def encoder(self) -> TableEncoder:
        """What turns a table into the stages' matrix."""
        (model,) = self.members
        assert isinstance(model, TwoStageModel)
        return model.encoder


def make_two_stage(
    spec: ExperimentSpec,
    data: TrainingData,
    run: Run,
    folder: Path,
    *,
    on_trial: OnTrial = lambda _stage, _trial: None,
    repeated: Sequence[TrialRecord] | None = None,
) -> TwoStageCandidate | None:
    """Search both stages on the rows and folds of the direct model, and multiply them.

    The response is learnt from all training rows, the conversion from those that responded. Each stage is calibrated on
    out-of-fold rows of its own question. A row's probability in validation comes from models that saw neither it nor,
    for the calibrator, its fold.

    Parameters
    ----------
    folder : where the stages' trials are kept. on_trial : told each of them as it ends, with the stage's name.
    repeated : the trials of a run that is repeated, those of the stages among them.

    Returns
    -------
    The two-stage model, or None where the question has no stages, or there are too few responses or too little time.
    """
    if data.responded is None or not _is_enough(data, run):
        return None
    of_link = {RESPONSE: _data_of(data, data.responded), CONVERSION: _converted(data)}
    if not run.time.is_hurried:
        run.listener.say(NOW_THE_STAGES)
    found = {}
    try:
        for name, its_data in of_link.items():
            _require_patience(run)
            # Of what was made before stages' trials were kept there is nothing to repeat; they are searched again.
            trials = [trial for trial in repeated or () if trial.stage == name] or None
            found[name] = _search(
                name, spec, its_data, run, folder / name, on_trial=partial(on_trial, name), repeated=trials
            )
        _require_patience(run)
        run.decisions.note(MADE, True)
    except (OutOfTime, FitFailed) as failure:
        run.decisions.note(MADE, False)
        run.listener.skip(TwoStage.name, ENDED_BEFORE_STAGES if isinstance(failure, _Ended) else NO_STAGES_IN_TIME)
        return None
    return _multiplied(found, data)


class _Ended(OutOfTime):
    """The run was asked to finish, and a two-stage model needs both its models."""


def _require_patience(run: Run) -> None:
    if run.decisions.recall(MADE) is False or run.listener.is_asked_to_finish:
        raise _Ended


def _converted(data: TrainingData) -> TrainingData:
    """Return the rows that responded, with whether they converted."""
    return _data_of(data, np.where(data.responded == 1, data.y, np.nan))


def _counts_of(converted: TrainingData) -> tuple[int, int]:
    y = converted.y[converted.split.train]
    return int((y == 1).sum()), int((y == 0).sum())


def has_enough(data: TrainingData) -> bool:
    """Tell whether a question can be answered in two stages: it follows a response, and enough of either kind did."""
    if data.responded is None:
        return False
    converted = _converted(data)
    has_both = all(len(np.unique(converted.y[rows])) == 2 for fold in converted.folds for rows in fold)
    return min(_counts_of(converted)) >= LEAST_OF_A_KIND and has_both


def _is_enough(data: TrainingData, run: Run) -> bool:
    if has_enough(data):
        return True
    events, others = _counts_of(_converted(data))
    run.listener.skip(TwoStage.name, TOO_FEW_RESPONDED, events=events, others=others, least=LEAST_OF_A_KIND)
    return False


def _data_of(data: TrainingData, y: np.ndarray) -> TrainingData:
    """Return the same table and split, narrowed to the rows with an answer to another question."""
    is_known = ~np.isnan(y) & ~np.isnan(data.y)

    def known(rows: np.ndarray) -> np.ndarray:
        return rows[is_known[rows]]

    split = replace(
        data.split,
        train=known(data.split.train),
        held_out=known(data.split.held_out),
        validation=known(data.split.validation),
        folds=[(known(fit), known(valid)) for fit, valid in data.split.folds],
        search_folds=[(known(fit), known(valid)) for fit, valid in data.split.search_folds],
    )
    return replace(data, y=np.where(is_known, y, np.nan), split=split, responded=None)


def _search(
    name: str,
    spec: ExperimentSpec,
    data: TrainingData,
    run: Run,
    folder: Path,
    *,
    on_trial: Callable[[TrialRecord], None],
    repeated: Sequence[TrialRecord] | None,
) -> _Found:
    """Return the best single model of one stage, with the models of its folds."""
    if run.clock.is_timed:
        granted = seconds_of_stage(run.time)
        budget = SearchBudget(granted)
    else:
        granted, budget = 0.0, SearchBudget(None, _trials_of_a_link(spec))
    asked = replace(
        spec, kind="response", budget=budget, response_column=None, response_event=None, ensemble=False,
        explainable_first=False,
    )  # fmt: skip
    quiet = _quiet_run(name, budget, run, on_trial)
    log = TrialLog(folder)
    search = Search(asked, data, quiet, log, reserve=SHARE_AFTER_STAGE * granted)
    with run.listener.searching():
        if repeated is None:
            search.conduct()
        else:
            search.repeat([replace(trial, stage="") for trial in repeated])
    _require_patience(run)
    candidates = shortlist(data, quiet, log, search.fold_models, asked)
    best = next((one for one in candidates if one.name != "baseline"), candidates[0])
    fold_models = _fold_models(best, data, quiet, spec.seed)
    (best,) = fit_members([best], data, quiet, spec.seed)
    run.decisions.note(_decisions_of(name), quiet.decisions.made)
    words = {"learner": best.name, "stage": name, "rows": f"{len(best.rows):,}"}
    run.listener.say(
        STAGE_FOUND, **words, auc=f"{auc(data.y[best.rows], best.p_valid, weight=data.weights(best.rows)):.4f}"
    )
    return _Found(best, data, fold_models)


def _quiet_run(name: str, budget: SearchBudget, run: Run, on_trial: Callable[[TrialRecord], None]) -> Run:
    """Return a clock of its own that keeps the pulse and tells its trials alone, to be counted among the run's."""

    def hear(event: Event) -> None:
        if isinstance(event, TrialFinished):
            on_trial(event.trial)
        run.time.pulse()

    # With the decisions of the run that is repeated, or none of its own.
    return Run.begun(budget, hear, replayed=run.decisions.recall(_decisions_of(name)), workers=run.workers)


def _decisions_of(name: str) -> str:
    return f"decisions of the {name} stage"


def _fold_models(candidate: Candidate, data: TrainingData, run: Run, seed: int) -> list[FittedModel]:
    """Return a model for each of the complete folds, fitted again where a search on a sample or of old left none."""
    if len(candidate.fold_models) == len(data.folds) and not data.is_sampled:
        return candidate.fold_models
    scores = FoldScores(np.full(len(data.y), np.nan))
    cross_validate(
        candidate.learner, candidate.record.params, data, run, seed=seed, folds=data.folds, scores=scores,
        on_fold=lambda so_far: None,
    )  # fmt: skip
    return scores.models


def _multiplied(found: dict[str, _Found], data: TrainingData) -> TwoStageCandidate:
    """Return the product as a finalist, with its probabilities on the rows that every finalist is validated on."""
    rows = np.concatenate([valid for _, valid in data.folds])
    margins, p_valid = np.zeros(len(data.y)), np.ones(len(data.y))
    for stage in found.values():
        raw = _raw_everywhere(stage, data)
        margins += np.log(stage.candidate.calibrator.apply(raw))
        p_valid *= _calibrated_apart(stage, raw, data)
    is_known = np.isfinite(margins) & np.isin(np.arange(len(margins)), rows)
    rows = np.flatnonzero(is_known)
    model = TwoStageModel(data.encoder, {name: _stage(stage, stage.candidate.members) for name, stage in found.items()})
    return TwoStageCandidate(
        record=_record(found, p_valid, data),
        margins=np.where(is_known, margins, np.nan),
        fold_models=[],
        rows=rows,
        # The product of two probabilities is one already, and must stay below its factors.
        calibrator=PlattCalibrator(0.0, 1.0),
        p_valid=p_valid[rows],
        members=[model],
        found=found,
    )


def _raw_everywhere(stage: _Found, data: TrainingData) -> np.ndarray:
    """Return out-of-fold probabilities, also of rows that this question was not put to: who has not responded."""
    learner = stage.candidate.learner
    raw = np.full(len(data.y), np.nan)
    for (_, valid), model in zip(data.folds, stage.fold_models, strict=True):
        raw[valid] = probability_of(model.margin(data.features(learner, valid)), learner.margin_unit)
    return raw


def _calibrated_apart(stage: _Found, raw: np.ndarray, data: TrainingData) -> np.ndarray:
    """Return calibrated probabilities, each fold's by a calibrator that was fitted on the others."""
    calibrated = np.full(len(raw), np.nan)
    for part in data.validated_parts:
        others = np.setdiff1d(stage.candidate.rows, part)
        fitted = fit_calibrator(stage.data.y[others], raw[others], weight=stage.data.weights(others))
        calibrated[part] = fitted.apply(raw[part])
    return calibrated


def _stage(found: _Found, members: list[FittedModel]) -> Stage:
    calibrator: AnyCalibrator = found.candidate.calibrator
    return Stage(found.candidate.name, members, calibrator)


def _record(found: dict[str, _Found], p_valid: np.ndarray, data: TrainingData) -> TrialRecord:
    aucs = [float(auc(data.y[valid], p_valid[valid], weight=data.weights(valid))) for _, valid in data.folds]
    params: dict[str, Any] = {
        name: {
            "learner": stage.candidate.name,
            "rows": len(stage.data.split.train),
            "auc": round(stage.candidate.record.auc or 0.0, 4),
            **stage.candidate.record.params,
        }
        for name, stage in found.items()
    }
    return TrialRecord(
        number=0, learner=TwoStage.name, backend=TwoStage.name, state=FINISHED, params=params, auc=float(np.mean(aucs)),
        objective=float(np.mean(aucs)), fold_aucs=tuple(aucs), iterations=(1,),
        seconds=sum(stage.candidate.record.seconds for stage in found.values()),
    )  # fmt: skip


def compare(finalists: list[Finalist], listener: Listener) -> None:
    """Say how the two-stage model compares with the best single model in validation."""
    two_stage = next((row for row in finalists if row.learner == TwoStage.name), None)
    singles = [row for row in finalists if row.learner in LEARNERS]
    if two_stage is None or not singles:
        return
    direct = max(singles, key=lambda row: row.auc)
    listener.say(
        STAGES_BESIDE_DIRECT, two_stage=f"{two_stage.auc:.4f}", two_stage_loss=_loss(two_stage),
        direct=direct.candidate, direct_auc=f"{direct.auc:.4f}", direct_loss=_loss(direct),
    )  # fmt: skip


def _loss(row: Finalist) -> str:
    return f"{row.metrics['validation']['log_loss']['value']:.4f}"
