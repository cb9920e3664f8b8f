"""Guesses how tables are linked: keys from names and values, and what is worth summing up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from experiments.errors import gettext_noop
from experiments.joins.key_columns import IDENTIFIER, TableLook, look_at, names_table, plain_name, words_of
from experiments.joins.spec import JoinedTable, JoinSpec, Relation
from experiments.joins.tables import ROWS_IN_SAMPLE, TableFile, open_tables
from experiments.paths import AnyPath

__all__ = ["GuessedTable", "JoinGuess", "guess_joins"]

ENOUGH_OVERLAP = 0.95
LEAST_CONFIDENCE = 0.5
MOST_LEVELS = 50
LEAST_MUTUAL = 0.4
SAME_NAME = gettext_noop(
    "Both columns are called %(column)s, and %(share)s of the values in %(child)s are found in %(parent)s."
)
TABLE_IN_NAME = gettext_noop(
    "%(column)s names the table %(table)s, and %(share)s of the values in %(child)s are found in %(parent)s."
)
VALUES_MEET = gettext_noop("%(share)s of the values in %(child)s are found in %(parent)s.")
UNIQUE = gettext_noop("%(column)s is unique in %(table)s, so each row matches at most one.")
REPEATED = gettext_noop("%(column)s occurs in several rows of %(table)s: they are aggregated.")
NOT_LINKED = gettext_noop("No column of %(table)s holds values of another table. Choose the columns yourself.")
TIME_READ = gettext_noop("%(share)s of the values are dates.")


@dataclass(frozen=True)
class GuessedTable:
    """How one table may hang on another.

    Attributes
    ----------
    table : the proposal, ready for a ``JoinSpec``.
    confidence : from 0 to 1. reasons : sentences (message, params), the strongest first.

    Examples
    --------
    >>> from experiments.joins.spec import JoinedTable
    >>> GuessedTable(JoinedTable("trans", "loan", (("id", "id"),), "many"), 0.9).confidence
    0.9
    """

    table: JoinedTable
    confidence: float
    reasons: tuple[tuple[str, dict[str, Any]], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the guess as JSON-ready plain data."""
        return {
            "name": self.table.name,
            "confidence": round(self.confidence, 2),
            "reasons": [{"message": message, "params": params} for message, params in self.reasons],
        }


@dataclass(frozen=True)
class JoinGuess:
    """A proposal for a whole join, and the tables for which no link was found.

    Attributes
    ----------
    spec : the proposal. tables : by table the confidence and reasons. unlinked : tables left out of ``spec``.

    Examples
    --------
    >>> from experiments.joins.spec import JoinSpec
    >>> JoinGuess(JoinSpec("loan", ()), {}, ("rates",)).unlinked
    ('rates',)
    """

    spec: JoinSpec
    tables: dict[str, GuessedTable]
    unlinked: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the guess as JSON-ready plain data."""
        return {
            "spec": self.spec.to_dict(),
            "tables": {name: guessed.to_dict() for name, guessed in self.tables.items()},
            "unlinked": [{"name": name, "message": NOT_LINKED, "params": {"table": name}} for name in self.unlinked],
        }


def guess_joins(base: str, tables: Mapping[str, AnyPath]) -> JoinGuess:
    r"""Propose how tables hang on the base, directly or through each other.

    A key is a pair of columns where at least 95 % of the values on one side stand on the other. Equal names, or a name
    that holds the other table's, make it surer; so does a column that is unique on one side. A table that hangs on a
    column unique in it is looked up, any other is summed up.

    Parameters
    ----------
    base : the table with one row for each row of the result.
    tables : the Parquet files (as ``ingest_file`` writes them) by name, the base among them.

    Returns
    -------
    JoinGuess

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from experiments.ingest.reading import ingest_file
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "loan.csv").write_text("id\nA1\nA2\n")
    >>> _ = (folder / "trans.csv").write_text("id,amount\nA1,10\nA1,20\n")
    >>> names = ("loan", "trans")
    >>> _ = [ingest_file(folder / f"{name}.csv", folder / f"{name}.parquet") for name in names]
    >>> tables = {name: folder / f"{name}.parquet" for name in names}
    >>> guess_joins("loan", tables).unlinked
    ('trans',)
    """
    paths = {name: Path(path) for name, path in tables.items()}
    seen = {name: look_at(file) for name, file in open_tables(list(paths), paths).items()}
    links = _links(base, seen)
    placed: dict[str, GuessedTable] = {}
    while True:
        open_links = [link for link in links if link.child not in (base, *placed) and link.parent in (base, *placed)]
        if not open_links:
            break
        depth = {base: 0} | {name: _depth(base, placed, name) for name in placed}
        link = max(open_links, key=lambda each: (each.score - 0.03 * depth[each.parent], each.child, each.parent))
        placed[link.child] = _propose(base, link, seen, placed)
    time = seen[base].time
    spec = JoinSpec(
        base,
        tuple(_without_keys(guessed.table, placed) for guessed in placed.values()),
        time_column=time[0] if time else None,
        time_format=time[1] if time else "",
    )
    unlinked = tuple(name for name in tables if name != base and name not in placed)
    return JoinGuess(spec, placed, unlinked)


def _guess_columns(file: TableFile, taken: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the numbers and the categories of a table that are worth summing up: no keys, names or free text."""
    sample = next(file.batches(file.layout.names, ROWS_IN_SAMPLE), pl.DataFrame())
    numbers, categories = [], []
    for column in sample.columns:
        if column in set(taken) or file.type_of(column) in ("date", "text"):
            continue
        different = sample[column].drop_nulls().n_unique()
        if file.type_of(column) == "numeric":
            is_identifier = IDENTIFIER.search(words_of(column)) or _is_counter(sample[column])
            if different > 1 and not is_identifier:
                numbers.append(column)
        elif 1 < different <= MOST_LEVELS:
            categories.append(column)
    return numbers, categories


