"""What the list of the sample workspace shows of its experiment: tags, a note, and stars."""

from audit.models import AuditEntry
from tracking.services import keeping
from training.models import Experiment

TAGS = ("基准 baseline", "示例 sample")
NOTE = (
    "1,000 位客户，没有日期列，因此留出数据是随机抽取的。\n"
    "1,000 customers without a date, so the held-out rows are drawn at random."
)


def mark_sample() -> None:
    """Mark the sample experiment once; what somebody takes away does not come back."""
    experiment = Experiment.objects.filter(is_sample=True).select_related("owner", "workspace").first()
    if (
        experiment is None
        or AuditEntry.objects.filter(action="experiment.tagged", object_id=str(experiment.pk)).exists()
    ):
        return
    keeping.set_tags(experiment, TAGS, experiment.owner)
    keeping.set_note(experiment, NOTE, experiment.owner)
    for person in experiment.workspace.members.all():
        keeping.set_favourite(experiment, person, is_favourite=True)
