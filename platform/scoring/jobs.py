"""The long work of this app: scoring customers."""

from django.utils.translation import gettext_lazy as _

from jobs.context import JobContext
from jobs.registry import JobRunner
from scoring.job_kinds import JobKind


class ScoreCustomers(JobRunner):
    name = JobKind.SCORING
    label = _("Score customers")
    needs = ("scoring.runner",)

    def run(self, context: JobContext) -> None:
        from scoring import runner

        runner.run(self.job, context)

    def on_end(self) -> None:
        from scoring import runner

        runner.on_end(self.job)
