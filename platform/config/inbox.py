"""What waits for a person: runs that ended, requests to decide, answers to own requests, lists that are scored."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User, Workspace
from catalog.models import DatasetVersion
from catalog.models import VersionState as DataState
from common.templatetags.formatting import count, metric3, told
from experiments.telling import filled
from registry.models import ApprovalRequest
from registry.queries import to_decide
from scoring.models import ScoringJob, ScoringState
from training.models import Experiment, ExperimentState
from training.queries import ListLine, ended_experiments_of

RECENT = timedelta(days=14)
MOST = 20


@dataclass(frozen=True)
class InboxItem:
    """One thing that waits: what happened, what it means, and where to go."""

    at: datetime
    icon: str
    tone: str
    title: str
    text: str
    url: str
    action: str


def inbox_for(user: User, workspace: Workspace | None) -> list[InboxItem]:
    """Return what waits for a person in a workspace, newest first."""
    if workspace is None:
        return []
    since = timezone.now() - RECENT
    items = [
        *_requests_to_decide(user, workspace),
        *_answers_to_own_requests(user, workspace, since),
        *_ended_experiments(user, workspace, since),
        *_ended_scoring(user, workspace, since),
        *_files_that_failed(user, workspace, since),
    ]
    return sorted((item for item in items if item.url), key=lambda item: item.at, reverse=True)[:MOST]


def _requests_to_decide(user: User, workspace: Workspace) -> list[InboxItem]:
    return [
        InboxItem(
            at=request.created_at, icon="rosette-discount-check", tone="warn",
            title=_("%(who)s asks for approval of “%(model)s”")
            % {"who": request.author, "model": request.model_version},
            text=request.note, url=_address("approval_detail", request.pk), action=_("Decide"),
        )
        for request in to_decide(user, workspace)[:MOST]
    ]  # fmt: skip


def _answers_to_own_requests(user: User, workspace: Workspace, since: datetime) -> list[InboxItem]:
    answered = ApprovalRequest.objects.filter(
        model_version__registered_model__workspace=workspace, author=user, decided_at__gte=since
    ).select_related("decided_by", "model_version__registered_model")
    return [_answer(request) for request in answered[:MOST]]


def _answer(request: ApprovalRequest) -> InboxItem:
    names = {"who": request.decided_by, "model": request.model_version}
    decision = ApprovalRequest.Decision
    icon, tone, title = {
        decision.APPROVED: ("circle-check", "good", _("%(who)s approved “%(model)s”")),
        decision.CHANGE: ("message", "info", _("%(who)s asks for changes to “%(model)s”")),
        decision.REFUSED: ("circle-x", "bad", _("%(who)s refused “%(model)s”")),
    }[decision(request.decision)]
    return InboxItem(
        at=request.decided_at or request.created_at, icon=icon, tone=tone, title=title % names, text=request.comment,
        url=_address("approval_detail", request.pk), action=_("Read"),
    )  # fmt: skip


def _ended_experiments(user: User, workspace: Workspace, since: datetime) -> list[InboxItem]:
    return [_ended_experiment(experiment) for experiment in ended_experiments_of(user, workspace, since)[:MOST]]


def _ended_experiment(experiment: Experiment) -> InboxItem:
    if experiment.state == ExperimentState.FAILED:
        job = experiment.job
        return InboxItem(
            at=experiment.finished_at or experiment.updated_at, icon="alert-octagon", tone="bad",
            title=_("“%(name)s” stopped") % {"name": experiment.name},
            text=told(job.error_message, job.error_params) if job else "",
            url=_address("experiment_run", experiment.pk), action=_("See why"),
        )  # fmt: skip
    return InboxItem(
        at=experiment.finished_at or experiment.updated_at, icon="circle-check", tone="good",
        title=_("“%(name)s” has finished") % {"name": experiment.name}, text=_recommended(ListLine.of(experiment)),
        url=_address("experiment_result", experiment.pk), action=_("See result"),
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


def _ended_scoring(user: User, workspace: Workspace, since: datetime) -> list[InboxItem]:
    ended = ScoringJob.objects.filter(
        workspace=workspace, owner=user, finished_at__gte=since, state__in=(ScoringState.FINISHED, ScoringState.FAILED)
    ).select_related("model_version__registered_model", "job")
    return [_ended_list(job) for job in ended[:MOST]]


def _ended_list(scoring: ScoringJob) -> InboxItem:
    names = {"model": scoring.model_version, "file": scoring.file_name}
    if scoring.state == ScoringState.FAILED:
        job = scoring.job
        return InboxItem(
            at=scoring.finished_at or scoring.created_at, icon="alert-octagon", tone="bad",
            title=_("Scoring “%(file)s” stopped") % names,
            text=told(job.error_message, job.error_params) if job else "",
            url=_address("scoring_detail", scoring.pk), action=_("See why"),
        )  # fmt: skip
    return InboxItem(
        at=scoring.finished_at or scoring.created_at, icon="target", tone="info",
        title=_("“%(model)s” scored “%(file)s”") % names,
        text=filled(_("%(rows)s rows"), {"rows": count(scoring.row_count)}),
        url=_address("scoring_detail", scoring.pk), action=_("Get the list"),
    )  # fmt: skip


def _files_that_failed(user: User, workspace: Workspace, since: datetime) -> list[InboxItem]:
    failed = DatasetVersion.objects.filter(
        dataset__workspace=workspace, owner=user, state=DataState.FAILED, created_at__gte=since
    ).select_related("job")
    return [
        InboxItem(
            at=version.created_at, icon="file-alert", tone="bad",
            title=_("“%(file)s” could not be read") % {"file": version.file_name},
            text=told(version.job.error_message, version.job.error_params) if version.job else "",
            url=_address("dataset_detail", version.pk), action=_("See why"),
        )
        for version in failed[:MOST]
    ]  # fmt: skip


def _address(name: str, *args: object) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
