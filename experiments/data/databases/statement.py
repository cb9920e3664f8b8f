"""One SELECT and nothing else: told before the database is asked, which is then asked read-only all the same."""

import re

from experiments.errors import BadInput, gettext_noop

LONGEST = 20_000
READS = ("select", "with", "values", "table")
# Strings, quoted names, PostgreSQL's dollar quotes, comments; whatever else is code.
QUIET = re.compile(
    r"""(?P<string>'(?:[^'\\]|''|\\.)*'|"(?:[^"\\]|""|\\.)*"|`[^`]*`|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)"""
    r"""|(?P<comment>--[^\n]*|/\*.*?\*/)""",
    re.DOTALL,
)
WRITES_A_FILE = re.compile(r"\binto\s+(?:outfile|dumpfile)\b", re.IGNORECASE)
LOCKS = re.compile(
    r"\bfor\s+(?:no\s+key\s+)?(?:update|share|key\s+share)\b|\block\s+in\s+share\s+mode\b", re.IGNORECASE
)

NO_QUERY = gettext_noop("Write a query first, such as: select * from loans.")
TOO_LONG = gettext_noop("The query is longer than %(most)s characters. Make a view in the database and select from it.")
NO_SELECT = gettext_noop("A query must begin with SELECT or WITH: it reads and changes nothing.")
SEVERAL = gettext_noop("Only one query at a time: leave out the semicolon and what stands behind it.")
CHANGES_SOMETHING = gettext_noop("The query may only read: leave out INTO OUTFILE, FOR UPDATE and the like.")


def check_select(query: str) -> str:
    """Return one reading query without its closing semicolon.

    The database refuses whatever slips through here: it is asked in a read-only transaction for a single statement.

    Raises
    ------
    BadInput : nothing, several statements, or one that does not read.

    Examples
    --------
    >>> check_select("select ';' as mark from loans;  ")
    "select ';' as mark from loans"
    """
    query = query.strip().rstrip(";").rstrip()
    if not query:
        raise BadInput(NO_QUERY)
    if len(query) > LONGEST or "\0" in query:
        raise BadInput(TOO_LONG, most=f"{LONGEST:,}")
    code = QUIET.sub(lambda found: "''" if found["string"] else " ", query)
    words = re.findall(r"\w+", code)
    if not words or words[0].lower() not in READS:
        raise BadInput(NO_SELECT)
    if ";" in code:
        raise BadInput(SEVERAL)
    # MySQL carries out what stands in comments that begin with an exclamation mark.
    if (
        "/*!" in query
        or "/*M!" in query
        or WRITES_A_FILE.search(code)
        or WRITES_A_FILE.search(query)
        or LOCKS.search(code)
    ):
        raise BadInput(CHANGES_SOMETHING)
    return query
