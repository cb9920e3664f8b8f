"""The long work of this app: reading a file, or the answer to a query, into a version."""

from django.utils.translation import gettext_lazy as _

from catalog.job_kinds import JobKind
from jobs.context import JobContext
from jobs.registry import JobRunner
from uploads import services


class ReadFile(JobRunner):
    name = JobKind.INGEST
    label = _("Read a file")
    needs = ("uploads.runner",)

    def run(self, context: JobContext) -> None:
        from uploads import runner

        runner.ingest(self.job, context)

    def on_end(self) -> None:
        services.on_ingest_end(self.job)
