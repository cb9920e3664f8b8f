"""The lines of the sidebar that are about models and approvals."""

from typing import cast

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import Role
from accounts.requests import SignedInRequest
from common.menu import Entry, Part
from registry.queries.approvals import waiting_for


def _waiting(request: HttpRequest) -> int:
    asked = cast(SignedInRequest, request)
    return waiting_for(asked.user, asked.workspace) if asked.role == Role.ADMIN else 0


ENTRIES = (
    Entry("model_list", icon="box", label=_("Models"), part=Part.WORK, weight=40),
    Entry(
        "approval_list", icon="rosette-discount-check", label=_("Approvals"), part=Part.GOVERNANCE, weight=10,
        count=_waiting, is_mine=True,
    ),
)  # fmt: skip
