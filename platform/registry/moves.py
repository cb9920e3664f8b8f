"""The moves of a model version, written down once: from which state, to which, by whom, and what follows.

Pages and the API offer what this table has open, services make no other move, the triggers and constraints of the
database are built of it, and ``manage.py model_states`` draws it for docs/model-states.md.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_noop as _

DRAFT, SUBMITTED, CHANGES = "draft", "submitted", "changes"
APPROVED, REFUSED, RETIRED = "approved", "refused", "retired"
STATES = (DRAFT, SUBMITTED, CHANGES, APPROVED, REFUSED, RETIRED)
# What may still be rewritten of a version, and which were never decided on.
EDITABLE = (DRAFT, CHANGES)
UNDECIDED = (*EDITABLE, SUBMITTED)

NONE, CHAMPION, CHALLENGER, SHADOW = "", "champion", "challenger", "shadow"
ALIASES = (NONE, CHAMPION, CHALLENGER, SHADOW)
# Of these a model has one at a time; of challengers there may be several.
SINGLE = (CHAMPION, SHADOW)


class Who(StrEnum):
    """Who makes a move."""

    EDITOR = "editor"
    DECIDER = "decider"
    ADMIN = "admin"


WHO = {
    Who.EDITOR: _("The owner of the experiment, a modeler or an admin"),
    Who.DECIDER: _("An admin without a part in the model"),
    Who.ADMIN: _("An admin"),
}
COMMENT, PASSWORD = _("a comment"), _("the password")


@dataclass(frozen=True)
class Move:
    """One allowed move.

    Attributes
    ----------
    before : states it begins in. after : the state it ends in. by : who makes it.
    alias_before : aliases it begins with. alias : the alias it ends with; None where it stays.
    needs : what whoever makes it gives. effects : what follows from it. act : how the audit log calls it.
    otherwise : what is said where it is not open.
    """

    name: str
    label: str
    before: tuple[str, ...]
    after: str
    by: Who
    act: str
    otherwise: str
    needs: tuple[str, ...] = (COMMENT,)
    effects: tuple[str, ...] = ()
    alias_before: tuple[str, ...] = ALIASES
    alias: str | None = None

    def is_open(self, state: str, alias: str = NONE) -> bool:
        """Tell whether a version in this state and with this alias can make the move."""
        return state in self.before and alias in self.alias_before

    @property
    def moves_alias_only(self) -> bool:
        return self.before == (self.after,)


ALIAS_GIVEN_UP = _("whoever had the alias before stays approved without it")
FILES_COMPARED = _("every file is compared with what was recorded")

MOVES = (
    Move(
        "submit", _("Submit"), (DRAFT, CHANGES), SUBMITTED, Who.EDITOR, "model_version.submitted",
        _("Only a draft, or a version of which changes were asked, can be submitted."),
        needs=(_("a name and a purpose"),),
        effects=(
            _("the evidence is frozen"), FILES_COMPARED, _("a request is opened, with everybody who had a part noted"),
        ),
    ),
    Move(
        "ask_change", _("Ask for a change"), (SUBMITTED,), CHANGES, Who.DECIDER, "model_version.change_asked",
        _("Only a submitted version can be decided on."), needs=(COMMENT, PASSWORD),
        effects=(_("the request is closed"), _("the author can answer and submit again")),
    ),
    Move(
        "approve", _("Approve"), (SUBMITTED,), APPROVED, Who.DECIDER, "model_version.approved",
        _("Only a submitted version can be decided on."), needs=(COMMENT, PASSWORD, _("limits of use where needed")),
        effects=(
            FILES_COMPARED, _("the request is closed"), _("limits of use and expiry are fixed"),
            _("it becomes champion"), ALIAS_GIVEN_UP,
        ),
        alias=CHAMPION,
    ),
    Move(
        "refuse", _("Refuse"), (SUBMITTED,), REFUSED, Who.DECIDER, "model_version.refused",
        _("Only a submitted version can be decided on."), needs=(COMMENT, PASSWORD),
        effects=(_("the request is closed"), _("this finalist cannot be submitted again")),
    ),
    Move(
        "make_champion", _("Make champion"), (APPROVED,), APPROVED, Who.ADMIN, "model_version.made_champion",
        _("Only an approved version that has not expired can be champion."),
        effects=(FILES_COMPARED, _("it scores from now on"), ALIAS_GIVEN_UP),
        alias_before=(NONE, CHALLENGER, SHADOW), alias=CHAMPION,
    ),
    Move(
        "make_challenger", _("Make challenger"), (APPROVED,), APPROVED, Who.ADMIN, "model_version.made_challenger",
        _("Only an approved version that has not expired, and is not the champion, can be a challenger."),
        effects=(FILES_COMPARED, _("other challengers stay")),
        alias_before=(NONE, SHADOW), alias=CHALLENGER,
    ),
    Move(
        "make_shadow", _("Make shadow"), (APPROVED,), APPROVED, Who.ADMIN, "model_version.made_shadow",
        _("Only an approved version that has not expired, and is not the champion, can be the shadow."),
        effects=(FILES_COMPARED, ALIAS_GIVEN_UP),
        alias_before=(NONE, CHALLENGER), alias=SHADOW,
    ),
    Move(
        "drop_alias", _("Remove the alias"), (APPROVED,), APPROVED, Who.ADMIN, "model_version.alias_dropped",
        _("Only a challenger or the shadow can lose its alias; of a champion, make another version champion."),
        effects=(_("it stays approved and stands by"),), alias_before=(CHALLENGER, SHADOW), alias=NONE,
    ),
    Move(
        "retire", _("Retire"), (APPROVED,), RETIRED, Who.ADMIN, "model_version.retired",
        _("Only an approved version can be retired."),
        effects=(_("it loses its alias"), _("it can never score again"), _("files and record stay")), alias=NONE,
    ),
)  # fmt: skip
BY_NAME = {move.name: move for move in MOVES}
# Decisions have a service of their own, with password and evidence; what an admin does alone is done in one way.
ACTS = tuple(move.name for move in MOVES if move.by == Who.ADMIN)


def steps_of_states() -> tuple[tuple[str, str], ...]:
    """Return the pairs of states that some move leads from and to."""
    return tuple(
        dict.fromkeys((before, move.after) for move in MOVES for before in move.before if before != move.after)
    )


def steps_of_aliases() -> tuple[tuple[str, str], ...]:
    """Return the pairs the table has, and that whoever has a single alias gives it up for the next."""
    pairs = [(before, move.alias) for move in MOVES if move.alias is not None for before in move.alias_before]
    given_up = [(alias, NONE) for alias in SINGLE]
    return tuple(dict.fromkeys(pair for pair in (*pairs, *given_up) if pair[0] != pair[1]))


def open_moves(state: str, alias: str = NONE) -> list[Move]:
    """Return the moves that a version in this state and with this alias can make."""
    return [move for move in MOVES if move.is_open(state, alias)]
