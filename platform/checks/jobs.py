"""The long work of this app: checking the data of a question."""

from django.utils.translation import gettext_lazy as _

from checks import lifecycle
from checks.job_kinds import JobKind
from jobs.context import JobContext
from jobs.registry import JobRunner


class CheckData(JobRunner):
    name = JobKind.CHECK
    label = _("Check the data")
    needs = ("checks.runner",)

    def run(self, context: JobContext) -> None:
        from checks import runner

        runner.run(self.job, context)

    def on_end(self) -> None:
        lifecycle.on_check_end(self.job)
