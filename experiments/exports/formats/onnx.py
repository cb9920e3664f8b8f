"""A model as one ONNX graph: cells in, probability out, for every family that is a sum of terms.

Trees are TreeEnsembleRegressor nodes with thresholds in double precision, of which the runtime adds up the leaves in
single. What a split on categories asks, whether a code is in a set, is looked up in a table and becomes a column.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.artifact.model import ModelArtifact
from experiments.errors import gettext_noop
from experiments.evaluation.calibrators import BetaCalibrator, IsotonicCalibrator, PlattCalibrator
from experiments.exports.expressions import Expression
from experiments.exports.formats.form import OF_SINGLE
from experiments.exports.plain import (
    EMPTY_CODE,
    Curve,
    Input,
    Plain,
    Split,
    Table,
    Trees,
    own_columns,
    plain_of,
    table_as_inputs,
)
from experiments.exports.rows import CheckRows

LABEL = gettext_noop("ONNX")
FILE = "model.onnx"
# Both are old enough for every runtime of the last years.
OPSETS = {"": 17, "ai.onnx.ml": 3}
IR_VERSION = 8
README = """model.onnx: one input for each column, of shape (rows, 1); one output, "probability", of shape (rows, 1).

Numbers are doubles, NaN where empty. Dates are days since 1970-01-01, as doubles. Yes/no is 1.0 or 0.0. Levels are
strings without spaces around them, "" where empty; whole numbers among them are written 3, not 3.0.
Probabilities are within 1e-5 of the model's: the runtime adds trees up in single precision.
"""


class Onnx:
    """A graph that any ONNX runtime reads."""

    name = "onnx"
    label = LABEL
    suffix = ".zip"
    tolerance = OF_SINGLE
    has_times = True

    def require(self, artifact: ModelArtifact) -> Plain | None:
        """Refuse what is no sum of terms."""
        return plain_of(artifact, LABEL)

    def write(self, artifact: ModelArtifact, plain: Plain | None, out: Path, rows: CheckRows) -> None:
        """Write the graph."""
        assert plain is not None
        (out / FILE).write_bytes(graph_of(artifact, plain).SerializeToString())
        (out / "README.txt").write_text(README, encoding="utf-8")

    def scores(self, artifact: ModelArtifact, out: Path, rows: CheckRows) -> Mapping[str, np.ndarray]:
        """Run the graph in ONNX Runtime."""
        import onnxruntime

        plain = self.require(artifact)
        assert plain is not None
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(
            str(out / FILE), sess_options=options, providers=["CPUExecutionProvider"]
        )
        table = table_as_inputs(plain, rows.frame)
        given = {}
        for name, read_as in own_columns(plain).items():
            cells = ["" if cell is None else cell for cell in table[name]] if read_as == "level" else table[name]
            given[name] = np.array(cells, dtype=object if read_as == "level" else np.float64).reshape(-1, 1)
        (found,) = session.run(["probability"], given)
        return {"onnxruntime": np.asarray(found, dtype=np.float64).ravel()}


def graph_of(artifact: ModelArtifact, plain: Plain) -> Any:
    """Return the model as an ONNX message."""
    from onnx import checker, helper

    graph = _Graph(plain, artifact.generator.special_values or {})
    graph.build()
    model = helper.make_model(
        graph.message(), producer_name="xiaoyu", ir_version=IR_VERSION,
        opset_imports=[helper.make_opsetid(domain, version) for domain, version in OPSETS.items()],
    )  # fmt: skip
    helper.set_model_props(model, {"model_hash": artifact.hash, "learner": artifact.learner})
    checker.check_model(model)
    return model


class _Graph:
    def __init__(self, plain: Plain, codes: Mapping[str, Sequence[float]]) -> None:
        self.plain, self.codes = plain, codes
        self.nodes: list[Any] = []
        self.initial: list[Any] = []
        self.known: dict[Any, str] = {}
        self.own = own_columns(plain)
        #: The code of each input that is a level, as whole numbers, −1 where empty.
        self.code_of: dict[int, str] = {}

    def message(self) -> Any:
        from onnx import TensorProto, helper

        inputs = [
            helper.make_tensor_value_info(
                name, TensorProto.STRING if read_as == "level" else TensorProto.DOUBLE, ["rows", 1]
            )
            for name, read_as in self.own.items()
        ]
        output = helper.make_tensor_value_info("probability", TensorProto.DOUBLE, ["rows", 1])
        return helper.make_graph(self.nodes, "model", inputs, [output], self.initial)

    def build(self) -> None:
        """Add all nodes."""
        values = {place: self._input(place) for place in self.plain.inputs_read}
        total = self.number(self.plain.constant)
        for term in self.plain.terms:
            match term:
                case Trees(weight, trees):
                    part = self._trees(trees, values)
                case Table(weight, place, worth, empty):
                    part = self._looked_up(place, [empty, *worth])
                case Curve(weight=weight):
                    part = self._curve(term, values[term.input])
            total = self("Add", total, self("Mul", self.number(weight), part))
        odds = self._log_odds(total)
        self.nodes.append(self._node("Sigmoid", [self._calibrated(odds)], ["probability"]))

    def __call__(self, kind: str, *inputs: str, domain: str = "", **settings: Any) -> str:
        """Add a node and return the name of what it gives; the same node is added once."""
        key = (kind, inputs, repr(settings)) if kind != "TreeEnsembleRegressor" else len(self.nodes)
        if key not in self.known:
            self.known[key] = f"_{len(self.nodes)}"
            self.nodes.append(self._node(kind, list(inputs), [self.known[key]], domain=domain, **settings))
        return self.known[key]

    def number(self, value: float) -> str:
        return self._constant(np.array(value, dtype=np.float64))

    def _node(self, kind: str, inputs: list[str], outputs: list[str], *, domain: str = "", **settings: Any) -> Any:
        from onnx import helper

        return helper.make_node(kind, inputs, outputs, domain=domain, **settings)

    def _constant(self, value: np.ndarray) -> str:
        from onnx import numpy_helper

        key = ("constant", value.dtype.str, value.shape, value.tobytes())
        if key not in self.known:
            self.known[key] = f"_c{len(self.initial)}"
            self.initial.append(numpy_helper.from_array(value, self.known[key]))
        return self.known[key]

    def _input(self, place: int) -> str:
        one = self.plain.inputs[place]
        if one.read_as == "level" and not one.kind:
            return self._level(place, one)
        value = self._derived(one.expression) if one.kind else one.name
        low, high = self.number(-1e30), self.number(1e30)
        is_empty = self("IsNaN", value)
        clipped = self("Max", self("Min", value, high), low)
        return self("Where", is_empty, self.number(np.nan if one.filled is None else one.filled), clipped)

    def _level(self, place: int, one: Input) -> str:
        empty = EMPTY_CODE if one.filled is None else int(one.filled)
        code = self(
            "LabelEncoder", one.name, domain="ai.onnx.ml", keys_strings=[*one.codes, ""],
            values_int64s=[*one.codes.values(), empty], default_int64=one.other if one.other >= 0 else empty,
        )  # fmt: skip
        self.code_of[place] = code
        is_empty = self("Equal", code, self._constant(np.array(EMPTY_CODE, dtype=np.int64)))
        return self("Where", is_empty, self.number(np.nan), self("Cast", code, to=11))

    def _looked_up(self, place: int, values: Sequence[float]) -> str:
        """Return the value of each row's code; the first of them is of the empty cell."""
        index = self("Add", self.code_of[place], self._constant(np.array(1, dtype=np.int64)))
        return self("Gather", self._constant(np.array(values, dtype=np.float64)), index)

    def _curve(self, term: Curve, value: str) -> str:
        clipped = self("Max", self("Min", value, self.number(term.high)), self.number(term.low))
        total = self("Add", self.number(term.start), self("Mul", self.number(term.slope), clipped))
        for knot, bend in zip(term.knots, term.bends, strict=True):
            beyond = self("Max", self("Sub", clipped, self.number(knot)), self.number(0.0))
            total = self("Add", total, self("Mul", self.number(bend), beyond))
        return self("Where", self("IsNaN", value), self.number(term.empty), total)

    def _trees(self, trees: Sequence[Split], values: Mapping[int, str]) -> str:
        columns: dict[Any, int] = {}
        names: list[str] = []

        def column(key: Any, name: str) -> int:
            if key not in columns:
                columns[key] = len(names)
                names.append(name)
            return columns[key]

        found: dict[str, list[Any]] = {name: [] for name in _ATTRIBUTES}
        leaf: dict[str, list[Any]] = {name: [] for name in ("treeids", "nodeids", "ids", "weights")}
        for number, tree in enumerate(trees):
            count = len(tree.feature)
            for node in range(count):
                place = int(tree.feature[node])
                if node in tree.sets:
                    member = np.zeros(self.plain.inputs[place].highest_code + 2)
                    codes = np.array(tree.sets[node], dtype=np.int64) + 1
                    member[codes[codes < len(member)]] = 1.0
                    feature = column((place, tree.sets[node]), self._looked_up(place, member.tolist()))
                    # In the set is above a half, and goes left in the tree: to the false branch.
                    below, threshold = (tree.right[node], tree.left[node]), 0.5
                else:
                    feature, threshold = column(place, values[place]), float(tree.threshold[node])
                    below = (tree.left[node], tree.right[node])
                true, false = (int(child) if child >= 0 else count + int(~child) for child in below)
                _add(found, number, node, feature, "BRANCH_LEQ", threshold, true, false, int(tree.empty_left[node]))
            for place_of_leaf, value in enumerate(tree.leaf.tolist()):
                _add(found, number, count + place_of_leaf, 0, "LEAF", 0.0, 0, 0, 0)
                for name, one in zip(leaf, (number, count + place_of_leaf, 0, value), strict=True):
                    leaf[name].append(one)
        matrix = self("Concat", *names, axis=1) if names else self._any_column()
        total = self(
            "TreeEnsembleRegressor", matrix, domain="ai.onnx.ml", n_targets=1, aggregate_function="SUM",
            post_transform="NONE", **_tree_settings(found, leaf),
        )  # fmt: skip
        return self("Cast", total, to=11)

    def _any_column(self) -> str:
        """Return a column for trees that read none, which are constants."""
        name = next((name for name, read_as in self.own.items() if read_as != "level"), "")
        return self("Identity", name)

    def _derived(self, expression: Expression) -> str:
        if not isinstance(expression, list):
            return self.number(np.nan if expression is None else float(expression))
        name, *parts = expression
        if name in ("number", "days"):
            value = parts[0]
            for code in self.codes.get(value, []) if name == "number" else []:
                value = self("Where", self("Equal", parts[0], self.number(code)), self.number(np.nan), value)
            return str(value)
        texts = [self._derived(part) for part in parts]
        match name:
            case "is_null":
                return self("IsNaN", texts[0])
            case "if":
                return self("Where", *texts)
            case "nullif":
                return self("Where", self("Equal", *texts), self.number(np.nan), texts[0])
            case "coalesce":
                return self("Where", self("IsNaN", texts[0]), texts[1], texts[0])
        return self(_OPERATIONS[name], *texts)

    def _log_odds(self, total: str) -> str:
        if self.plain.unit == "probability":
            p = self("Max", self("Min", total, self.number(1 - 1e-6)), self.number(1e-6))
            return self("Log", self("Div", p, self("Sub", self.number(1.0), p)))
        return self("Max", self("Min", total, self.number(30.0)), self.number(-30.0))

    def _calibrated(self, odds: str) -> str:
        one = self.number(1.0)
        match self.plain.calibrator:
            case PlattCalibrator(intercept, slope):
                return self("Add", self.number(intercept), self("Mul", self.number(slope), odds))
            case BetaCalibrator(intercept, a, b):
                low = self("Neg", self("Log", self("Add", one, self("Exp", self("Neg", odds)))))
                high = self("Log", self("Add", one, self("Exp", odds)))
                parts = self("Add", self("Mul", self.number(a), low), self("Mul", self.number(b), high))
                return self("Add", self.number(intercept), parts)
            case IsotonicCalibrator(margins, calibrated):
                return self._broken_line(odds, margins, calibrated)

    def _broken_line(self, odds: str, xs: Sequence[float], ys: Sequence[float]) -> str:
        """Return straight lines between the points, and slope 1 beyond both ends."""
        below = self("Min", self("Sub", odds, self.number(xs[0])), self.number(0.0))
        above = self("Max", self("Sub", odds, self.number(xs[-1])), self.number(0.0))
        total = self("Add", self.number(ys[0]), self("Add", below, above))
        for x, y, next_x, next_y in zip(xs, ys, xs[1:], ys[1:], strict=False):
            if next_x > x:
                inside = self("Min", self("Max", self("Sub", odds, self.number(x)), self.number(0.0)),
                              self.number(next_x - x))  # fmt: skip
                total = self("Add", total, self("Mul", self.number((next_y - y) / (next_x - x)), inside))
            else:
                total = self("Add", total, self("Mul", self.number(next_y - y), self._reached(odds, x)))
        return total

    def _reached(self, odds: str, x: float) -> str:
        return self("Cast", self("GreaterOrEqual", odds, self.number(x)), to=11)


