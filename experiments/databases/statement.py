"""One plain SELECT over tables and nothing else: told before the database is asked, which is then asked read-only too.

The query is cut into pieces by strict rules, and what is sent is what was cut: comments are left out. Only names of
functions that are on a list may stand before a bracket, and SQLGlot must see nothing in the query but what reads.
"""

import itertools
import logging
from typing import Any

from experiments.databases.access import Kind
from experiments.databases.functions import FUNCTIONS, words
from experiments.databases.lexing import (
    CANNOT_BE_READ,
    CHANGES_SOMETHING,
    DEEPEST,
    NEAR,
    TOO_DEEP,
    Lexed,
    Token,
    cut,
)
from experiments.errors import BadInput, gettext_noop
from experiments.privacy.masking import masked

__all__ = ["check_select"]

LONGEST = 20_000
READS = ("select", "with")
DIALECTS: dict[Kind, str] = {"postgresql": "postgres", "mysql": "mysql"}
# Words that no reading query needs; a column of this name stands in quotes.
WRITES = words("into outfile dumpfile procedure returning")
# Words before a bracket that are no functions: of the grammar, and of types.
GRAMMAR = words(
    "select distinct all on from join where and or not in any some exists between like ilike rlike regexp similar to",
    "is then else when case having by union intersect except as over filter within group using values lateral",
    "interval with limit offset rollup cube sets div mod xor escape array fetch first next index key partition",
    "system bernoulli repeatable materialized set at zone cross inner outer left right full natural straight_join",
)
TYPES = words(
    "char character varchar varying nchar nvarchar numeric decimal dec float double precision real int integer bigint",
    "smallint tinyint mediumint timestamp timestamptz time timetz datetime date year bit binary varbinary text signed",
    "unsigned",
)
# What SQLGlot calls the parts of a query that reads, besides functions and what joins two values.
PARTS = words(
    "Select From Join Where Group Having Order Ordered Limit Offset Fetch LimitOptions Distinct With CTE Table",
    "TableAlias TableSample Subquery Union Intersect Except SetOperation Values Lateral Column Identifier Star Alias",
    "Aliases Literal National HexString BitString RawString Null Boolean Paren Tuple Var Case If In Between Exists",
    "Any All Not Neg BitwiseNot Cast TryCast DataType DataTypeParam DataTypeSize Interval IntervalSpan PseudoType",
    "Collate AtTimeZone Window WindowSpec Filter WithinGroup IgnoreNulls RespectNulls Bracket Slice Array Dot",
    "JSONPath JSONPathKey JSONPathRoot JSONPathSubscript JSONPathWildcard JSONKeyValue Rollup Cube GroupingSets",
    "Escape Unnest CharacterSet IndexTableHint Partition ObjectIdentifier",
)
# Functions to SQLGlot that have neither a bracket nor a place in a query that reads.
NEVER = ("NextValueFor", "ConnectByRoot", "Anonymous", "AnonymousAggFunc", "CombinedAggFunc", "XMLTable")

NO_QUERY = gettext_noop("Write a query first, such as: select * from loans.")
TOO_LONG = gettext_noop(
    "The query is longer than %(most)s characters. Create a view in the database and select from that."
)
NO_SELECT = gettext_noop("A query must begin with SELECT or WITH: it only reads.")
SEVERAL = gettext_noop("Only one query at a time: leave out the semicolon and what follows it.")
NO_FUNCTION = gettext_noop(
    "The function %(name)s may not be called from here: it is not on the list of allowed functions. Leave it out, "
    "or create a view in the database that uses it and select from that."
)
NOT_PLAIN = gettext_noop(
    "The query contains %(part)s, which is not allowed here. Only a plain SELECT from tables and views is; for "
    "anything else create a view in the database."
)


