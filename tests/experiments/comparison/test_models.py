"""Saved models on the same rows: the better one is called better, the same one alike, and what cannot be is refused."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments.__main__ import main
from experiments.artifact.model import ModelArtifact
from experiments.comparison.evidence import ModelsCompared
from experiments.comparison.models import compare_models
from experiments.comparison.on_rows import compare_on_rows
from experiments.comparison.scored_rows import ScoredRows
from experiments.errors import BadInput
from experiments.evaluation.metrics import auc, ks
from tests.experiments.loans import loans, model_of


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("models")
    for learner in ("lightgbm", "baseline", "linear"):
        model = model_of(learner)
        model.facts["event"] = "yes"
        model.save(folder / learner)
    return {path.name: path for path in folder.iterdir()}


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory, models: dict[str, Path]) -> Path:
    """Label the rows by what a model says of them, so that this model is the better one; two have no outcome yet."""
    frame = loans()
    p = ModelArtifact.load(models["lightgbm"]).predict(frame)
    outcome = pd.Series(np.random.default_rng(3).random(len(frame)) < p).map({True: "yes", False: "no"})
    outcome.iloc[:2] = None
    path = tmp_path_factory.mktemp("rows") / "labelled.csv"
    frame.assign(outcome=outcome.to_numpy()).to_csv(path, index=False)
    return path


def test_the_better_model_is_called_better_and_the_numbers_are_those_of_its_scores(
    models: dict[str, Path], rows: Path
) -> None:
    found = compare_models([models["baseline"], models["lightgbm"]], rows, "outcome")
    table = pd.read_csv(rows).dropna(subset="outcome")
    y = (table["outcome"] == "yes").to_numpy(dtype=float)
    p = ModelArtifact.load(models["lightgbm"]).predict(loans())[2:]
    assert (found.rows, found.events, found.unlabelled) == (len(y), y.sum(), 2)
    assert found.models[1].measures["auc"].value == pytest.approx(auc(y, p))
    assert found.models[1].measures["ks"].value == pytest.approx(ks(y, p).value)
    [against] = found.against
    assert against.verdict == "better"
    assert against.measures["auc"].low > 0
    assert against.swap_set.swap_in.event_rate.value < against.swap_set.swap_out.event_rate.value


def test_a_model_against_itself_is_alike_and_swaps_nobody(models: dict[str, Path], rows: Path) -> None:
    [against] = compare_models([models["lightgbm"], models["lightgbm"]], rows, "outcome").against
    assert against.verdict == "alike"
    assert against.measures["auc"].difference == 0
    assert against.swap_set.swap_in.customers == 0


def test_several_challengers_are_judged_together(models: dict[str, Path], rows: Path) -> None:
    one, two = compare_models([models["baseline"], models["lightgbm"], models["linear"]], rows, "outcome").against
    for measure in ("auc", "ks"):
        adjusted = sorted([one.measures[measure].p_holm, two.measures[measure].p_holm])
        plain = sorted([one.measures[measure].p_value, two.measures[measure].p_value])
        assert adjusted[0] == pytest.approx(min(1, 2 * plain[0]))
    assert max(one.measures["auc"].level, two.measures["auc"].level) == pytest.approx(0.975)


def test_the_command_tells_it_and_writes_it(
    models: dict[str, Path], rows: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "comparison.json"
    names = [str(models["baseline"]), str(models["lightgbm"]), str(rows)]
    assert main(["compare", *names, "--target", "outcome", "--out", str(out)]) == 0
    told = capsys.readouterr().out
    assert "lightgbm ranks better than baseline: AUC is" in told
    written = json.loads(out.read_text(encoding="utf-8"))
    assert written["against"][0]["swap_set"]["swap_in"]["customers"] > 0
    assert [model["name"] for model in written["models"]] == ["baseline", "lightgbm"]


@pytest.mark.parametrize(
    ("count", "target", "says"),
    [(1, "outcome", "at least two"), (5, "outcome", "At most 4"), (2, "nothing", "no column nothing")],
)
def test_what_cannot_be_compared_is_refused(
    models: dict[str, Path], rows: Path, count: int, target: str, says: str
) -> None:
    with pytest.raises(BadInput, match=says):
        compare_models([models["linear"]] * count, rows, target)


def test_models_of_different_questions_are_refused(models: dict[str, Path], rows: Path, tmp_path: Path) -> None:
    other = model_of("linear")
    other.facts["kind"] = "response"
    other.save(tmp_path / "response")
    with pytest.raises(BadInput, match="different questions"):
        compare_models([models["linear"], tmp_path / "response"], rows, "outcome")


def test_the_page_is_whole_in_both_languages(models: dict[str, Path], rows: Path, tmp_path: Path) -> None:
    names = [str(models["baseline"]), str(models["lightgbm"]), str(rows)]
    for language, title in (("en", "Comparison of models"), ("zh", "模型比较")):
        out = tmp_path / f"{language}.html"
        asked = ["compare", *names, "--target", "outcome", "--out", str(out), "--language", language]
        assert main(asked) == 0
        page = out.read_text(encoding="utf-8")
        assert f"<h1>{title}</h1>" in page
        assert "lightgbm" in page


def test_what_is_written_is_read_back_the_same(models: dict[str, Path], rows: Path) -> None:
    found = compare_models(
        [models["baseline"], models["lightgbm"]], rows, "outcome", time="opened", amount="income", cut_by=["job"]
    )
    plain = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert ModelsCompared.from_dict(plain).to_dict() == found.to_dict()


def test_values_of_columns_protected_by_any_of_the_models_are_not_written(
    models: dict[str, Path], rows: Path, tmp_path: Path
) -> None:
    folders = []
    for learner, protected in (("baseline", ["is_client"]), ("lightgbm", ["age", "is_client"])):
        model = ModelArtifact.load(models[learner])
        model.facts["spec"] = {"protected": protected}
        model.save(tmp_path / learner)
        folders.append(tmp_path / learner)
    [against] = compare_models(folders, rows, "outcome").against
    shown = {name for swap in against.swaps for row in swap.rows for name in row.values}
    assert "income" in shown
    assert not shown & {"age", "is_client"}
    assert {one.value for each in against.moved for one in each.why if one.column in ("age", "is_client")} == {""}


def test_ids_are_read_as_they_are_written_so_that_two_customers_stay_two(
    models: dict[str, Path], rows: Path, tmp_path: Path
) -> None:
    frame = pd.read_csv(rows)
    # Read as numbers, +1000 and 1000 would be one customer that comes twice.
    ids = [("+" if number % 2 else "") + str(1_000 + number // 2) for number in range(len(frame))]
    frame.assign(customer=ids).to_csv(tmp_path / "rows.csv", index=False)
    folders = []
    for learner in ("baseline", "lightgbm"):
        model = ModelArtifact.load(models[learner])
        model.facts |= {"id_column": "customer", "spec": {"id_column": "customer"}}
        model.save(tmp_path / learner)
        folders.append(tmp_path / learner)
    seen = {}

    def kept(given: ScoredRows, *args: Any, **more: Any) -> ModelsCompared:
        seen["rows"] = given
        seen["ids"] = given.read(["customer"])["customer"].tolist()
        return compare_on_rows(given, *args, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("experiments.comparison.models.compare_on_rows", kept)
        compare_models(folders, tmp_path / "rows.csv", "outcome")
    assert seen["ids"] == ids[2:]
    assert seen["rows"].customers is None
