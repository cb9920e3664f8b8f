"""A scorecard as PMML 4.4 ``Scorecard``: an attribute for each bin, the sum of points, and the probability."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
from lxml import etree

from experiments.artifact.model import ModelArtifact
from experiments.artifact.release import RELEASE
from experiments.errors import BadInput, gettext_noop
from experiments.evaluation.calibrators import PlattCalibrator
from experiments.exports.formats.form import OF_DOUBLE
from experiments.exports.plain import READ_AS, Plain, plain_of, table_as_inputs
from experiments.exports.rows import CheckRows
from experiments.features.bins import BinnedColumn
from experiments.learners import FAMILIES
from experiments.learners.scorecard import ScorecardModel
from experiments.scorecard.scorecard import Scorecard
from experiments.sentence import Sentence

LABEL = gettext_noop("PMML scorecard")
NO_CARD = gettext_noop("PMML is written for scorecards; this model is of the family %(family)s.")
NO_DERIVED_COLUMNS = gettext_noop("The scorecard reads the derived column %(column)s, which PMML is not written with.")
NO_CURVE = gettext_noop("PMML is written for a card whose calibration is a straight line; this one's is bent.")
NAMESPACE = "http://www.dmg.org/PMML-4_4"
FILE = "scorecard.pmml"
README = """scorecard.pmml: a Scorecard of PMML 4.4, which gives "points" and "probability".

Numbers are doubles. Dates are days since 1970-01-01, as doubles. Yes/no is 1.0 or 0.0. Levels are strings without
spaces around them; whole numbers among them are written 3, not 3.0. An empty cell is a missing value.
"""


class Pmml:
    """One file that PMML evaluators read."""

    name = "pmml"
    label = LABEL
    suffix = ".zip"
    tolerance = OF_DOUBLE
    has_times = True

    def require(self, artifact: ModelArtifact) -> Plain | None:
        """Refuse all but a single card of the table's own columns."""
        if len(artifact.members) != 1 or not isinstance(artifact.members[0], ScorecardModel):
            raise BadInput(NO_CARD, family=Sentence(FAMILIES[artifact.learner].about.label))
        derived = artifact.generator.sources_
        for name in artifact.members[0].card.columns_:
            if name in derived:
                raise BadInput(NO_DERIVED_COLUMNS, column=name)
        if not isinstance(artifact.calibrator, PlattCalibrator):
            raise BadInput(NO_CURVE)
        return plain_of(artifact, LABEL)

    def write(self, artifact: ModelArtifact, plain: Plain | None, out: Path, rows: CheckRows) -> None:
        """Write the card."""
        root = document_of(artifact)
        (out / FILE).write_bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))
        (out / "README.txt").write_text(README, encoding="utf-8")

    def scores(self, artifact: ModelArtifact, out: Path, rows: CheckRows) -> Mapping[str, np.ndarray]:
        """Read the file back and score by what it says, by its rules alone."""
        plain = self.require(artifact)
        assert plain is not None
        table = table_as_inputs(plain, rows.frame)
        return {"read back": _evaluated(out / FILE, {name: table[name].to_numpy() for name in table})}


def document_of(artifact: ModelArtifact) -> Any:
    """Return a card as a PMML document."""
    member = artifact.members[0]
    assert isinstance(member, ScorecardModel)
    card, calibrator = member.card, artifact.calibrator
    assert isinstance(calibrator, PlattCalibrator)
    root = etree.Element(_tag("PMML"), version="4.4", nsmap={None: NAMESPACE})
    header = _below(root, "Header", description=f"Model {artifact.hash}")
    _below(header, "Application", name="Xiaoyu", version=RELEASE)
    columns = list(card.binning_.bins_.values())
    dictionary = _below(root, "DataDictionary", numberOfFields=str(len(columns)))
    for column in columns:
        is_text = READ_AS[column.type] == "level"
        _below(
            dictionary, "DataField", name=column.name, optype="categorical" if is_text else "continuous",
            dataType="string" if is_text else "double",
        )  # fmt: skip
    model = _below(
        root, "Scorecard", modelName="scorecard", functionName="regression", useReasonCodes="false",
        initialScore="0", algorithmName="WOE scorecard",
    )  # fmt: skip
    schema = _below(model, "MiningSchema")
    for column in columns:
        # Values that training has not seen are valid here: the last attribute gives what they are worth.
        _below(schema, "MiningField", name=column.name, usageType="active", invalidValueTreatment="asIs")
    _write_output(model, card, calibrator)
    characteristics = _below(model, "Characteristics")
    for column, coefficient in zip(columns, card.coefficients_, strict=True):
        characteristic = _below(characteristics, "Characteristic", name=f"{column.name} points")
        _write_bins(characteristic, column, card, coefficient)
    return root


def _write_output(model: Any, card: Scorecard, calibrator: PlattCalibrator) -> None:
    """Write points, and the probability as 1 / (1 + exp(−(a + b · log-odds of the points)))."""
    scale = card.scale
    output = _below(model, "Output")
    _below(output, "OutputField", name="points", feature="predictedValue", optype="continuous", dataType="double")
    field = _below(
        output, "OutputField", name="probability", feature="transformedValue", optype="continuous", dataType="double"
    )  # fmt: skip
    slope = calibrator.slope * scale.direction / scale.factor
    ratio = _apply(field, "/")
    _constant(ratio, 1.0)
    below = _apply(ratio, "+")
    _constant(below, 1.0)
    exponent = _apply(_apply(below, "exp"), "-")
    _apply_points(exponent, slope)
    _constant(exponent, calibrator.intercept + slope * scale.offset)


