"""What surrounds every page: the sidebar's items with their counts, and the inbox."""

from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from accounts.models import Role
from accounts.requests import SignedInRequest
from config.inbox import InboxItem, inbox_for
from registry.queries import waiting_for
from training.models import Experiment, ExperimentState


@dataclass(frozen=True)
class NavItem:
    """One line of the sidebar; ``is_mine`` makes its count red: it waits for this person."""

    url: str
    icon: str
    label: str
    is_current: bool
    count: int = 0
    is_mine: bool = False


class Shell:
    """What templates may show around a page; each part is gathered when it is asked for, and once."""

    def __init__(self, request: SignedInRequest) -> None:
        self._request = request

    @cached_property
    def inbox(self) -> list[InboxItem]:
        return inbox_for(self._request.user, self._request.workspace)

    @cached_property
    def build(self) -> list[NavItem]:
        return _build_items(self._request)

    @cached_property
    def govern(self) -> list[NavItem]:
        return _govern_items(self._request)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Give pages of signed-in people their sidebar and inbox."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {"shell": Shell(cast(SignedInRequest, request))}


def _build_items(request: SignedInRequest) -> list[NavItem]:
    running = Experiment.objects.filter(
        workspace=request.workspace,
        state__in=(ExperimentState.QUEUED, ExperimentState.RUNNING),
    ).count()
    items = [
        _item(request, "home", "home", _("Home")),
        _item(request, "dataset_list", "database", _("Data")),
        _item(request, "experiment_list", "flask", _("Experiments"), count=running),
        _item(request, "model_list", "box", _("Models")),
        _item(request, "scoring_list", "target", _("Scoring")),
    ]
    return [item for item in items if item]


def _govern_items(request: SignedInRequest) -> list[NavItem]:
    """A role sees only what it may open."""
    role = request.role
    waiting = _decisions_waiting_for(request)
    items = [_item(request, "approval_list", "rosette-discount-check", _("Approvals"), count=waiting, is_mine=True)]
    if role in (Role.MODELER, Role.ADMIN):
        items.append(_item(request, "audit_log", "history", _("Audit log")))
    if role == Role.ADMIN:
        items.append(_item(request, "people", "users", _("People")))
    return [item for item in items if item]


def _decisions_waiting_for(request: SignedInRequest) -> int:
    if request.role != Role.ADMIN:
        return 0
    return waiting_for(request.user, request.workspace)


def _item(request: SignedInRequest, name: str, icon: str, label: str, **more: Any) -> NavItem | None:
    """Make an item, or none while the page does not exist."""
    try:
        url = reverse(name)
    except NoReverseMatch:
        return None
    is_current = request.path == url if url == "/" else request.path.startswith(url)
    return NavItem(url=url, icon=icon, label=label, is_current=is_current, **more)
