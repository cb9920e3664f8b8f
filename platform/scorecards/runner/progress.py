"""What the engine tells while it counts and fits, as the progress of a job."""

from experiments.errors import gettext_noop
from experiments.progress import Event, OnProgress, StageStarted, Tick
from jobs.context import JobContext

STAGES = {
    "prepare": gettext_noop("Reading the training rows"),
    "full_folds": gettext_noop("Counting and fitting"),
    "explain": gettext_noop("Saving the scorecard"),
}
PERCENT = {"prepare": 5.0, "full_folds": 40.0, "explain": 75.0}


def told_to(context: JobContext) -> OnProgress:
    """Return what hears the engine; a wish to cancel is passed on to it."""

    def hear(event: Event) -> None:
        match event:
            case StageStarted(stage):
                context.progress(percent=PERCENT.get(stage), stage=STAGES.get(stage, stage))
            case Tick():
                context.progress()

    return hear
