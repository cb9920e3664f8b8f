"""Asking for a closer look: the work is put in the queue once, and whoever asks again sees what was found."""

from typing import Any

from django.db import transaction

from accounts.models import User
from diagnostics.job_kinds import JobKind
from diagnostics.models import Inquiry
from diagnostics.queries.inquiries import key_of
from experiments.errors import gettext_noop
from jobs import services as jobs
from jobs.models import Job, JobState
from training.models import Experiment, LeaderboardRow

NO_ANSWER = gettext_noop("The calculation failed. Try again; if it fails again, contact your Xiaoyu administrator.")


@transaction.atomic
def ask(
    *, user: User, experiment: Experiment, row: LeaderboardRow | None, subject: str, asked: dict[str, Any]
) -> Inquiry:
    """Have a worker look closer; what was found before, or is being worked out, is not asked for again."""
    inquiry, is_new = Inquiry.objects.select_for_update().get_or_create(
        experiment=experiment, key=key_of(row, subject, asked),
        defaults={"candidate": row.candidate if row else "", "subject": subject, "asked": asked, "asked_by": user},
    )  # fmt: skip
    if is_new or inquiry.has_failed:
        inquiry.answer = {}
        inquiry.job = jobs.enqueue(
            JobKind.INQUIRY, workspace=experiment.workspace, owner=user, subject_id=inquiry.pk,
            size=experiment.version.size_bytes,
        )  # fmt: skip
        inquiry.save(update_fields=["answer", "job"])
    return inquiry


def on_end(job: Job) -> None:
    """A look that could not be taken says so; the page must not wait for ever."""
    if job.state in (JobState.FAILED, JobState.CANCELLED):
        told = {"message": job.error_message or NO_ANSWER, "params": job.error_params}
        Inquiry.objects.filter(pk=job.subject_id, answer={}).update(answer=told)