def check_select(query: str, kind: Kind) -> str:
    """Return one plain SELECT as it may be sent: without comments and its closing semicolon.

    Parameters
    ----------
    query : as a person wrote it. kind : of database, ``postgresql`` or ``mysql``.

    Returns
    -------
    str

    Raises
    ------
    BadInput : nothing, several statements, one that does not only read, or one that cannot be read here.

    Examples
    --------
    >>> check_select("select ';' as mark from loans;  -- all", "postgresql")
    "select ';' as mark from loans"
    """
    if len(query) > LONGEST or "\0" in query:
        raise BadInput(TOO_LONG, most=f"{LONGEST:,}")
    lexed = _without_end(cut(query, kind), kind)
    if not lexed.tokens:
        raise BadInput(NO_QUERY)
    if any(token.text == ";" for token in lexed.tokens):
        raise BadInput(SEVERAL)
    first = next((token for token in lexed.tokens if token.text != "("), None)
    if first is None or first.word not in READS:
        raise BadInput(NO_SELECT)
    if any(token.word in WRITES for token in lexed.tokens):
        raise BadInput(CHANGES_SOMETHING)
    parsed = _parsed(lexed.plain, kind)
    _refuse_functions(lexed.tokens, parsed)
    _refuse_parts(parsed)
    return lexed.text


def _without_end(lexed: Lexed, kind: Kind) -> Lexed:
    text = lexed.text
    while text.endswith(";"):
        text = text[:-1].rstrip()
    return cut(text, kind) if text != lexed.text else lexed


def _parsed(query: str, kind: Kind) -> Any:
    import sqlglot
    from sqlglot.errors import SqlglotError

    # It would write the query into the log where it does not know a word.
    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)
    try:
        statements = sqlglot.parse(query, read=DIALECTS[kind])
    except SqlglotError as error:
        told = getattr(error, "errors", [])
        near = str(told[0].get("highlight", "")) if told else ""
        raise BadInput(CANNOT_BE_READ, near=masked(near[:NEAR] or query[:NEAR])) from None
    except RecursionError:
        raise BadInput(TOO_DEEP, most=DEEPEST) from None
    if len(statements) != 1 or statements[0] is None:
        raise BadInput(SEVERAL)
    return statements[0]


def _refuse_functions(tokens: tuple[Token, ...], parsed: Any) -> None:
    """Before a bracket may stand the grammar's words, types, the functions on the list and names given to columns."""
    listed = _names_with_columns(parsed)
    for place, (token, following) in enumerate(itertools.pairwise(tokens)):
        if following.text != "(" or token.what not in ("word", "name"):
            continue
        before = tokens[place - 1].text if place else ""
        name = token.text.strip('"`').lower()
        is_known = token.what == "word" and name in FUNCTIONS | GRAMMAR | TYPES
        if before == "." or not (is_known or name in listed):
            raise BadInput(NO_FUNCTION, name=token.text[:80])


def _names_with_columns(parsed: Any) -> set[str]:
    """Return the names of tables whose columns are named in brackets behind them, as in ``with a(x) as (…)``."""
    from sqlglot import expressions as exp

    return {alias.name.lower() for alias in parsed.find_all(exp.TableAlias) if alias.columns}


def _refuse_parts(parsed: Any) -> None:
    from sqlglot import expressions as exp

    if not isinstance(parsed, exp.Query):
        raise BadInput(NO_SELECT)
    for node in parsed.walk():
        if isinstance(node, exp.Into | exp.Lock):
            raise BadInput(CHANGES_SOMETHING)
        if isinstance(node, exp.Anonymous) and (node.name.lower() not in FUNCTIONS or _is_quoted(node)):
            raise BadInput(NO_FUNCTION, name=node.name[:80])
        if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Func):
            raise BadInput(NO_FUNCTION, name=node.expression.name[:80])
        if not _reads(node):
            raise BadInput(NOT_PLAIN, part=_said(node))


def _is_quoted(node: Any) -> bool:
    return bool(getattr(node.this, "quoted", False))


def _reads(node: Any) -> bool:
    from sqlglot import expressions as exp

    if type(node).__name__ in PARTS | {"Anonymous"}:
        return True
    if isinstance(node, exp.Func):
        return type(node).__name__ not in NEVER
    return isinstance(node, exp.Binary) and not isinstance(node, exp.PropertyEQ | exp.Kwarg)


def _said(node: Any) -> str:
    """Return the kind of a part as one would write it: ``XML TABLE`` for XMLTable."""
    name = type(node).__name__
    return "".join(f" {each}" if each.isupper() and place else each for place, each in enumerate(name)).upper()
