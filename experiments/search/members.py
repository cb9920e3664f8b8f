"""A candidate's models that saw training rows only, with which the held-out rows will be scored."""

from experiments.search.candidate import Candidate
from experiments.search.fit_task import FitTask
from experiments.search.fits import each_outcome
from experiments.search.reference import rows_of_reference
from experiments.search.refits import fit_task
from experiments.search.run import Run
from experiments.search.shortlist import skip_for_time
from experiments.search.time_policy import QUICK_FIT_SECONDS, OutOfTime, deadline_of_members
from experiments.search.training_data import TrainingData
from experiments.search.workers import FitFailed

# When hurried: rows times models to score.
CELLS_TO_MEASURE_IN_HASTE = 80_000


def fit_members(candidates: list[Candidate], data: TrainingData, run: Run, seed: int) -> list[Candidate]:
    """Return the candidates that have models which saw the training rows only, each with its own.

    When hurried, nothing is fitted here that can fall back on its folds' models: see ``measure``.
    """
    tasks, owners, late = [], [], []
    for candidate in candidates:
        is_readable = candidate.learner.simplicity <= 1
        has_seen_all = data.split.folds_cover_train and not is_readable
        # Where the measured model is shipped, fitting on a sample would waste the other rows.
        has_to_do = run.time.is_hurried or (candidate.is_of_sample and not data.split.ships_what_was_measured)
        if has_to_do and is_readable and _is_quick(candidate, data, run):
            # A printed scorecard should rest on all rows, not on those of all folds but one.
            has_to_do = False
        # An ensemble is made of its parts' folds; there is nothing to fit of its own.
        has_own = candidate.recipe is not None or has_to_do or (has_seen_all and not candidate.is_of_sample)
        if candidate.fold_models and has_own:
            # A readable model must be a single one: the average of several scorecards is not a scorecard.
            candidate.members = candidate.fold_models[: 1 if is_readable else _members_to_measure(data, run)]
            continue
        if candidate.fold_models and run.time.is_hurried:
            late.append(candidate)
            continue
        count = 2 if candidate.learner.has_rounds and not run.time.is_hurried else 1
        rows = data.split.train
        tasks += [fit_task(candidate.record, data, run, rows, seed + number) for number in range(count)]
        owners += [candidate] * count
    _fit_them(tasks, owners, data, run)
    if not late and not any(candidate.members for candidate in candidates):
        _fit_first(tasks, owners, data, run)  # However hurried the run, one is fitted.
    ready = [candidate for candidate in candidates if candidate.members or candidate in late]
    skip_for_time([candidate for candidate in candidates if candidate not in ready], run.listener)
    return ready


def _members_to_measure(data: TrainingData, run: Run) -> int | None:
    """Return how many fold models represent a candidate: when hurried, only as many as score the rows instantly."""
    if not run.time.is_hurried:
        return None
    return max(1, CELLS_TO_MEASURE_IN_HASTE // (len(data.split.held_out) + rows_of_reference(is_hurried=True)))


def fit_late(candidate: Candidate, data: TrainingData, run: Run, seed: int) -> None:
    """Fit on all training rows what was postponed while a result was urgent; otherwise the fold models have to do."""
    _fit_them([fit_task(candidate.record, data, run, data.split.train, seed)], [candidate], data, run)


def seconds_of_a_fit(candidate: Candidate, data: TrainingData) -> float:
    """Return what fitting a candidate on all training rows is expected to take."""
    return candidate.record.seconds / max(1, len(data.folds)) * (data.full_cost if candidate.is_of_sample else 1.0)


def _is_quick(candidate: Candidate, data: TrainingData, run: Run) -> bool:
    """Tell whether fitting a candidate once more, on all training rows, takes no time that anyone would notice."""
    seconds = seconds_of_a_fit(candidate, data)
    return run.decisions.decide(f"quick {candidate.name}", lambda: seconds < QUICK_FIT_SECONDS)


def _fit_them(tasks: list[FitTask], owners: list[Candidate], data: TrainingData, run: Run) -> None:
    """Give each owner the models of its tasks; where one fails or time runs out, what the folds gave has to do."""
    known = run.decisions.recall("members")
    wanted = [number for number in range(len(tasks)) if known is None or number in known]
    made = []
    try:
        chosen = [tasks[number] for number in wanted]
        deadline = run.time.until(deadline_of_members(run.time), in_haste=run.time.is_hurried)
        with deadline, each_outcome(chosen, data, run) as outcomes:
            for number, outcome in zip(wanted, outcomes, strict=True):
                owner = owners[number]
                if isinstance(outcome, FitFailed):
                    run.listener.skip(owner.name, outcome.message, **outcome.params)
                else:
                    owner.members = [*owner.members, outcome.model]
                    made.append(number)
    except OutOfTime:
        pass
    run.decisions.note("members", made)
    for owner in owners:
        owner.members = owner.members or owner.fold_models[:1]


def _fit_first(tasks: list[FitTask], owners: list[Candidate], data: TrainingData, run: Run) -> None:
    for task, owner in zip(tasks, owners, strict=True):
        with each_outcome([task], data, run) as outcomes:
            (outcome,) = outcomes
        if not isinstance(outcome, FitFailed):
            owner.members = [outcome.model]
            return
