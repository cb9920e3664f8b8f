"""The long work of this app: dividing the rows of a plan."""

from django.utils.translation import gettext_lazy as _

from jobs.context import JobContext
from jobs.registry import JobRunner
from planning.job_kinds import JobKind
from planning.services import planned_splits


class SplitRows(JobRunner):
    name = JobKind.SPLIT
    label = _("Split the rows")
    needs = ("planning.runner.planned_split",)

    def run(self, context: JobContext) -> None:
        from planning.runner import planned_split

        planned_split.run(self.job, context)

    def on_end(self) -> None:
        planned_splits.on_end(self.job)
