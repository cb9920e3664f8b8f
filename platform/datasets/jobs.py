"""The long work of this app: rebuilding a version from its source and comparing."""

from django.utils.translation import gettext_lazy as _

from datasets.job_kinds import JobKind
from jobs.context import JobContext
from jobs.registry import JobRunner


class RebuildVersion(JobRunner):
    name = JobKind.VERIFY
    label = _("Rebuild a version and compare")
    needs = ("datasets.verifying",)

    def run(self, context: JobContext) -> None:
        from datasets import verifying

        verifying.run(self.job, context)
