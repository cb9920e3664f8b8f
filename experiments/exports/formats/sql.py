"""A model as one SELECT for each database: cards, lines and trees alike, over columns of their own types."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import sqlglot
from sqlglot import expressions as exp

from experiments.artifact.model import ModelArtifact
from experiments.errors import BadInput, gettext_noop
from experiments.exports.expressions import Expression
from experiments.exports.formats.form import OF_DOUBLE
from experiments.exports.plain import EMPTY_CODE, Curve, Input, Plain, Split, Table, Trees, own_columns, plain_of
from experiments.exports.rows import CheckRows
from experiments.features.levels import BOOLEAN_WORDS, as_days, as_flags, as_numbers, level_text
from experiments.scorecard.sql import calibrated_sql
from experiments.scorecard.sql import number_literal as literal

LABEL = gettext_noop("SQL")
TOO_LONG = gettext_noop(
    "The model's trees have %(splits)s splits; SQL is written for up to %(most)s, as databases refuse more."
)
MOST_SPLITS = 60_000
TABLE = "customers"
DIALECTS = {"postgresql": "postgres", "mysql": "mysql", "hive": "hive", "spark": "spark", "oracle": "oracle"}
PROVEN_IN = "duckdb"
# Oracle compares no CLOB with a text; MySQL takes Clerk and clerk for one unless told otherwise.
AS_TEXT = {
    "oracle": "CAST({cell} AS VARCHAR2(4000))",
    "mysql": "CAST({cell} AS CHAR CHARACTER SET utf8mb4) COLLATE utf8mb4_bin",
}
HEADER = """\
-- Probability (and score) of each row of {table}: put your table's name in its place, which stands once, behind FROM.
-- Columns of numbers are numeric, dates are dates without a time, levels are texts, yes/no may be flags, 1/0 or words.
-- Model {hash}. {proven}
"""


class Sql:
    """A statement for each dialect, or for one, and the one that was run for the check."""

    name = "sql"
    label = LABEL
    suffix = ".zip"
    tolerance = OF_DOUBLE
    has_times = False

    def __init__(self, dialect: str = "") -> None:
        self.dialect = dialect

    def require(self, artifact: ModelArtifact) -> Plain | None:
        """Refuse what is no sum of terms, and what no database would take."""
        plain = plain_of(artifact, LABEL)
        if plain.splits > MOST_SPLITS:
            raise BadInput(TOO_LONG, splits=plain.splits, most=MOST_SPLITS)
        return plain

    def write(self, artifact: ModelArtifact, plain: Plain | None, out: Path, rows: CheckRows) -> None:
        """Write a statement for each dialect that is wanted."""
        assert plain is not None
        wanted = {self.dialect: DIALECTS[self.dialect]} if self.dialect else DIALECTS
        for name, dialect in {**wanted, PROVEN_IN: PROVEN_IN}.items():
            proven = (
                "Proven equal to the model by running it."
                if name == PROVEN_IN
                else f"Translated by SQLGlot from {PROVEN_IN}.sql, which was proven equal to the model by running it."
            )
            head = HEADER.format(table=TABLE, hash=artifact.hash, proven=proven)
            (out / f"{name}.sql").write_text(f"{head}{statement_of(artifact, plain, dialect)};\n", encoding="utf-8")

    def scores(self, artifact: ModelArtifact, out: Path, rows: CheckRows) -> Mapping[str, np.ndarray]:
        """Run the statement in DuckDB."""
        import duckdb

        plain = self.require(artifact)
        assert plain is not None
        with duckdb.connect() as connection:
            # Its optimizer takes minutes over thousands of CASEs, and gives nothing that a check needs.
            connection.execute("PRAGMA disable_optimizer")
            connection.register("rows_given", _as_table(plain, artifact, rows.frame))
            connection.execute(f"CREATE TABLE {TABLE} AS SELECT * FROM rows_given")  # noqa: S608
            text = (out / f"{PROVEN_IN}.sql").read_text(encoding="utf-8")
            found = connection.execute(text).df()
        return {PROVEN_IN: found["probability"].to_numpy(dtype=np.float64)}


def statement_of(artifact: ModelArtifact, plain: Plain, dialect: str) -> str:
    """Return the SELECT that gives the id or, where the model has none, its columns, and probability and score."""
    writer = _Writer(artifact, plain, dialect)
    tree = sqlglot.parse_one(writer.skeleton(), read="duckdb").transform(_cast_as, dialect)
    skeleton = tree.sql(dialect=dialect, pretty=True)
    # Sums of CASE read alike in every database; what is as long as trees need not be translated.
    return skeleton.replace("xy_sum_of_terms", writer.sum_of_terms()).replace("XY_SUM_OF_TERMS", writer.sum_of_terms())


class _Writer:
    def __init__(self, artifact: ModelArtifact, plain: Plain, dialect: str) -> None:
        self.artifact, self.plain, self.dialect = artifact, plain, dialect
        self.own = own_columns(plain)
        self.place = {name: number for number, name in enumerate(self.own, start=1)}

    def skeleton(self) -> str:
        """Return the statement in DuckDB's words, with a name where the sum of the terms belongs."""
        id_column = self.artifact.id_column
        kept = [id_column] if id_column else list(self.own)
        carried = ", ".join(f"{_quoted(name)} AS xy_kept_{number}" for number, name in enumerate(kept, start=1))
        back = ", ".join(f"xy_kept_{number} AS {_quoted(name)}" for number, name in enumerate(kept, start=1))
        passed = ", ".join(f"xy_kept_{number}" for number in range(1, len(kept) + 1))
        cells = [f"{self._cell(name)} AS xy_{place}" for name, place in self.place.items()]
        inputs = [f"{self._input(place)} AS xy_in_{place}" for place in self.plain.inputs_read]
        score = f", {self._score()} AS score" if self.artifact.is_risk else ""
        layers = {
            "xy_cells": f"{', '.join([carried, *cells])} FROM {TABLE}",
            "xy_inputs": f"{', '.join([passed, *inputs])} FROM xy_cells",
            "xy_sums": f"{passed}, xy_sum_of_terms AS xy_sum FROM xy_inputs",
            "xy_raw": f"{passed}, {self._log_odds()} AS xy_odds FROM xy_sums",
            "xy_done": f"{passed}, {calibrated_sql('xy_odds', self.plain.calibrator)} AS xy_log_odds FROM xy_raw",
        }
        named = ", ".join(f"{name} AS (SELECT {body})" for name, body in layers.items())
        return f"WITH {named} SELECT {back}, 1e0 / (1e0 + EXP(-xy_log_odds)) AS probability{score} FROM xy_done"  # noqa: S608

    def sum_of_terms(self) -> str:
        """Return the sum that gives the margin."""
        parts = [literal(self.plain.constant)]
        for term in self.plain.terms:
            match term:
                case Trees(weight, trees):
                    parts.append(f"{literal(weight)} * ({_summed([_tree(tree) for tree in trees])})")
                case Table(weight, place, values, empty):
                    cases = " ".join(f"WHEN {code} THEN {literal(value)}" for code, value in enumerate(values))
                    parts.append(f"{literal(weight)} * (CASE xy_in_{place} {cases} ELSE {literal(empty)} END)")
                case Curve():
                    parts.append(f"{literal(term.weight)} * ({_curve(term)})")
        return "(" + _summed(parts) + ")"

    def _cell(self, name: str) -> str:
        column, read_as = _quoted(name), self.own[name]
        text = f"TRIM(CAST({column} AS TEXT))"
        if read_as == "number":
            return f"CAST({column} AS DOUBLE)"
        if read_as == "level":
            return f"NULLIF({text}, '')"
        if read_as == "days":
            if self.dialect == "oracle":
                return f"CAST({column} AS DATE) - CAST('1970-01-01' AS DATE)"
            return f"CAST(DATE_DIFF('day', CAST('1970-01-01' AS DATE), CAST({column} AS DATE)) AS DOUBLE)"
        yes, no = (
            ", ".join(_text(word) for word, flag in BOOLEAN_WORDS.items() if flag == wanted) for wanted in (1.0, 0.0)
        )
        return f"CASE WHEN LOWER({text}) IN ({yes}) THEN 1e0 WHEN LOWER({text}) IN ({no}) THEN 0e0 END"

    def _input(self, place: int) -> str:
        one = self.plain.inputs[place]
        if one.kind:
            value = self._derived(one.expression)
        elif one.read_as == "level":
            value = self._code(one)
        else:
            value = f"xy_{self.place[one.name]}"
        return value if one.filled is None else f"COALESCE({value}, {literal(one.filled)})"

    def _code(self, one: Input) -> str:
        cell = f"xy_{self.place[one.name]}"
        levels: dict[int, list[str]] = {}
        for level, code in one.codes.items():
            levels.setdefault(code, []).append(_text(level))
        cases = " ".join(f"WHEN {cell} IN ({', '.join(texts)}) THEN {code}" for code, texts in levels.items())
        rest = "NULL" if one.other == EMPTY_CODE else str(one.other)
        return f"CASE WHEN {cell} IS NULL THEN NULL {cases} ELSE {rest} END"

    def _derived(self, expression: Expression) -> str:
        if not isinstance(expression, list):
            return "NULL" if expression is None else literal(expression)
        name, *parts = expression
        if name in ("number", "days"):
            cell = f"xy_{self.place[parts[0]]}"
            codes = (self.artifact.generator.special_values or {}).get(parts[0], []) if name == "number" else []
            return f"CASE WHEN {cell} NOT IN ({', '.join(map(literal, codes))}) THEN {cell} END" if codes else cell
        texts = [self._derived(part) for part in parts]
        if name in _INFIX:
            return f"({f' {_INFIX[name]} '.join(texts)})"
        if name == "is_null":
            return f"({texts[0]} IS NULL)"
        if name == "if":
            return f"CASE WHEN {texts[0]} THEN {texts[1]} ELSE {texts[2]} END"
        return f"{name.upper()}({', '.join(texts)})"

    def _log_odds(self) -> str:
        if self.plain.unit == "probability":
            low, high = literal(1e-6), literal(1 - 1e-6)
            p = f"(CASE WHEN xy_sum < {low} THEN {low} WHEN xy_sum > {high} THEN {high} ELSE xy_sum END)"
            return f"LN({p} / (1e0 - {p}))"
        return "CASE WHEN xy_sum < -30e0 THEN -30e0 WHEN xy_sum > 30e0 THEN 30e0 ELSE xy_sum END"

    def _score(self) -> str:
        scale = self.artifact.scale
        return f"{literal(scale.offset)} - {literal(scale.direction * scale.factor)} * xy_log_odds"