_OPERATIONS = {
    "add": "Add", "sub": "Sub", "mul": "Mul", "div": "Div", "sqrt": "Sqrt", "lt": "Less", "le": "LessOrEqual",
    "gt": "Greater", "ge": "GreaterOrEqual", "eq": "Equal", "and": "And",
}  # fmt: skip
_ATTRIBUTES = (
    "treeids", "nodeids", "featureids", "modes", "values", "truenodeids", "falsenodeids", "missing_value_tracks_true",
)  # fmt: skip


def _add(found: dict[str, list[Any]], *values: Any) -> None:
    for name, value in zip(_ATTRIBUTES, values, strict=True):
        found[name].append(value)


def _tree_settings(found: dict[str, list[Any]], leaf: dict[str, list[Any]]) -> dict[str, Any]:
    from onnx import numpy_helper

    def doubles(name: str, values: list[float]) -> Any:
        return numpy_helper.from_array(np.array(values, dtype=np.float64), name)

    settings = {f"nodes_{name}": values for name, values in found.items() if name != "values"}
    settings["nodes_values_as_tensor"] = doubles("nodes_values", found["values"])
    settings |= {f"target_{name}": values for name, values in leaf.items() if name != "weights"}
    settings["target_weights_as_tensor"] = doubles("target_weights", leaf["weights"])
    return settings
