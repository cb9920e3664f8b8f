"""The long work of this app: writing a model in another form and proving that it scores alike."""

from django.utils.translation import gettext_lazy as _

from exports.job_kinds import JobKind
from jobs.context import JobContext
from jobs.registry import JobRunner


class MakeExport(JobRunner):
    name = JobKind.EXPORT
    label = _("Export a model")
    needs = ("exports.runner", "experiments.exports.making")

    def run(self, context: JobContext) -> None:
        from exports import runner

        runner.run(self.job, context)
