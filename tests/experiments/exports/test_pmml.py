"""A card is a PMML document that scores by its own rules as the card does; what is no card says so before."""

import zipfile
from xml.etree import ElementTree

import pytest

from experiments.__main__ import main
from experiments.exports.making import cannot_be, export_model
from tests.experiments.exports.models import BENT, saved_model

pytestmark = pytest.mark.slow
PMML = "{http://www.dmg.org/PMML-4_4}"


def test_a_card_scores_by_its_document_as_by_itself(tmp_path):
    model = saved_model(tmp_path / "model", "scorecard", derived=False)

    made = export_model(model, tmp_path / "card.zip", form="pmml")

    assert made.proof.furthest < 1e-9
    with zipfile.ZipFile(tmp_path / "card.zip") as packed:
        root = ElementTree.fromstring(packed.read("scorecard.pmml"))
        assert "Dates are days since 1970-01-01" in packed.read("README.txt").decode()
    assert root.attrib["version"] == "4.4"
    assert [one.tag.removeprefix(PMML) for one in root] == ["Header", "DataDictionary", "Scorecard"]
    card = root.find(f"{PMML}Scorecard")
    assert [one.tag.removeprefix(PMML) for one in card] == ["MiningSchema", "Output", "Characteristics"]
    named = {one.attrib["name"] for one in root.iter(f"{PMML}DataField")}
    assert {one.attrib["name"] for one in card.iter(f"{PMML}MiningField")} == named
    for characteristic in card.iter(f"{PMML}Characteristic"):
        assert characteristic[0][0].attrib["operator"] == "isMissing"
        assert characteristic[-1][0].tag == f"{PMML}True"


@pytest.mark.parametrize(
    ("family", "options", "words"),
    [
        ("baseline", {}, "PMML is written for scorecards; this model is of the family"),
        ("scorecard", {"derived": False, "calibrator": BENT}, "calibration is a straight line"),
    ],
)
def test_what_pmml_cannot_say_is_told_before_anything_is_written(tmp_path, capsys, family, options, words):
    model = saved_model(tmp_path / "model", family, **options)
    assert words in str(cannot_be(model, "pmml"))
    assert main(["export", str(model), "--format", "pmml", "--out", str(tmp_path / "card.zip")]) == 2
    assert words in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
