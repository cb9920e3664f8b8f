"""The long work of this app: counting a card's rows once, and fitting a card that people have changed."""

from django.utils.translation import gettext_lazy as _

from jobs.context import JobContext
from jobs.registry import JobRunner
from scorecards import samples, services
from scorecards.job_kinds import JobKind


class OpenCard(JobRunner):
    """Counts the rows of a card on a fine grid."""

    name = JobKind.OPEN_CARD
    label = _("Prepare a scorecard for editing")
    needs = ("scorecards.runner.opening",)

    def run(self, context: JobContext) -> None:
        from scorecards.runner import opening

        opening.run(self.job, context)

    def on_end(self) -> None:
        services.on_opening_end(self.job)
        samples.on_opening_end(self.job)


class RefitCard(JobRunner):
    """Fits a card by the bins that people have cut."""

    name = JobKind.REFIT_CARD
    label = _("Refit a scorecard")
    needs = ("scorecards.runner.refitting",)

    def run(self, context: JobContext) -> None:
        from scorecards.runner import refitting

        refitting.run(self.job, context)

    def on_end(self) -> None:
        services.on_refit_end(self.job)
