"""The work of an experiment: the engine is called, and what it tells becomes rows as it is told."""

import math
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from checks import tables as check_tables
from common.masking import mask_traceback
from common.storage import key_of
from experiments import ExperimentResult, run_experiment
from experiments.errors import FinishNow
from experiments.progress import (
    BudgetOutlook,
    Event,
    ResultStands,
    Said,
    Skipped,
    StageStarted,
    Tick,
    TrialFinished,
)
from experiments.search.finalist import Finalist
from experiments.spec import ExperimentSpec
from jobs.models import Job
from jobs.outage import outlast
from training.models import Experiment, ExperimentState, LeaderboardRow, Trial
from training.queries.repeats import replay_for
from training.runner.continuation import bring_trials, let_go_of_earlier_result
from training.runner.measures import keep_measures
from training.runner.readings import count_readings
from training.signals import result_stored
from training.words import STAGE_SENTENCES

TRIAL_FIELDS = (
    "learner", "backend", "stage", "state", "params", "auc", "ks", "log_loss", "objective",
    "seconds", "elapsed", "peak_mb", "message", "frames",
)  # fmt: skip
FINALIST_FIELDS = ("candidate", "learner", "rank", "is_tie", "is_recommended", "reason", "metrics", "evidence")


def run(job: Job, context: Any) -> None:
    """Run the engine for the experiment of a job; called again after a crash, it goes on from the work directory."""
    experiment = Experiment.objects.select_related("data_check__version").get(pk=job.subject_id)
    Experiment.objects.filter(pk=experiment.pk).update(state=ExperimentState.RUNNING, updated_at=timezone.now())
    bring_trials(experiment)
    result = run_experiment(
        ExperimentSpec.from_dict(experiment.spec),
        check_tables.path_of(experiment.data_check),
        work_dir=experiment.work_dir,
        on_progress=Listener(experiment, context),
        **replay_for(experiment),
    )
    outlast(lambda: store_result(experiment, result))
    # Whoever hears of it may fail; the result is stored all the same.
    result_stored.send_robust(sender=Experiment, experiment=experiment)


class Listener:
    """Turns the engine's events into trials, log lines and progress of one experiment."""

    def __init__(self, experiment: Experiment, context: Any) -> None:
        self.experiment = experiment
        self.context = context
        self.was_told_to_finish = False

    def __call__(self, event: Event) -> None:
        outlast(lambda: self._hear(event))

    def _hear(self, event: Event) -> None:
        match event:
            case StageStarted(stage):
                self._progress(stage=STAGE_SENTENCES.get(stage, stage))
            case TrialFinished(trial):
                store_trial(self.experiment, trial)
                self._progress()
            case Said(message, params):
                self.context.say(message, params)
            case Skipped(learner, message, params):
                self._keep_skipped(learner, message, params)
            case BudgetOutlook():
                self._keep_outlook(event)
            case ResultStands(result):
                store_result(self.experiment, result, stands=True)
            case Tick(_, fraction, left):
                self._progress(percent=100 * fraction, expected_end=_moment_in(left))

    def _progress(self, **changes: Any) -> None:
        """Report progress; a wish to finish is passed on to the engine once, for its last steps report progress too."""
        try:
            self.context.progress(**changes)
        except FinishNow:
            if not self.was_told_to_finish:
                self.was_told_to_finish = True
                raise

    def _keep_outlook(self, event: BudgetOutlook) -> None:
        """Keep whether more time is worth it, as the engine last saw it."""
        outlook = {
            "necessary": event.necessary_seconds,
            "sufficient": event.sufficient_seconds,
            "message": event.message,
            "params": event.params,
        }
        outlook = json_ready(outlook)
        if outlook != self.experiment.result.get("outlook"):
            self.experiment.result["outlook"] = outlook
            Experiment.objects.filter(pk=self.experiment.pk).update(result=self.experiment.result)

    def _keep_skipped(self, learner: str, message: str, params: dict[str, Any]) -> None:
        entry = {"learner": learner, "message": message, "params": json_ready(params)}
        skipped = self.experiment.result.get("skipped", [])
        if entry not in skipped:
            self.experiment.result = {**self.experiment.result, "skipped": [*skipped, entry]}
            Experiment.objects.filter(pk=self.experiment.pk).update(result=self.experiment.result)


def store_trial(experiment: Experiment, trial: Any) -> None:
    """Keep a trial once: a run that goes on after a crash may tell of it again."""
    values = {name: json_ready(getattr(trial, name)) for name in TRIAL_FIELDS}
    values |= {name: mask_traceback(values[name] or "") for name in ("message", "frames")}
    Trial.objects.get_or_create(experiment=experiment, number=trial.number, defaults=values)


def _moment_in(seconds: float | None) -> Any:
    """Return when so many seconds will have passed; nothing where nobody can tell."""
    return None if seconds is None else timezone.now() + timedelta(seconds=seconds)


@transaction.atomic
def store_result(experiment: Experiment, result: ExperimentResult, *, stands: bool = False) -> None:
    """Store the finalists and what the run found; doing it twice leaves the same rows.

    Parameters
    ----------
    stands : the result is there to be used, though not all of it is made yet.
    """
    for trial in result.trials:
        store_trial(experiment, trial)
    for finalist in result.finalists:
        values = values_of(finalist) | {"model_path": _stored(finalist.model_dir)}
        LeaderboardRow.objects.update_or_create(experiment=experiment, candidate=finalist.candidate, defaults=values)
    names = [finalist.candidate for finalist in result.finalists]
    experiment.leaderboard.exclude(candidate__in=names).filter(model_versions=None).delete()
    keep_measures(experiment)
    found = {key: json_ready(value) for key, value in result.to_dict().items() if key not in ("finalists", "trials")}
    let_go_of_earlier_result(experiment)
    experiment.result = {**experiment.result, **found}
    if stands or "standing" in experiment.result:
        # Of a whole result it is kept as well: until the job has ended, the result page shall not vanish.
        saved = sum(finalist.model_dir is not None for finalist in result.finalists)
        experiment.result["standing"] = {"measured": len(result.finalists), "saved": saved}
    experiment.save(update_fields=["result", "updated_at"])
    count_readings(experiment)


def values_of(finalist: Finalist) -> dict[str, Any]:
    """Return a finalist as its row has it, but for its name and the place of its model."""
    values = {name: json_ready(getattr(finalist, name)) for name in FINALIST_FIELDS if name != "candidate"}
    return values | {"model_hash": finalist.model_hash, "model_seal": finalist.model_seal}


def _stored(folder: Path | None) -> str:
    """Return a model's folder as it is stored: a model that could not be saved in time has none."""
    return "" if folder is None else key_of(Path(folder))


def json_ready(value: Any) -> Any:
    """Make plain JSON of the engine's values: the database keeps no NaN and no numpy types."""
    if isinstance(value, dict):
        return {str(key): json_ready(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [json_ready(item) for item in value]
    if hasattr(value, "tolist"):
        return json_ready(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