_INFIX = {
    "add": "+", "sub": "-", "mul": "*", "div": "/", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "=",
    "and": "AND",
}  # fmt: skip


def _tree(tree: Split) -> str:
    def below(node: int) -> str:
        if node < 0:
            return literal(tree.leaf[~node])
        value = f"xy_in_{tree.feature[node]}"
        if node in tree.sets:
            codes = ", ".join(map(str, tree.sets[node])) or "NULL"
            goes = f"{value} IN ({codes})"
        else:
            goes = f"{value} <= {literal(tree.threshold[node])}"
        if tree.empty_left[node]:
            goes += f" OR {value} IS NULL"
        return f"CASE WHEN {goes} THEN {below(int(tree.left[node]))} ELSE {below(int(tree.right[node]))} END"

    return below(0) if len(tree.feature) else literal(tree.leaf[0])


def _curve(term: Curve) -> str:
    value, low, high = f"xy_in_{term.input}", literal(term.low), literal(term.high)
    clipped = f"(CASE WHEN {value} < {low} THEN {low} WHEN {value} > {high} THEN {high} ELSE {value} END)"
    parts = [f"{literal(term.start)} + {literal(term.slope)} * {clipped}"]
    parts += [
        f"{literal(bend)} * (CASE WHEN {clipped} > {literal(knot)} THEN {clipped} - {literal(knot)} ELSE 0e0 END)"
        for knot, bend in zip(term.knots, term.bends, strict=True)
    ]
    return f"CASE WHEN {value} IS NULL THEN {literal(term.empty)} ELSE {' + '.join(parts)} END"


