"""What the rooms of re-runs hold in the sample workspace: a small experiment, run again by somebody else."""

from dataclasses import replace

from accounts.models import Workspace
from audit.models import AuditEntry
from checks.models import DataCheck
from planning.plans.plan import Plan
from planning.services.cloning import clone_experiment
from planning.services.drafting import save_plan
from planning.services.starting import start_experiment
from reruns.services import run_again
from training.models import Budget, Experiment
from training.queries.participants import CLONED

NAME = "德国信用：复跑示例 German credit, to be run again"
# Seconds of work, however busy the machine is.
TRIALS, LEARNERS = 1, ("linear",)


def bring_small_experiment() -> None:
    """Clone the sample experiment once into one of a few quick trials, and start it."""
    experiment = Experiment.objects.filter(is_sample=True).select_related("owner", "workspace", "data_check").first()
    if experiment is None or experiment.data_check.state != DataCheck.State.READY:
        return
    if AuditEntry.objects.filter(action=CLONED, details__name=experiment.name, actor=experiment.owner).exists():
        return
    small = clone_experiment(experiment, experiment.owner, name=NAME).experiment
    quick = replace(
        Plan.of(small), budget=Budget.TRIALS, trials=TRIALS, learners=LEARNERS, ensemble=False, feature_effort="off"
    )
    save_plan(small, quick)
    start_experiment(small, experiment.owner)


def ask_for_sample(experiment: Experiment) -> None:
    """Have the small experiment run again by an admin who had no part in it, once it has ended."""
    workspace: Workspace = experiment.workspace
    if not workspace.is_sample or experiment.name != NAME or experiment.reruns.exists():
        return
    other = workspace.admins().exclude(pk=experiment.owner_id).first()
    if other is not None:
        run_again(experiment, other)
