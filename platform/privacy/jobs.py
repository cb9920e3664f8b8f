"""The long work of this app: protecting the personal data of a version."""

from django.utils.translation import gettext_lazy as _

from jobs.context import JobContext
from jobs.registry import JobRunner
from privacy.job_kinds import JobKind


class ProtectPersonalData(JobRunner):
    name = JobKind.PROTECT
    label = _("Protect personal data")
    needs = ("privacy.runner",)

    def run(self, context: JobContext) -> None:
        from privacy import runner

        runner.run(self.job, context)
