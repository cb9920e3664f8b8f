"""The long work of this app: making the list of the chosen customers."""

from django.utils.translation import gettext_lazy as _

from jobs.context import JobContext
from jobs.registry import JobRunner
from scenarios.job_kinds import JobKind


class ChooseCustomers(JobRunner):
    name = JobKind.CHOOSE
    label = _("List the chosen customers")
    needs = ("scenarios.runner",)

    def run(self, context: JobContext) -> None:
        from scenarios import runner

        runner.run(self.job, context)
