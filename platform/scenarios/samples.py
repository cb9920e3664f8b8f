"""What the sample workspace shows of whom to choose: two scenarios and a list."""

from scenarios.services import keep_sample
from training.models import Experiment


def load() -> None:
    """Keep them of every sample experiment that has finished; of others when they do."""
    for experiment in Experiment.objects.filter(is_sample=True, state="finished").select_related("owner", "workspace"):
        keep_sample(experiment)
