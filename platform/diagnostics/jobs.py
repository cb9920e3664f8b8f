"""The long work of this app: a closer look at a model, which reads its table."""

from django.utils.translation import gettext_lazy as _

from diagnostics import services
from diagnostics.job_kinds import JobKind
from jobs.context import JobContext
from jobs.registry import JobRunner


class LookCloser(JobRunner):
    name = JobKind.INQUIRY
    label = _("Analyse a model")
    needs = ("diagnostics.runner.answering",)

    def run(self, context: JobContext) -> None:
        from diagnostics.runner import answering

        answering.run(self.job, context)

    def on_end(self) -> None:
        services.on_end(self.job)
