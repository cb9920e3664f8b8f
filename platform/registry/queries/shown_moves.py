"""The moves of a version in people's words: what is open now, who makes it, and what follows."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.language import clauses, listed
from registry.models import ModelVersion
from registry.moves import ACTS, MOVES, WHO, Move
from registry.queries.movers import moves_of

# Before an act is done: the question, what follows, and the button's verb.
QUESTIONS: dict[str, tuple[Any, Any, Any]] = {
    "make_champion": (
        _("Make %(version)s champion?"),
        _("It scores from now on. The current champion stays approved but is no longer champion."),
        _("Make champion"),
    ),
    "make_challenger": (
        _("Make %(version)s a challenger?"),
        _("It can be run against the champion. The champion and other challengers stay what they are."),
        _("Make challenger"),
    ),
    "make_shadow": (
        _("Make %(version)s the shadow?"),
        _("It can score beside the champion without anybody acting on it. The current shadow loses the alias."),
        _("Make shadow"),
    ),
    "drop_alias": (
        _("Remove the alias of %(version)s?"),
        _("It stays approved and stands by."),
        _("Remove the alias"),
    ),
    "retire": (
        _("Retire %(version)s?"),
        _("It can never score again. Its files and its record stay."),
        _("Retire for good"),
    ),
}


@dataclass(frozen=True)
class ShownMove:
    """One move as a page tells it; ``url`` takes the form of an act, and is empty where another page is for it."""

    name: str
    label: str
    who: str
    needs: str
    effects: str
    refusal: str
    url: str = ""
    question: str = ""
    consequence: str = ""
    verb: str = ""

    @property
    def dialog(self) -> str:
        return f"move-{self.name.replace('_', '-')}"


def words_of(move: Move) -> dict[str, str]:
    """Return what the table says of a move in the reader's language."""
    return {
        "name": move.name,
        "label": gettext(move.label),
        "who": gettext(WHO[move.by]),
        "needs": listed(gettext(each) for each in move.needs),
        "effects": clauses(gettext(each) for each in move.effects),
    }


def shown_moves(version: ModelVersion, user: User) -> list[ShownMove]:
    """Return the moves that are open to a version, with a form for those this person may make here."""
    shown = []
    for each in moves_of(version, user):
        words, name = words_of(each.move), each.move.name
        if each.is_allowed and name in ACTS:
            question, consequence, verb = QUESTIONS[name]
            url = reverse("move_model_version", args=[version.pk, name])
            about = {"question": question % {"version": version}, "consequence": str(consequence), "verb": str(verb)}
            shown.append(ShownMove(**words, refusal="", url=url, **about))
        else:
            shown.append(ShownMove(**words, refusal=each.refusal))
    return shown


def table() -> list[dict[str, Any]]:
    """Return the whole table of moves: names and states as the API calls them, and the words."""
    return [
        {
            **words_of(move), "before": list(move.before), "after": move.after, "by": move.by,
            "alias_before": list(move.alias_before), "alias_after": move.alias,
        }
        for move in MOVES
    ]  # fmt: skip
