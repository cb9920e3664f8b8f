"""What waits in the inbox: own runs that ended."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User, Workspace
from common.addresses import address_of
from common.inbox import MOST, InboxItem
from common.templatetags.formatting import metric3, told
from experiments.telling import filled
from training.models import Experiment, ExperimentState
from training.queries.experiments import ListLine, ended_experiments_of


def ended_experiments(user: User, workspace: Workspace, since: datetime) -> Iterator[InboxItem]:
    return map(_ended, ended_experiments_of(user, workspace, since)[:MOST])


def _ended(experiment: Experiment) -> InboxItem:
    if experiment.state == ExperimentState.FAILED:
        job = experiment.job
        return InboxItem(
            at=experiment.finished_at or experiment.updated_at, icon="alert-octagon", tone="bad",
            title=_("“%(name)s” stopped") % {"name": experiment.name},
            text=told(job.error_message, job.error_params) if job else "",
            url=reverse("experiment_run", args=[experiment.pk]), action=_("See why"),
        )  # fmt: skip
    return InboxItem(
        at=experiment.finished_at or experiment.updated_at, icon="circle-check", tone="good",
        title=_("“%(name)s” has finished") % {"name": experiment.name}, text=_recommended(ListLine.of(experiment)),
        url=address_of("result", experiment.pk), action=_("See result"),
    )  # fmt: skip


def _recommended(line: ListLine) -> str:
    if line.recommended is None:
        return ""
    words = {
        "model": line.learner, "validation": metric3(line.validation), "tested": metric3(line.tested),
        "held_out_kind": "out_of_time" if "out_of_time" in line.recommended.metrics else "held_out",
    }  # fmt: skip
    if not line.is_tested_enough:
        told = _("%(model)s is recommended: AUC %(validation)s in cross-validation; too few held-out rows to judge")
        return filled(told, words)
    return filled(
        _("%(model)s is recommended: AUC %(validation)s in cross-validation, %(tested)s on held-out rows"), words
    )
