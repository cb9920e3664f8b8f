"""Comparisons of a version with the champion on the same rows: asked for here, made by a worker."""

from django.db import transaction

from accounts.models import User
from approvals.job_kinds import JobKind
from jobs import services as jobs
from registry.models import ApprovalRequest, Comparison, ModelVersion


def of_request(approval: ApprovalRequest, former: ModelVersion | None, user: User) -> Comparison | None:
    """Return the comparison a decision rests on; while it is open, one that is missing is asked for."""
    if former is None:
        return None
    known = _known(approval.model_version, former)
    if known is None and approval.is_pending:
        return ask(approval.model_version, former, user)
    return known


@transaction.atomic
def ask(version: ModelVersion, former: ModelVersion, user: User) -> Comparison:
    """Have two versions compared, unless they are or a worker is at it; of several who ask at once one is heard."""
    ModelVersion.objects.select_for_update().get(pk=version.pk)
    comparison, _is_new = Comparison.objects.select_related("job").get_or_create(version=version, former=former)
    if not comparison.is_done and (comparison.job is None or comparison.job.is_terminated):
        comparison.job = jobs.enqueue(
            JobKind.COMPARISON,
            workspace=version.registered_model.workspace,
            owner=user,
            subject_id=comparison.pk,
            size=version.leaderboard_row.experiment.data_check.version.size_bytes,
        )
        comparison.save(update_fields=["job"])
    return comparison


def _known(version: ModelVersion, former: ModelVersion) -> Comparison | None:
    return Comparison.objects.select_related("job").filter(version=version, former=former).first()
