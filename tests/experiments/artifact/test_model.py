"""A saved model scores what it is given, says what it met, and refuses what it must not score."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from experiments import ExperimentSpec, ModelArtifact, SearchBudget, run_experiment
from experiments.artifact.manifest import MANIFEST, attach, read_whole
from experiments.errors import ArtifactError, BadInput
from experiments.report import make_report
from experiments.scoring.batch import score_file
from experiments.search.replay import Replay
from tests.experiments.customers import customers

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def model_dir(tmp_path_factory):
    spec = ExperimentSpec("bad", "yes", id_column="id", budget=SearchBudget(None, 2), learners=("lightgbm", "linear"))
    result = run_experiment(spec, customers(), work_dir=tmp_path_factory.mktemp("run"))
    return next(row.model_dir for row in result.finalists if row.candidate == "lightgbm")


@pytest.fixture
def artifact(model_dir):
    return ModelArtifact.load(model_dir)


def test_columns_may_come_in_any_order_with_others_between(artifact):
    table = customers(50, seed=9)
    shuffled = table[["noise", "job", "id", "bad", "income", "age"]].assign(extra=1)
    scored = artifact.score(shuffled)
    np.testing.assert_array_equal(scored.frame["probability"], artifact.score(table).frame["probability"])
    assert scored.cover.extra_columns == ["bad", "extra"]


def test_a_missing_column_is_named(artifact):
    with pytest.raises(BadInput, match=r"lacks 2 columns the model needs: age, job"):
        artifact.score(customers(5).drop(columns=["age", "job"]))


def test_unseen_categories_and_empty_cells_are_scored_and_counted(artifact):
    table = customers(20, seed=2)
    table.loc[0, "job"] = "astronaut"
    table.loc[1, "income"] = np.nan
    scored = artifact.score(table)
    assert scored.frame["probability"].between(0, 1).all()
    assert scored.cover.unseen_levels == {"job": {"astronaut": 1}}
    assert scored.cover.empty_cells["income"] >= 1


def test_one_row_gets_the_same_number_as_in_a_batch(artifact):
    table = customers(30, seed=3)
    alone = [artifact.predict(table.iloc[[row]])[0] for row in range(30)]
    np.testing.assert_array_equal(alone, artifact.predict(table))


def test_contributions_add_up_to_the_margin(artifact):
    table = customers(30, seed=3)
    phi, base = artifact.contributions(table)
    assert phi.shape == (30, len(artifact.columns))
    np.testing.assert_allclose(phi.sum(axis=1) + base, artifact.margin(table), atol=1e-4)


def test_a_safer_customer_has_more_points_and_a_better_band(artifact):
    scored = artifact.score(customers(200, seed=4)).frame.sort_values("probability")
    assert scored["score"].is_monotonic_decreasing
    assert scored["band"].is_monotonic_increasing


FILES = [
    *("manifest.json", "encoder.json", "member_0.lightgbm.txt"),
    *("evidence.json", "explanation.json", "run.json"),
]


@pytest.fixture
def copied(model_dir, tmp_path):
    return shutil.copytree(model_dir, tmp_path / "model")


def everything_refuses(folder, tmp_path, sentence):
    customers(5).to_csv(tmp_path / "rows.csv", index=False)
    for use in (
        ModelArtifact.load,
        make_report,
        lambda folder: score_file(folder, tmp_path / "rows.csv", out_csv=tmp_path / "out.csv"),
    ):
        with pytest.raises(ArtifactError) as refused:
            use(folder)
        assert sentence in refused.value.message % refused.value.params
    assert not (tmp_path / "out.csv").exists()


def test_every_file_of_a_saved_model_is_under_its_checksums(model_dir):
    manifest = read_whole(model_dir)
    names = {path.name for path in model_dir.iterdir()}
    assert set(FILES) <= names == {MANIFEST, *manifest["checksums"], *manifest["attached"]}


@pytest.mark.parametrize("name", FILES)
def test_an_altered_file_is_refused_by_its_name(copied, tmp_path, name):
    text = (copied / name).read_text()
    (copied / name).write_text(text.replace("5", "6", 1))
    everything_refuses(copied, tmp_path, f"its file {name} is missing or was changed")


@pytest.mark.parametrize("name", FILES[1:])
def test_a_missing_file_is_refused_by_its_name(copied, tmp_path, name):
    (copied / name).unlink()
    everything_refuses(copied, tmp_path, f"its file {name} is missing or was changed")


def test_a_file_that_does_not_belong_to_a_model_is_refused_by_its_name(copied, tmp_path):
    for name in ("member_99.lightgbm.txt", ".hidden", "features.json"):
        (copied / name).write_text("{}")
        everything_refuses(copied, tmp_path, f"{name} does not belong to it")
        (copied / name).unlink()
    (copied / "more").mkdir()
    everything_refuses(copied, tmp_path, "more/ does not belong to it")


def test_a_link_in_place_of_a_file_is_refused(copied, tmp_path):
    (copied / "encoder.json").rename(tmp_path / "encoder.json")
    (copied / "encoder.json").symlink_to(tmp_path / "encoder.json")
    everything_refuses(copied, tmp_path, "its file encoder.json is missing or was changed")


def test_taking_the_seal_off_or_claiming_the_older_format_does_not_free_the_evidence(copied, tmp_path):
    (copied / "evidence.json").write_text("{}")
    manifest = json.loads((copied / MANIFEST).read_text())
    for forged in (
        {name: value for name, value in manifest.items() if name not in ("attached", "seal")},
        {**manifest, "attached": {}},
        {**manifest, "format": 1},
    ):
        (copied / MANIFEST).write_text(json.dumps(forged))
        everything_refuses(copied, tmp_path, "its file manifest.json is missing or was changed")


def test_what_lies_beside_a_model_leaves_its_hash_and_changes_its_seal(copied):
    before = read_whole(copied)
    after = attach(copied, {"evidence.json": "{}"})
    assert after == read_whole(copied)
    assert after["hash"] == before["hash"]
    assert after["seal"] != before["seal"]


def test_a_run_is_not_repeated_from_an_altered_story(copied):
    Replay.of(copied)
    (copied / "run.json").write_text("{}")
    with pytest.raises(ArtifactError, match=r"its file run\.json is missing or was changed"):
        Replay.of(copied)


def test_a_folder_without_a_manifest_is_no_model(tmp_path):
    with pytest.raises(ArtifactError, match=r"holds no model: manifest\.json is missing"):
        ModelArtifact.load(tmp_path)


def test_scoring_loads_nothing_of_the_search(model_dir, tmp_path):
    customers(20).to_csv(tmp_path / "rows.csv", index=False)
    code = (
        "import sys; from pathlib import Path; from experiments.scoring.batch import score_file\n"
        f"folder = Path({str(tmp_path)!r})\n"
        f"score_file(Path({str(model_dir)!r}), folder / 'rows.csv', out_csv=folder / 'out.csv')\n"
        "print(sorted({'flaml', 'optuna', 'shap'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_file_is_scored_in_the_order_of_its_rows(model_dir, artifact, tmp_path):
    table = customers(120, seed=5)
    table.to_csv(tmp_path / "rows.csv", index=False)
    summary = score_file(
        model_dir, tmp_path / "rows.csv", out_csv=tmp_path / "out.csv", out_parquet=tmp_path / "out.parquet"
    )
    scored = pd.read_csv(tmp_path / "out.csv")
    assert list(scored.columns) == [
        "id",
        "probability",
        "score",
        "band",
        "reason_1",
        "reason_2",
        "reason_3",
        "reason_4",
    ]
    assert scored["id"].tolist() == table["id"].tolist()
    np.testing.assert_allclose(scored["probability"], artifact.predict(table), rtol=1e-12)
    assert pd.read_parquet(tmp_path / "out.parquet")["id"].tolist() == table["id"].tolist()
    assert summary.rows == 120 == sum(band["rows"] for band in summary.bands)
    assert (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbf")
