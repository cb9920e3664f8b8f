"""Derived columns as plain lists of operations, read from the SQL that their kinds write: one rule, many readers.

``["div", ["number", "loan"], ["nullif", ["number", "income"], 0.0]]`` is what a bundle's ``score.py`` works out with
NumPy and what becomes nodes of an ONNX graph. An empty value is NaN there, NULL in SQL.
"""

from typing import Any

import sqlglot
from sqlglot import expressions as sql

from experiments.generation.feature import GeneratedFeature
from experiments.scorecard.generated_sql import generated_sql

#: A number, or the name of an operation and what it works on.
Expression = Any

_TWO = {
    sql.Add: "add", sql.Sub: "sub", sql.Mul: "mul", sql.Div: "div", sql.LT: "lt", sql.LTE: "le", sql.GT: "gt",
    sql.GTE: "ge", sql.EQ: "eq", sql.And: "and", sql.Nullif: "nullif",
}  # fmt: skip


def expression_of(feature: GeneratedFeature) -> Expression | None:
    """Return a derived column as operations on its sources, None where it has none that every receiver can do."""
    names = [f"source_{number}" for number in range(len(feature.sources))]
    of_name = dict(zip(feature.sources, names, strict=True))
    text = generated_sql(feature, of_name.__getitem__)
    if text is not None:
        back = dict(zip(names, feature.sources, strict=True))
        return _read(sqlglot.parse_one(text, into=sql.Condition), back)
    days = [["days", name] for name in feature.sources]
    if feature.kind == "date_gap":
        return ["sub", *days]
    if feature.kind == "date_part" and feature.settings["part"] == "age":
        return ["sub", float(feature.settings["reference"]), *days]
    return None


def columns_read(expression: Expression) -> list[tuple[str, str]]:
    """Return the columns an expression reads, each with how: as a number or as days."""
    if not isinstance(expression, list):
        return []
    if expression[0] in ("number", "days"):
        return [(expression[1], expression[0])]
    return list(dict.fromkeys(found for part in expression[1:] for found in columns_read(part)))


def _read(node: Any, names: dict[str, str]) -> Expression:
    match node:
        case sql.Paren():
            return _read(node.this, names)
        case sql.Literal():
            return float(node.this)
        case sql.Column():
            return ["number", names[node.name]]
        case sql.Neg():
            return ["sub", 0.0, _read(node.this, names)]
        case sql.Sqrt():
            return ["sqrt", _read(node.this, names)]
        case sql.Is():
            return ["is_null", _read(node.this, names)]
        case sql.Coalesce():
            return ["coalesce", _read(node.this, names), *(_read(each, names) for each in node.expressions)]
        case sql.Case():
            rest = _read(node.args["default"], names) if node.args.get("default") is not None else None
            for branch in reversed(node.args["ifs"]):
                rest = ["if", _read(branch.this, names), _read(branch.args["true"], names), rest]
            return rest
    for kind, name in _TWO.items():
        if isinstance(node, kind):
            return [name, _read(node.this, names), _read(node.expression, names)]
    raise ValueError(f"no operation for {node.sql()}")