def _summed(parts: Sequence[str]) -> str:
    """Return a sum in groups of groups: databases refuse expressions as deep as a sum of thousands is."""
    groups = list(parts)
    while len(groups) > 20:
        groups = [f"({' + '.join(groups[start : start + 20])})" for start in range(0, len(groups), 20)]
    return " + ".join(groups)


def _cast_as(node: exp.Expr, dialect: str) -> exp.Expr:
    """Return a cast as the database means it: texts are compared letter by letter, a day is read in its own order."""
    if not isinstance(node, exp.Cast) or dialect not in AS_TEXT:
        return node
    cell = node.this.sql(dialect=dialect)
    if node.is_type("text"):
        return sqlglot.parse_one(AS_TEXT[dialect].format(cell=cell), read=dialect)
    if dialect == "oracle" and node.is_type("date") and node.this.is_string:
        return sqlglot.parse_one(f"DATE {cell}", read=dialect)
    return node


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(word: str) -> str:
    return "'" + word.replace("'", "''") + "'"


def _as_table(plain: Plain, artifact: ModelArtifact, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with the types that the statement asks for, NULL where empty."""
    readers = {"number": as_numbers, "flag": as_flags, "days": as_days}
    found: dict[str, object] = {}
    for name, read_as in own_columns(plain).items():
        if read_as == "level":
            found[name] = pd.array([level_text(cell) for cell in frame[name].tolist()], dtype="string")
        elif read_as == "days":
            found[name] = frame[name]
        else:
            values = readers[read_as](frame[name])[0]
            found[name] = pd.array(values, dtype="Float64") if read_as == "number" else pd.array(
                np.where(np.isnan(values), None, values == 1), dtype="boolean"
            )  # fmt: skip
    id_column = artifact.id_column
    return pd.DataFrame(found | ({str(id_column): np.arange(len(frame))} if id_column else {}))
