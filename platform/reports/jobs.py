"""The long work of this app: making a validation report."""

from django.utils.translation import gettext_lazy as _

from jobs.context import JobContext
from jobs.registry import JobRunner
from reports.job_kinds import JobKind


class MakeReport(JobRunner):
    name = JobKind.REPORT
    label = _("Make a validation report")
    needs = ("reports.runner", "experiments.report.making")

    def run(self, context: JobContext) -> None:
        from reports import runner

        runner.run(self.job, context)
