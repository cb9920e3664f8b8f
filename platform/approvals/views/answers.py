"""Who may answer a change that was asked for."""

from accounts.permissions import can_edit
from accounts.requests import SignedInRequest
from approvals.queries.approvals import change_asked
from registry.models import ModelVersion


def may_answer(request: SignedInRequest, version: ModelVersion) -> bool:
    """Tell whether a change is asked for that this person can answer."""
    experiment = version.leaderboard_row.experiment
    return change_asked(version) is not None and can_edit(request.user, experiment)
