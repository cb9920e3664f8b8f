"""Who worked on an experiment, read from the audit log: the table is append-only, and every act on it is there."""

from collections.abc import Iterator
from datetime import datetime

from accounts.models import User
from audit.models import AuditEntry
from training.hooks import acts_without_part
from training.models import Experiment

# Whoever makes room on the machine has no part in the model.
NO_PART_IN_IT = ("experiment.pause_requested",)
CLONED = "experiment.cloned"


def participants_in(experiment: Experiment, until: datetime | None = None) -> dict[int, str]:
    """Return who has a part in an experiment with the first act of each.

    That is who drafted, planned, changed, started, ended early, resumed, continued or repeated it, or decided on its
    data check; of a run that repeats another or was cloned from it, those of the other as well, whose settings it has.
    ``until`` leaves out what was done after a moment.
    """
    found = {experiment.owner_id: "experiment.drafted"}
    for each in _lineage(experiment):
        found.setdefault(each.owner_id, "experiment.drafted")
        for actor, action in _acts_on(each, until):
            found.setdefault(actor, action)
        for person in _had_part_before(each):
            found.setdefault(person, CLONED)
    return found


def _lineage(experiment: Experiment) -> Iterator[Experiment]:
    each: Experiment | None = experiment
    while each is not None:  # an experiment repeats an older one, so this ends
        yield each
        repeated = AuditEntry.objects.filter(action="experiment.repeated", object_id=str(each.pk)).first()
        each = Experiment.objects.filter(pk=repeated.details["repeats"], pk__lt=each.pk).first() if repeated else None


def _acts_on(experiment: Experiment, until: datetime | None) -> Iterator[tuple[int, str]]:
    objects = (experiment, experiment.data_check)
    for obj in objects:
        acts = AuditEntry.objects.filter(object_type=obj._meta.label_lower, object_id=str(obj.pk), actor__isnull=False)
        acts = acts if until is None else acts.filter(at__lte=until)
        yield from (
            acts.exclude(action__in=[*NO_PART_IN_IT, *acts_without_part()])
            .order_by("id")
            .values_list("actor", "action")
        )


def _had_part_before(experiment: Experiment) -> Iterator[int]:
    """Return who had a part in the experiment that this one was cloned from, as of then: it may be gone since."""
    cloned = AuditEntry.objects.filter(action=CLONED, object_id=str(experiment.pk)).first()
    names = cloned.details.get("people", []) if cloned else []
    yield from User.objects.filter(username__in=names).order_by("pk").values_list("pk", flat=True)
