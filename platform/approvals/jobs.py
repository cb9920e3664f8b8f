"""The long work of this app: gathering the evidence of a finalist, comparing two versions."""

from django.utils.translation import gettext_lazy as _

from approvals.job_kinds import JobKind
from jobs.context import JobContext
from jobs.registry import JobRunner


class GatherEvidence(JobRunner):
    name = JobKind.EVIDENCE
    label = _("Gather the evidence for a model")
    needs = ("approvals.runner.dossier",)

    def run(self, context: JobContext) -> None:
        from approvals.runner import dossier

        dossier.run(self.job, context)

    def on_end(self) -> None:
        from approvals.services.dossiers import tell_gathered

        tell_gathered(self.job)


class CompareVersions(JobRunner):
    name = JobKind.COMPARISON
    label = _("Compare two versions on the same rows")
    needs = ("approvals.runner.comparison",)

    def run(self, context: JobContext) -> None:
        from approvals.runner import comparison

        comparison.run(self.job, context)
