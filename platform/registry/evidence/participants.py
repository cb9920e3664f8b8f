"""Who had a part in a model: in its experiment, or in bringing it before those who decide."""

from datetime import datetime

from registry.models import ApprovalRequest
from training.models import Experiment
from training.queries.participants import participants_in


def parts_in(experiment: Experiment, until: datetime | None = None) -> dict[int, str]:
    """Return who worked on an experiment, or submitted a model of it, with the first act of each; up to a moment."""
    found = participants_in(experiment, until)
    asked = ApprovalRequest.objects.filter(model_version__leaderboard_row__experiment=experiment).order_by("pk")
    asked = asked if until is None else asked.filter(created_at__lte=until)
    for author, maker in asked.values_list("author", "maker"):
        for person in (author, maker):
            if person is not None:
                found.setdefault(person, "model_version.submitted")
    return found