@dataclass(frozen=True)
class _Link:
    """A pair of columns by which a child may hang on a parent."""

    parent: str
    child: str
    parent_column: str
    own_column: str
    relation: Relation
    score: float
    overlap: float
    kind: str


def _time_of(
    base: str, link: _Link, seen: Mapping[str, TableLook], placed: Mapping[str, GuessedTable]
) -> tuple[str, str, float] | None:
    """Return when a table's rows happened, by the clock of those it shares its way with, or else by the base's."""
    child = seen[link.child]
    dates = child.time if seen[base].time else None
    way = [placed[name].table for name in _way(base, link.parent, placed)]
    if any(table.is_relative for table in way):
        return child.offset
    if any(table.time_column for table in way):
        return dates
    return dates or child.offset


def _way(base: str, name: str, placed: Mapping[str, GuessedTable]) -> Iterable[str]:
    """Yield the tables from one to the base."""
    while name != base:
        yield name
        name = placed[name].table.parent


def _links(base: str, seen: Mapping[str, TableLook]) -> list[_Link]:
    links = []
    for parent in seen:
        for child in seen:
            if child in (parent, base):
                continue
            pairs = [
                _weigh(_Ends(parent, child, ours, theirs), seen, may_repeat=parent == base)
                for ours in seen[parent].keys
                for theirs in seen[child].keys
            ]
            best = max((link for link in pairs if link is not None), key=lambda link: link.score, default=None)
            if best is not None and best.score >= LEAST_CONFIDENCE:
                links.append(best)
    return links


@dataclass(frozen=True)
class _Ends:
    """A pair of columns that may mean the same."""

    parent: str
    child: str
    parent_column: str
    own_column: str

    @property
    def kind(self) -> str:
        if plain_name(self.parent_column) == plain_name(self.own_column):
            return "same"
        named = names_table(self.parent_column, self.child) or names_table(self.own_column, self.parent)
        return "table" if named else "values"


