"""The engine as an estimator: what scikit-learn asks of one, and what it adds."""

import pickle
import re
import subprocess
import sys
from functools import partial

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import parametrize_with_checks

from experiments import ExperimentSpec, ModelArtifact, SearchBudget, XiaoyuClassifier, run_experiment
from experiments.artifact.release import RELEASE
from experiments.classifier import CLASSIFIER
from experiments.errors import ArtifactError
from tests.experiments.customers import customers
from tests.test_layout import ROOT

QUICK = partial(
    XiaoyuClassifier, budget=SearchBudget(None, 1), learners=("linear",),
    options={"ensemble": False, "feature_effort": "off"},
)  # fmt: skip
TOO_FEW = "its table has fewer than 10 rows of a class, of which no honest model is made"
NOT_PROMISED = dict.fromkeys(
    (
        "check_classifier_data_not_an_array",
        "check_dict_unchanged",
        "check_dont_overwrite_parameters",
        "check_estimators_fit_returns_self",
        "check_estimators_overwrite_params",
        "check_f_contiguous_array_estimator",
        "check_fit2d_1feature",
        "check_fit2d_predict1d",
        "check_methods_sample_order_invariance",
        "check_methods_subset_invariance",
        "check_n_features_in_after_fitting",
        "check_readonly_memmap_input",
        "check_sample_weight_equivalence_on_dense_data",
        "check_sample_weights_not_an_array",
        "check_sample_weights_not_overwritten",
        "check_sample_weights_pandas_series",
        "check_sample_weights_shape",
    ),
    TOO_FEW,
)


@pytest.fixture(scope="module")
def table():
    return customers(300)


@pytest.fixture(scope="module")
def fitted(table):
    return QUICK(id_column="id").fit(table.drop(columns="bad"), table["bad"])


@pytest.mark.slow
@parametrize_with_checks([QUICK()], expected_failed_checks=lambda _: NOT_PROMISED)
def test_it_is_an_estimator_as_scikit_learn_means_it(estimator, check):
    check(estimator)


def test_every_check_that_is_not_promised_fails_for_want_of_rows_and_nothing_else():
    few = customers(12)
    with pytest.raises(ValueError, match=r"at least 10 are needed"):
        QUICK().fit(few.drop(columns="bad"), few["bad"])


@pytest.mark.slow
def test_the_probabilities_of_the_classes_are_those_of_the_model_whatever_rows_stand_beside(fitted, table):
    rows = table.drop(columns="bad")
    p = fitted.predict_proba(rows)
    assert fitted.classes_.tolist() == ["no", "yes"]
    assert fitted.event_ == "yes"
    np.testing.assert_allclose(p.sum(axis=1), 1)
    np.testing.assert_array_equal(p[:, 1], fitted.model_.predict(rows))
    np.testing.assert_array_equal(p[::-1], fitted.predict_proba(rows[::-1]))
    np.testing.assert_allclose(p, np.vstack([fitted.predict_proba(rows.iloc[[n]]) for n in range(len(rows))]))
    assert set(fitted.predict(rows)) <= {"no", "yes"}


def test_asking_it_changes_nothing_of_it_nor_of_the_table(fitted, table):
    rows = table.drop(columns="bad")
    before, known = rows.copy(), dict(vars(fitted))
    fitted.predict_proba(rows)
    fitted.explain(rows)
    pd.testing.assert_frame_equal(rows, before)
    assert vars(fitted) == known


def test_a_polars_frame_is_the_same_table(fitted, table):
    rows = table.drop(columns="bad")
    np.testing.assert_array_equal(fitted.predict_proba(pl.from_pandas(rows)), fitted.predict_proba(rows))


def test_reasons_are_sentences_and_contributions_add_up_to_the_margin(fitted, table):
    rows = table.drop(columns="bad").head(20)
    told = fitted.explain(rows, reasons=2)
    assert list(told.scores) == ["id", "probability", "score", "band", "reason_1", "reason_2"]
    assert list(told.contributions) == ["age", "income", "job", "noise"]
    margin = told.contributions.to_numpy().sum(axis=1) + told.base
    np.testing.assert_allclose(margin, fitted.model_.margin(rows))
    assert told.unit == "log-odds"
    assert fitted.explain(rows, language="zh").scores["reason_1"].str.contains("[一-鿿]").any()


def test_the_leaderboard_is_that_of_the_run(fitted):
    board = fitted.leaderboard_
    assert set(board["candidate"]) == {"baseline", "linear", "scorecard"}
    assert board["is_recommended"].sum() == 1
    assert board["auc"].between(0.4, 1).all()


def test_what_is_saved_is_the_whole_model_and_loads_as_the_same_classifier(fitted, table, tmp_path):
    rows = table.drop(columns="bad")
    assert fitted.save(str(tmp_path / "model")) == ModelArtifact.load(str(tmp_path / "model")).hash
    loaded = XiaoyuClassifier.load(str(tmp_path / "model"))
    np.testing.assert_array_equal(loaded.predict_proba(rows), fitted.predict_proba(rows))
    assert loaded.classes_.tolist() == ["no", "yes"]
    assert (loaded.event_, loaded.n_features_in_, loaded.id_column) == ("yes", 5, "id")
    assert loaded.feature_names_in_.tolist() == list(rows)
    assert all(path.suffix in (".json", ".txt", ".parquet") for path in (tmp_path / "model").iterdir())
    assert loaded.save(tmp_path / "model") == fitted.model_.hash


