"""Keeping with a request who worked on its experiment."""

from registry.evidence.participants import parts_in
from registry.models import ApprovalRequest, Participant


def note_participants(request: ApprovalRequest) -> None:
    """Keep with a request who worked on its experiment; whoever worked on it since is added."""
    found = parts_in(request.model_version.leaderboard_row.experiment)
    known = set(request.participants.values_list("user_id", flat=True))
    Participant.objects.bulk_create(
        Participant(request=request, user_id=user, act=act) for user, act in found.items() if user not in known
    )
