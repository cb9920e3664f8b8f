"""The line of the sidebar that leads to the approvals."""

from typing import cast

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import Role
from accounts.requests import SignedInRequest
from approvals.queries.approvals import waiting_for
from common.menu import Entry, Part


def _waiting(request: HttpRequest) -> int:
    asked = cast(SignedInRequest, request)
    return waiting_for(asked.user, asked.workspace) if asked.role == Role.ADMIN else 0


ENTRIES = (
    Entry(
        "approval_list", icon="rosette-discount-check", label=_("Approvals"), part=Part.GOVERNANCE, weight=10,
        count=_waiting, is_mine=True,
    ),
)  # fmt: skip
