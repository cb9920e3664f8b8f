"""What waits in the inbox: own files that could not be read."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User, Workspace
from catalog.models import DatasetVersion, VersionState
from common.inbox import MOST, InboxItem
from common.templatetags.formatting import told


def files_that_failed(user: User, workspace: Workspace, since: datetime) -> Iterator[InboxItem]:
    failed = DatasetVersion.objects.filter(
        dataset__workspace=workspace, owner=user, state=VersionState.FAILED, created_at__gte=since
    ).select_related("job")
    for version in failed[:MOST]:
        yield InboxItem(
            at=version.created_at, icon="file-alert", tone="bad",
            title=_("“%(file)s” could not be read") % {"file": version.file_name},
            text=told(version.job.error_message, version.job.error_params) if version.job else "",
            url=reverse("dataset_detail", args=[version.pk]), action=_("See why"),
        )  # fmt: skip
