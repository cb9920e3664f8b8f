"""The long work of this app: making a validation report, trying a template that a bank has brought."""

from django.utils.translation import gettext_lazy as _

from jobs.context import JobContext
from jobs.registry import JobRunner
from reports.job_kinds import JobKind


class MakeReport(JobRunner):
    name = JobKind.REPORT
    label = _("Make a validation report")
    needs = ("reports.runner.reports", "experiments.report.making")

    def run(self, context: JobContext) -> None:
        from reports.runner import reports

        reports.run(self.job, context)


class TryTemplate(JobRunner):
    name = JobKind.TRY_TEMPLATE
    label = _("Try a Word template")
    needs = ("reports.runner.word_templates", "experiments.report.word")

    def run(self, context: JobContext) -> None:
        from reports.runner import word_templates

        word_templates.run(self.job, context)