def test_no_model_is_saved_over_files_that_are_none(fitted, tmp_path):
    (tmp_path / "thesis.doc").write_text("years of work")
    with pytest.raises(ArtifactError, match="Choose another folder"):
        fitted.save(tmp_path)
    with pytest.raises(ArtifactError, match="Choose another folder"):
        fitted.model_.save(tmp_path)
    assert (tmp_path / "thesis.doc").exists()


def test_an_altered_model_is_not_loaded(fitted, tmp_path):
    fitted.save(tmp_path / "model")
    told = tmp_path / "model" / CLASSIFIER
    told.write_text(told.read_text().replace('["no", "yes"]', '["yes", "no"]'))
    with pytest.raises(ArtifactError, match="changed after it was saved"):
        XiaoyuClassifier.load(tmp_path / "model")


def test_in_memory_it_may_be_pickled_with_its_model(fitted, table):
    rows = table.drop(columns="bad")
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict_proba(rows), fitted.predict_proba(rows))


def test_a_table_of_other_columns_is_refused_by_their_names(fitted, table):
    with pytest.raises(ValueError, match="Feature names seen at fit time, yet now missing"):
        fitted.predict(table.drop(columns=["bad", "age"]))
    with pytest.raises(ValueError, match="same order"):
        fitted.predict(table[["age", "id", "income", "job", "noise"]])


def test_a_clone_asks_the_same_and_knows_nothing(fitted, table):
    copy = clone(fitted)
    assert copy.get_params() == fitted.get_params()
    for ask in (copy.predict, copy.predict_proba, copy.explain, copy.save):
        with pytest.raises(NotFittedError):
            ask(table)


def test_three_classes_are_refused_in_a_sentence(table):
    with pytest.raises(ValueError, match="Only binary classification is supported"):
        QUICK().fit(table[["age", "income"]], table["job"])
    assert not get_tags(QUICK()).classifier_tags.multi_class


def test_an_event_that_is_no_class_is_refused_with_the_classes(table):
    with pytest.raises(
        ValueError, match=re.escape("The event 1 is not a class of the target. Its classes are no, yes.")
    ):
        QUICK(event=1).fit(table[["age", "income"]], table["bad"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("no", "yes"), [(0, 1), (False, True), (-1.0, 1.0), (2, 7), ("yes", "YES"), ("好", "坏"), ("", "x")]
)
def test_classes_of_any_labels_come_back_as_they_were_given(no, yes, table, tmp_path):
    labels = [yes if bad == "yes" else no for bad in table["bad"]]
    made = QUICK(event=yes).fit(table[["age", "income"]], labels)
    assert sorted(made.classes_.tolist()) == sorted([no, yes])
    made.save(tmp_path / "model")
    loaded = XiaoyuClassifier.load(tmp_path / "model")
    assert loaded.classes_.dtype == made.classes_.dtype
    assert loaded.event_ == yes == made.event_
    assert set(loaded.predict(table[["age", "income"]]).tolist()) <= {no, yes}


@pytest.mark.slow
def test_a_row_of_weight_nothing_is_as_good_as_left_out(table):
    weight = np.where(np.arange(len(table)) % 4 == 0, 0.0, 2.0)
    columns = ["age", "income", "job"]
    whole = QUICK().fit(table[columns], table["bad"], sample_weight=weight)
    heavy = table[weight > 0]
    part = QUICK().fit(heavy[columns], heavy["bad"], sample_weight=np.full(len(heavy), 2.0))
    np.testing.assert_array_equal(whole.predict_proba(table[columns]), part.predict_proba(table[columns]))


@pytest.mark.slow
def test_it_is_the_same_run_as_every_other_door_begins(table, tmp_path):
    made = QUICK(id_column="id").fit(table.drop(columns="bad"), table["bad"])
    spec = ExperimentSpec(
        "bad", "", id_column="id", budget=SearchBudget(None, 1), learners=("linear",), ensemble=False,
        feature_effort="off",
    )  # fmt: skip
    result = run_experiment(spec, table, work_dir=str(tmp_path))
    folder = next(row.model_dir for row in result.finalists if row.candidate == result.recommended)
    assert made.model_.hash == ModelArtifact.load(folder).hash
    loaded = XiaoyuClassifier.load(folder)
    assert loaded.classes_.tolist() == [False, True]
    assert loaded.event_
    rows = table[loaded.feature_names_in_.tolist()]
    np.testing.assert_array_equal(loaded.predict_proba(rows), made.predict_proba(table.drop(columns="bad")))


@pytest.mark.slow
def test_naming_the_package_loads_nothing_of_it():
    program = (
        "import sys, experiments; print(experiments.__version__, *{'numpy', 'pandas', 'sklearn'} & set(sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == [RELEASE]


@pytest.mark.slow
def test_the_quick_start_of_the_readme_runs(tmp_path):
    block = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL).group(1)
    customers(400).rename(columns={"bad": "responded"}).to_csv(tmp_path / "customers.csv", index=False)
    ran = subprocess.run(
        [sys.executable, "-c", block], cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    assert "probability" in ran.stdout
