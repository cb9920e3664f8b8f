"""The three ready people of a first visit; they exist only where the server listens on loopback."""

from django.conf import settings
from django.db import transaction

from accounts import services
from accounts.errors import NotAllowed
from accounts.models import Role, User, Workspace

PASSWORD = "xiaoyu-sample"  # noqa: S105  public on purpose, and refused wherever others can reach the server
SLUG = "sample"
PEOPLE = (
    ("analyst", "分析师 Analyst", Role.ANALYST),
    ("modeler", "建模师 Modeler", Role.MODELER),
    ("approver", "审批人 Approver", Role.ADMIN),
)


@transaction.atomic
def create_sample_people() -> Workspace:
    """Make the sample workspace and its people; whoever is there already is left as he is."""
    if not settings.SAMPLE_PEOPLE_MAY_SIGN_IN:
        raise NotAllowed("Sample people exist only where the server listens on loopback.")
    workspace = Workspace.objects.filter(slug=SLUG).first()
    if workspace is None:
        workspace = services.create_workspace(name="示例 Sample", slug=SLUG, is_sample=True)
    for username, display_name, role in PEOPLE:
        if not User.objects.filter(username=username).exists():
            services.add_person(
                workspace=workspace,
                username=username,
                display_name=display_name,
                role=role,
                password=PASSWORD,
                is_sample=True,
            )
    return workspace


def remove_sample_people() -> int:
    """Close the sample accounts for good: no password opens them; what they did stays on record."""
    samples = list(User.objects.filter(is_sample=True, is_active=True))
    for user in samples:
        user.is_active = False
        user.set_unusable_password()
        user.save(update_fields=["is_active", "password"])
        services.revoke_all_tokens(user)
    return len(samples)
