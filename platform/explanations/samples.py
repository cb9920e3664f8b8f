"""What the page of reasons shows of the sample experiment: some of its models explained."""

from diagnostics import services
from diagnostics.models import Subject
from explanations.queries.looks import asked_of
from training.models import Experiment

# One that adds up column by column, and one whose columns act together; no card that was cut by hand since.
CANDIDATES = ("scorecard", "lightgbm")


def explain_sample(sample: Experiment) -> None:
    """Ask for what is calculated on request of the recommended model and of two others."""
    if not sample.is_sample:
        return
    for row in sample.leaderboard.exclude(model_path=""):
        if row.is_recommended or row.candidate in CANDIDATES:
            services.ask(
                user=sample.owner, experiment=sample, row=row, subject=Subject.EXPLANATION, asked=asked_of(None)
            )  # fmt: skip
