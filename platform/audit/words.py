"""How an act, its facts and their values are told on a page: each app registers its words."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.language import listed
from experiments.telling import filled

if TYPE_CHECKING:
    from audit.chain import ChainState

ACTIONS = {
    "workspace.created": _("created the workspace"),
    "person.added": _("added a person"),
    "person.role_changed": _("changed a role"),
    "person.unmasking_allowed": _("allowed someone to see personal data"),
    "person.unmasking_taken_back": _("withdrew the right to see personal data"),
    "person.deactivated": _("deactivated an account"),
    "person.reactivated": _("reactivated an account"),
    "person.password_reset": _("set a new password for someone"),
    "person.password_changed": _("changed their own password"),
    "person.signed_in": _("signed in"),
    "person.signed_out": _("signed out"),
    "person.sign_in_failed": _("failed to sign in"),
    "person.password_refused": _("entered a wrong current password"),
    "api_token.refused": _("used an invalid API key"),
    "api_token.created": _("created an API key"),
    "api_token.revoked": _("revoked an API key"),
    "audit.anchor_exported": _("exported the anchor of the audit log"),
    "audit.exported": _("exported the audit log"),
}

# The facts an entry keeps, by the names they are kept under; one without words here is shown by its name.
FACTS = {
    "action": _("action"),
    "actor": _("person"),
    "address": _("from the address"),
    "after": _("after"),
    "before": _("before"),
    "minutes": _("minutes"),
    "name": _("name"),
    "password": _("password changed"),
    "q": _("search text"),
    "reason": _("reason"),
    "role": _("role"),
    "since": _("from"),
    "until": _("to"),
}

# Facts whose inner names are names of columns or tables.
BY_COLUMN: set[str] = set()
OBJECTS = {
    "accounts.apitoken": _("API key"),
    "accounts.membership": _("membership"),
    "accounts.user": _("person"),
    "accounts.workspace": _("workspace"),
}


def register(
    *,
    acts: Mapping[str, Any],
    facts: Mapping[str, Any] | None = None,
    objects: Mapping[str, Any] | None = None,
    by_column: Iterable[str] = (),
) -> None:
    """Have acts, the facts they keep and the objects they are done to told in these words; each app brings its own.

    Parameters
    ----------
    by_column : facts whose inner names are names of columns or tables, which are told as they are.
    """
    ACTIONS.update(acts)
    FACTS.update(facts or {})
    OBJECTS.update(objects or {})
    BY_COLUMN.update(by_column)


def names_of(value: Any) -> set[str]:
    """Return the names of all facts that are told of a value, those of what is nested too."""
    if isinstance(value, Mapping):
        inner = (
            names_of(part) for name, part in value.items() if not (name in BY_COLUMN and isinstance(part, Mapping))
        )
        return set(value).union(*inner)
    if isinstance(value, list | tuple):
        # A part that has a name is called by it alone.
        unnamed = (part for part in value if not (isinstance(part, Mapping) and part.get("name")))
        return set().union(*map(names_of, unnamed))
    return set()


Values = Mapping[Any, Any]
_VALUES: dict[str, list[Callable[[], Values]]] = {}


def tell_values(words: Callable[[], Values], *facts: str) -> None:
    """Have the values of facts told in these words; the app that knows them registers them when it is ready."""
    for name in facts:
        _VALUES.setdefault(name, []).append(words)


def value_in_words(name: str, value: Any) -> str:
    """Return a value of a fact as people call it, or as it is."""
    for words in _VALUES.get(name, ()):
        known = words()
        if isinstance(value, str | int) and value in known:
            return str(known[value])
    return f"{value:.10g}" if isinstance(value, float) else str(value)


@dataclass(frozen=True)
class ChainLine:
    """A sentence about the log, and whether it is good news."""

    tone: str
    text: str


def told_of_chain(state: "ChainState") -> list[ChainLine]:
    """Return what a check of the log has found, the worst first."""
    bad = [ChainLine("bad", text) for text in _broken(state)]
    warned = [ChainLine("warn", text) for text in _doubtful(state)]
    if bad:
        return [*bad, *warned]
    good = gettext("The chain is intact: %(n)s entries, each signed and carrying the hash of the one before.")
    return [ChainLine("good", filled(good, {"n": f"{state.checked:,}"})), *warned]


def _broken(state: "ChainState") -> list[str]:
    found = []
    if state.broken_at is not None:
        if state.is_forged:
            text = gettext("Entry %(id)s was not signed by this installation: it was written outside Xiaoyu.")
        else:
            text = gettext("Entry %(id)s does not match the one before it: the log was changed outside Xiaoyu.")
        found.append(text % {"id": state.broken_at})
        found.append(filled(gettext("The first %(n)s entries are intact."), {"n": f"{state.checked:,}"}))
    if state.anchor == "lost" and state.lost:
        text = gettext("%(n)s entries at the end are missing: the anchor recorded %(count)s.")
        counted = f"{state.anchored.count:,}" if state.anchored else ""
        found.append(filled(text, {"n": f"{state.lost:,}", "count": counted}))
    elif state.anchor == "lost":
        found.append(gettext("This is not the log that the anchor belongs to."))
    if state.anchor == "forged":
        found.append(gettext("The anchor was not signed by this installation, so entries may be missing at the end."))
    found += [filled(gettext(message), params) for message, params in state.differing]
    return found


def _doubtful(state: "ChainState") -> list[str]:
    found = []
    if state.anchor == "missing" and state.checked:
        found.append(
            gettext("The anchor is missing, so entries may be missing at the end. The next entry starts a new anchor.")
        )
    if state.unguarded:
        text = gettext(
            "These tables can be changed because their database triggers are missing: %(tables)s. Run "
            "manage.py migrate to restore them."
        )
        found.append(text % {"tables": listed(state.unguarded)})
    return found


def told(action: str) -> str:
    return str(ACTIONS.get(action, action))


def fact(name: str) -> str:
    return str(FACTS.get(name, name))


def kind_of_object(label: str) -> str:
    return str(OBJECTS.get(label, label))
