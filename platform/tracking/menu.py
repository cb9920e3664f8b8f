"""The lines of the sidebar that are about experiments."""

from typing import cast

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.requests import SignedInRequest
from common.menu import Entry, Part
from training.queries.experiments import running_in


def _running(request: HttpRequest) -> int:
    return running_in(cast(SignedInRequest, request).workspace).count()


ENTRIES = (
    Entry("experiment_list", icon="flask", label=_("Experiments"), part=Part.WORK, weight=30, count=_running),
)  # fmt: skip
