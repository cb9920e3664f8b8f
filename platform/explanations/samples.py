"""What the page of reasons brings into the sample workspace, once its experiment has ended: models explained."""

from diagnostics import services
from diagnostics.models import Subject
from explanations.queries.looks import asked_of
from training.models import Experiment, ExperimentState

# One that adds up column by column, and one whose columns act together.
LEARNERS = ("scorecard", "lightgbm")


def explain_sample() -> None:
    """Ask for what is calculated on request of the sample's recommended model and of two others."""
    sample = Experiment.objects.filter(is_sample=True, state=ExperimentState.FINISHED).order_by("pk").first()
    if sample is None:
        return
    for row in sample.leaderboard.exclude(model_path=""):
        if row.is_recommended or row.learner in LEARNERS:
            services.ask(
                user=sample.owner, experiment=sample, row=row, subject=Subject.EXPLANATION, asked=asked_of(None)
            )  # fmt: skip