def _apply_points(parent: Any, slope: float) -> None:
    product = _apply(parent, "*")
    _constant(product, slope)
    _below(product, "FieldRef", field="points")


def _write_bins(characteristic: Any, column: BinnedColumn, card: Scorecard, coefficient: float) -> None:
    """Write the attributes in the order in which they are asked: empty, codes, levels or ranges, and all else."""
    points = [row["points"] for row in card.rows_of(column, coefficient)]
    of_kind = {bin_.kind: worth for bin_, worth in zip(column.bins, points, strict=True)}
    neutral = card.neutral_points()
    empty = _attribute(characteristic, of_kind.get("missing", neutral))
    _below(empty, "SimplePredicate", field=column.name, operator="isMissing")
    for bin_, worth in zip(column.bins, points, strict=True):
        if bin_.levels and bin_.kind != "other":
            _write_set(_attribute(characteristic, worth), column, bin_.levels)
    for bin_, worth in zip(column.bins, points, strict=True):
        if bin_.kind == "range":
            _write_range(_attribute(characteristic, worth), column.name, bin_.low, bin_.high)
    _below(_attribute(characteristic, of_kind.get("other", neutral)), "True")


def _write_set(attribute: Any, column: BinnedColumn, levels: list[str]) -> None:
    is_number = column.is_ordered
    held = _below(attribute, "SimpleSetPredicate", field=column.name, booleanOperator="isIn")
    array = _below(held, "Array", n=str(len(levels)), type="real" if is_number else "string")
    # Strings stand in quotes, so that a level may hold a space.
    texts = [repr(float(level)) if is_number else '"' + level.replace('"', '\\"') + '"' for level in levels]
    array.text = " ".join(texts)


def _write_range(attribute: Any, name: str, low: float | None, high: float | None) -> None:
    ends = [("greaterOrEqual", low), ("lessThan", high)]
    given = [(operator, repr(float(value))) for operator, value in ends if value is not None]
    if not given:
        _below(attribute, "SimplePredicate", field=name, operator="isNotMissing")
        return
    parent = attribute if len(given) == 1 else _below(attribute, "CompoundPredicate", booleanOperator="and")
    for operator, value in given:
        _below(parent, "SimplePredicate", field=name, operator=operator, value=value)


def _attribute(characteristic: Any, points: float) -> Any:
    return _below(characteristic, "Attribute", partialScore=repr(float(points)))


def _apply(parent: Any, function: str) -> Any:
    return _below(parent, "Apply", function=function)


def _constant(parent: Any, value: float) -> None:
    _below(parent, "Constant", dataType="double").text = repr(float(value))


def _below(parent: Any, element: str, /, **attributes: str) -> Any:
    return etree.SubElement(parent, _tag(element), **attributes)


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _evaluated(path: Path, cells: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the probability of each row by the document alone, as the standard says it is read."""
    root = ElementTree.parse(path).getroot()  # noqa: S314
    rows = len(next(iter(cells.values())))
    card = root.find(_tag("Scorecard"))
    assert card is not None
    points = np.full(rows, float(card.attrib["initialScore"]))
    for characteristic in card.iter(_tag("Characteristic")):
        worth, is_open = np.full(rows, np.nan), np.ones(rows, dtype=bool)
        for attribute in characteristic:
            holds = is_open & _holds(attribute[0], cells, rows)
            worth[holds] = float(attribute.attrib["partialScore"])
            is_open &= ~holds
        points += worth
    field = next(one for one in card.iter(_tag("OutputField")) if one.attrib["name"] == "probability")
    return np.asarray(_value(field[0], points))


def _holds(predicate: Any, cells: Mapping[str, np.ndarray], rows: int) -> np.ndarray:
    kind = predicate.tag.removeprefix(f"{{{NAMESPACE}}}")
    if kind == "True":
        return np.ones(rows, dtype=bool)
    if kind == "CompoundPredicate":
        return np.asarray(np.logical_and.reduce([_holds(one, cells, rows) for one in predicate]))
    values = cells[predicate.attrib["field"]]
    is_empty = np.array([cell is None or cell != cell for cell in values], dtype=bool)
    if kind == "SimpleSetPredicate":
        text = predicate[0].text or ""
        if predicate[0].attrib["type"] == "real":
            return np.isin(values, [float(one) for one in text.split()])
        wanted = {one.replace('\\"', '"') for one in text[1:-1].split('" "')}
        return np.array([cell in wanted for cell in values], dtype=bool)
    operator = predicate.attrib["operator"]
    if operator in ("isMissing", "isNotMissing"):
        return is_empty if operator == "isMissing" else ~is_empty
    bound = float(predicate.attrib["value"])
    return np.asarray(values >= bound if operator == "greaterOrEqual" else values < bound)


def _value(node: Any, points: np.ndarray) -> Any:
    kind = node.tag.removeprefix(f"{{{NAMESPACE}}}")
    if kind == "Constant":
        return float(node.text)
    if kind == "FieldRef":
        return points
    parts = [_value(one, points) for one in node]
    return {"/": np.divide, "+": np.add, "-": np.subtract, "*": np.multiply, "exp": np.exp}[node.attrib["function"]](
        *parts
    )
