"""Who may make a move of a version, and which are open to a person."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import NOT_YOUR_ROLE, can_edit, is_admin
from registry.models import ModelVersion
from registry.moves import Move, Who, open_moves

Refusal = Callable[[ModelVersion, User], str]
NO_LONGER = _("The version has expired.")


def _not_an_editor(version: ModelVersion, user: User) -> str:
    return "" if can_edit(user, version.leaderboard_row.experiment) else gettext(NOT_YOUR_ROLE)


def _not_an_admin(version: ModelVersion, user: User) -> str:
    return "" if is_admin(user, version.registered_model.workspace) else gettext(NOT_YOUR_ROLE)


_refusals: dict[Who, Refusal] = {Who.EDITOR: _not_an_editor, Who.ADMIN: _not_an_admin, Who.DECIDER: _not_an_admin}


def register(who: Who, refusal: Refusal) -> None:
    """Have an app above say who is one of these: a sentence of why not, empty for who is."""
    _refusals[who] = refusal


def refusal_for(move: Move, version: ModelVersion, user: User) -> str:
    """Return why a person may not make a move, as a sentence; empty for who may."""
    return _refusals[move.by](version, user)


@dataclass(frozen=True)
class OpenMove:
    """A move that a version can make now, and why this person may not make it."""

    move: Move
    refusal: str

    @property
    def is_allowed(self) -> bool:
        return not self.refusal


def moves_of(version: ModelVersion, user: User) -> list[OpenMove]:
    """Return the moves open to a version; an expired one gets no alias any more."""
    found = open_moves(version.state, version.alias)
    if version.has_expired:
        found = [move for move in found if not (move.moves_alias_only and move.alias)]
    return [OpenMove(move, refusal_for(move, version, user)) for move in found]
