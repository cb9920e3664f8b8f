"""The long work of this app: running an experiment."""

from django.utils.translation import gettext_lazy as _

from jobs.context import JobContext
from jobs.queues import EXPERIMENTS
from jobs.registry import JobRunner
from training import samples
from training.job_kinds import JobKind
from training.services import runs


class RunExperiment(JobRunner):
    name = JobKind.EXPERIMENT
    label = _("Run an experiment")
    queue = EXPERIMENTS
    needs = ("training.runner.experiment",)

    def run(self, context: JobContext) -> None:
        from training.runner import experiment

        experiment.run(self.job, context)

    def on_end(self) -> None:
        runs.end_experiment(self.job)
        samples.on_end(self.job)

    def on_pause(self) -> None:
        runs.follow_pause(self.job)
