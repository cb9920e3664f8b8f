"""What both kinds of database have in common for their readers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from experiments.databases.access import Login
from experiments.errors import BadInput, gettext_noop

# What a column of a query holds: whole numbers, numbers, yes or no, days, days with a time, words, bytes.
Holds = Literal["whole", "number", "yes_no", "day", "moment", "words", "bytes"]
LONGEST_SAYING, MOST_RIGHTS = 300, 4

CONNECT_SECONDS = 8
# Whole numbers of more digits do not fit into 64 bits.
MOST_DIGITS = 18
LOGIN_REFUSED = gettext_noop("The database does not accept %(user)s with this password. Check both, then try again.")
NO_DATABASE = gettext_noop("There is no database called %(database)s, or %(user)s may not use it.")
NOT_ADMITTED = gettext_noop(
    "The database does not accept connections from this server. Ask its administrator to allow them."
)
UNREACHABLE = gettext_noop(
    "Nothing answers at %(host)s, port %(port)s. Check both, and whether a firewall is in between."
)
CONNECTION_LOST = gettext_noop("The connection to the database was lost. Nothing was kept; try again.")
TOO_SLOW = gettext_noop(
    "The query took longer than %(seconds)s seconds and was stopped. Ask for fewer rows or columns, or have an "
    "index created. An administrator can allow more time."
)
SAYS = gettext_noop("The database cannot carry out the query. It says: %(said)s")
MAY_NOT_READ = gettext_noop("%(user)s may not read one of these tables. The database says: %(said)s")
ONLY_READS = gettext_noop("The query would change something in the database. Only reading is allowed.")
MAY_WRITE = gettext_noop(
    "%(user)s may do more in this database than read: %(rights)s. Only a read-only login is accepted: ask for one, "
    "created for example with CREATE ROLE and GRANT SELECT; the README says how."
)
RIGHTS_UNKNOWN = gettext_noop(
    "The database does not say what %(user)s may do, so it is not known whether this login is read-only. Ask its "
    "administrator."
)
FAILED = gettext_noop(
    "The database could not answer the query (code %(code)s). Try the query there, or ask its administrator."
)


@dataclass(frozen=True)
class Field:
    """One column of a query's answer."""

    name: str
    holds: Holds


class OpenQuery(Protocol):
    """A query that is being answered, part by part."""

    @property
    def fields(self) -> Sequence[Field]:
        """The columns of the answer."""

    def rows(self, count: int) -> Sequence[Sequence[Any]]:
        """Return the next rows, none at the end."""


class Session(Protocol):
    """A connection to a database in which nothing can be changed."""

    def rights_to_write(self) -> Sequence[str]:
        """Return what the login may do besides reading, as its administrator would say it."""

    def ask(self, query: str, seconds: float) -> OpenQuery:
        """Begin a query; the database stops it after so many seconds."""

    def stop(self) -> None:
        """Stop the query under way, from another thread."""

    def close(self) -> None:
        """Let the connection go."""

    def told(self, error: Exception, seconds: float) -> BadInput | None:
        """Return a failure of the database in plain words; ``None`` where it is not one of its own."""


def refuse_writers(session: Session, login: Login) -> None:
    """Accept only a login that cannot change anything, whatever a query manages to say.

    Raises
    ------
    BadInput : it may write; the sentence says what.
    """
    rights = session.rights_to_write()
    if rights:
        shown = ", ".join(rights[:MOST_RIGHTS]) + (", …" if len(rights) > MOST_RIGHTS else "")
        raise refused(login, MAY_WRITE, rights=shown)


def refused(login: Login, message: str, **words: Any) -> BadInput:
    """Return a sentence about a login, without anything secret in it."""
    known = {"user": login.user, "database": login.database, "host": login.host, "port": login.port_used}
    return BadInput(message, **{name: value for name, value in known.items() if f"%({name})s" in message}, **words)


def saying(text: str, login: Login) -> str:
    """Return the first line of what a database says, without the password should it ever repeat it."""
    line = next(iter(text.strip().splitlines()), "").strip()
    if login.password and len(login.password) > 3:
        line = line.replace(login.password, "***")
    return line[:LONGEST_SAYING]