def _weigh(ends: _Ends, seen: Mapping[str, TableLook], *, may_repeat: bool) -> _Link | None:
    """Return the link that a pair of columns suggests; ``None`` where it suggests none."""
    theirs, ours = seen[ends.parent].keys[ends.parent_column], seen[ends.child].keys[ends.own_column]
    kind = ends.kind
    is_identifier = IDENTIFIER.search(words_of(ends.own_column)) is not None
    if not (ours.is_unique or theirs.is_unique or (may_repeat and kind == "same" and is_identifier)):
        # Many rows on both sides mean a panel of customers in the base, or nothing.
        return None
    reach = min(len(ours), len(theirs)) / max(len(ours), len(theirs))
    if kind == "values" and (reach < LEAST_MUTUAL or ours.is_number != theirs.is_number):
        # Small whole numbers stand in many columns: only sets that cover each other mean something.
        return None
    both = ours.shared_with(theirs)
    # A table that is looked up must hold what the parent asks for; one that is summed up may know fewer or more.
    overlap = both / len(theirs) if ours.is_unique else max(both / len(ours), both / len(theirs))
    if overlap < ENOUGH_OVERLAP and not (kind == "same" and both):
        return None
    mutual = both / max(len(ours), len(theirs))
    score = {"same": 0.75, "table": 0.65, "values": 0.2}[kind] + 0.2 * (overlap >= ENOUGH_OVERLAP) + 0.05 * mutual
    score += 0.25 * mutual * (kind == "values") - 0.3 * (kind == "same" and not is_identifier)
    score -= 0.1 * (not ours.is_unique and not theirs.is_unique)
    relation: Relation = "one" if ours.is_unique else "many"
    return _Link(ends.parent, ends.child, ends.parent_column, ends.own_column, relation, score, overlap, kind)


def _propose(base: str, link: _Link, seen: Mapping[str, TableLook], placed: Mapping[str, GuessedTable]) -> GuessedTable:
    child = seen[link.child]
    time = _time_of(base, link, seen, placed)
    relation = link.relation
    is_below_many = link.parent in placed and _is_many(base, placed, link.parent)
    if relation == "one" and is_below_many and time and not placed[link.parent].table.time_column:
        # A table with times cannot be looked up from rows without them; it can be summed up on its own.
        relation = "many"
    taken = [link.own_column, *([time[0]] if time else [])]
    numbers, categories = _guess_columns(child.file, taken)
    table = JoinedTable(
        name=link.child,
        parent=link.parent,
        keys=((link.parent_column, link.own_column),),
        relation=relation,
        time_column=time[0] if time else None,
        time_format=time[1] if time else "",
        columns=(*([time[0]] if time else []), *numbers, *categories) if relation == "one" else (),
        numbers=tuple(numbers) if relation == "many" else (),
        categories=tuple(categories) if relation == "many" else (),
    )
    return GuessedTable(table, min(link.score, 0.99), tuple(_reasons(link, relation)))


def _without_keys(table: JoinedTable, placed: Mapping[str, GuessedTable]) -> JoinedTable:
    """Take out of a table's own columns those that only lead on to another table."""
    onward = {
        key for guessed in placed.values() if guessed.table.parent == table.name for key in guessed.table.parent_keys
    }
    return replace(
        table,
        columns=tuple(column for column in table.columns if column not in onward),
        numbers=tuple(column for column in table.numbers if column not in onward),
        categories=tuple(column for column in table.categories if column not in onward),
    )


def _reasons(link: _Link, relation: Relation) -> Iterable[tuple[str, dict[str, Any]]]:
    ends = {"child": f"{link.child}.{link.own_column}", "parent": f"{link.parent}.{link.parent_column}"}
    if link.relation == "one":
        ends = {"child": ends["parent"], "parent": ends["child"]}
    words = {**ends, "share": f"{link.overlap:.0%}"}
    if link.kind == "same":
        yield SAME_NAME, {**words, "column": link.own_column}
    elif link.kind == "table":
        is_parent_s = names_table(link.parent_column, link.child)
        column, table = (link.parent_column, link.child) if is_parent_s else (link.own_column, link.parent)
        yield TABLE_IN_NAME, {**words, "column": column, "table": table}
    else:
        yield VALUES_MEET, words
    if relation == link.relation:
        message = UNIQUE if relation == "one" else REPEATED
        yield message, {"column": link.own_column, "table": link.child}


def _is_many(base: str, placed: Mapping[str, GuessedTable], name: str) -> bool:
    while name != base:
        if placed[name].table.relation == "many":
            return True
        name = placed[name].table.parent
    return False


def _depth(base: str, placed: Mapping[str, GuessedTable], name: str) -> int:
    """Return how far a table is from the base; a way through rows that are summed up counts more."""
    steps = 0
    while name != base:
        steps += 3 if placed[name].table.relation == "many" else 1
        name = placed[name].table.parent
    return steps


def _is_counter(values: pl.Series) -> bool:
    """Return whether every row has a whole number of its own."""
    present = values.drop_nulls()
    if len(present) <= 50 or present.n_unique() < len(present) or not bool((present == present.round()).all()):
        return False
    return len(present) / (float(present.max()) - float(present.min()) + 1) > 0.2  # type: ignore[arg-type]
