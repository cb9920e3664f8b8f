"""What waits in the inbox: own lists that are scored, or could not be."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User, Workspace
from common.inbox import MOST, InboxItem
from common.templatetags.formatting import count, told
from experiments.telling import filled
from scoring.models import ScoringJob, ScoringState


def ended_scoring(user: User, workspace: Workspace, since: datetime) -> Iterator[InboxItem]:
    ended = ScoringJob.objects.filter(
        workspace=workspace, owner=user, finished_at__gte=since, state__in=(ScoringState.FINISHED, ScoringState.FAILED)
    ).select_related("model_version__registered_model", "job")
    return map(_ended, ended[:MOST])


def _ended(scoring: ScoringJob) -> InboxItem:
    names = {"model": scoring.model_version, "file": scoring.file_name}
    if scoring.state == ScoringState.FAILED:
        job = scoring.job
        return InboxItem(
            at=scoring.finished_at or scoring.created_at, icon="alert-octagon", tone="bad",
            title=_("Scoring “%(file)s” stopped") % names,
            text=told(job.error_message, job.error_params) if job else "",
            url=reverse("scoring_detail", args=[scoring.pk]), action=_("See why"),
        )  # fmt: skip
    return InboxItem(
        at=scoring.finished_at or scoring.created_at, icon="target", tone="info",
        title=_("“%(model)s” scored “%(file)s”") % names,
        text=filled(_("%(rows)s rows"), {"rows": count(scoring.row_count)}),
        url=reverse("scoring_detail", args=[scoring.pk]), action=_("Get the list"),
    )  # fmt: skip
