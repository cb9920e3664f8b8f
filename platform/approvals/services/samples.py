"""The decision on the sample's model, so that a first visit finds one in use; no other model is decided on so."""

from django.core.exceptions import PermissionDenied

from accounts.models import Workspace
from approvals.queries.deciders import refusal_for
from approvals.services.decision import take_decision
from approvals.services.submission import submit_for_approval
from registry.models import ApprovalRequest, ModelVersion
from training.models import LeaderboardRow

NAME = "德国信用违约 German credit default"
PURPOSE = "示例：看看部署与实时打分 / sample: to try deployments and scores in real time"
COMMENT = (
    "示例数据随系统载入时自动批准，部分检查没有证据 / approved automatically as the sample was loaded; "
    "some checks have no evidence"
)
LIMITS = "只用于试用，不用于真实客户 / for trying out only, not for real customers"


def approve_sample(row: LeaderboardRow) -> ModelVersion | None:
    """Submit and approve the sample's model in the names of its people; nothing where somebody has submitted it."""
    experiment = row.experiment
    workspace: Workspace = experiment.workspace
    if not (experiment.is_sample and workspace.is_sample):
        raise PermissionDenied
    if ModelVersion.objects.filter(registered_model__workspace=workspace).exists():
        return None
    approver = workspace.admins().filter(is_sample=True).exclude(pk=experiment.owner_id).first()
    if approver is None:
        return None
    request = submit_for_approval(row, experiment.owner, NAME, PURPOSE)
    if refusal_for(request, approver):
        return None
    take_decision(request, approver, ApprovalRequest.Decision.APPROVED, COMMENT, limits_of_use=LIMITS, expires_on=None)
    return ModelVersion.objects.get(pk=request.model_version_id)
