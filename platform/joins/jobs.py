"""The long work of this app: joining tables."""

from django.utils.translation import gettext_lazy as _

from jobs.context import JobContext
from jobs.registry import JobRunner
from joins import services
from joins.job_kinds import JobKind


class JoinTables(JobRunner):
    name = JobKind.JOIN
    label = _("Join tables")
    needs = ("joins.runner",)

    def run(self, context: JobContext) -> None:
        from joins import runner

        runner.run(self.job, context)

    def on_end(self) -> None:
        services.on_join_end(self.job)
