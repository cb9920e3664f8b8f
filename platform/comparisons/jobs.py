"""The long work of this app."""

from django.utils.translation import gettext_lazy as _

from comparisons.job_kinds import JobKind
from jobs.context import JobContext
from jobs.registry import JobRunner


class CompareModels(JobRunner):
    """Sets models beside each other on the same rows."""

    name = JobKind.COMPARE_MODELS
    label = _("Compare models on the same rows")
    needs = ("comparisons.runner.comparing",)

    def run(self, context: JobContext) -> None:
        from comparisons.runner.comparing import run

        run(self.job, context)
