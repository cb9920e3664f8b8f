"""A row alone, in a batch, before saving and after loading: the same number to the last bit, and the same reasons."""

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experiments.artifact.model import ModelArtifact
from experiments.learners import LEARNERS
from tests.experiments.loans import blend_of, loans, model_of


@pytest.fixture(scope="module")
def boosted() -> ModelArtifact:
    return model_of("lightgbm")


CELLS = {
    "income": st.none()
    | st.floats(allow_infinity=True)
    | st.integers(-(2**40), 2**40)
    | st.sampled_from(["12.5", "?"]),
    "age": st.none() | st.integers(-100, 200) | st.booleans(),
    "job": st.sampled_from(
        ["clerk", "nurse", "=driver", "职员", "astronaut", "", " clerk ", None, 1, 1.0, True, "1.0"]
    ),
    "opened": st.none() | st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2100, 1, 1)) | st.just("never"),
    "is_client": st.sampled_from([True, False, None, "yes", "no", 1, 0, "perhaps"]),
    "income_again": st.floats(-1e6, 1e6) | st.just(np.nan),
}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=st.lists(st.fixed_dictionaries(CELLS), min_size=1, max_size=40))
@pytest.mark.slow
def test_whatever_its_cells_hold_a_row_alone_is_scored_as_in_a_batch(boosted, rows):
    batch = pd.DataFrame(rows, dtype=object)
    together = boosted.score(batch).frame
    for position in range(len(batch)):
        alone = boosted.score(batch.iloc[[position]]).frame
        pd.testing.assert_frame_equal(alone, together.iloc[[position]], check_exact=True)
        typed = boosted.score(pd.DataFrame([rows[position]])).frame
        assert typed["probability"].tolist() == [together["probability"].iloc[position]]


@pytest.fixture(scope="module")
def blended() -> ModelArtifact:
    return blend_of("lightgbm", "xgboost", "catboost", "extra_trees", "linear")


@pytest.mark.slow
@pytest.mark.parametrize("learner", [*LEARNERS, "ensemble"])
def test_every_family_scores_a_row_alone_as_in_a_batch_and_after_loading(learner, blended, tmp_path):
    artifact = blended if learner == "ensemble" else model_of(learner)
    table = pd.concat([loans(700, seed=2), loans(1, seed=3).assign(job="astronaut", income=np.nan)], ignore_index=True)
    together = artifact.score(table).frame
    artifact.save(tmp_path / "model")
    again = ModelArtifact.load(tmp_path / "model")
    pd.testing.assert_frame_equal(again.score(table).frame, together, check_exact=True)
    for position in [0, 1, 8, 63, 699, 700]:
        alone = again.score(table.iloc[[position]]).frame
        pd.testing.assert_frame_equal(alone, together.iloc[[position]], check_exact=True)


@pytest.mark.slow
def test_a_table_for_all_cores_is_scored_as_one_for_a_single_core(boosted):
    table = pd.concat([loans(1_000, seed=4)] * 140, ignore_index=True)
    few = boosted.score(table.head(1_000), reasons=0)
    many = boosted.score(table, reasons=0)
    expected = pd.concat([few.frame] * 140, ignore_index=True)
    pd.testing.assert_frame_equal(many.frame, expected, check_exact=True)
    assert many.cover.empty_cells == {name: 140 * cells for name, cells in few.cover.empty_cells.items()}


@pytest.mark.slow
def test_an_ensemble_scores_alike_in_any_order_in_any_chunks_and_on_any_number_of_cores(blended, monkeypatch):
    table = loans(9_000, seed=6)
    whole = blended.score(table).frame
    order = np.random.default_rng(7).permutation(len(table))
    shuffled = blended.score(table.iloc[order]).frame
    pd.testing.assert_frame_equal(shuffled, whole.iloc[order], check_exact=True)
    chunks = [blended.score(table.iloc[start : start + 700]).frame for start in range(0, len(table), 700)]
    pd.testing.assert_frame_equal(pd.concat(chunks), whole, check_exact=True)
    for cores in (1, 3):
        monkeypatch.setattr("experiments.artifact.model.cores", lambda cores=cores: cores)
        pd.testing.assert_frame_equal(blended.score(table).frame, whole, check_exact=True)


@pytest.mark.slow
def test_the_contributions_of_an_ensemble_add_up_for_few_and_for_many_rows(blended):
    table = loans(2_500, seed=9)
    for rows in (table.head(1), table.head(100), table):
        phi, base = blended.contributions(rows)
        assert np.abs(phi.sum(axis=1) + base - blended.margin(rows)).max() < 1e-9
    assert np.abs(blended.contributions(table.head(100))[0] - blended.contributions(table)[0][:100]).max() < 1e-12


def test_a_row_is_scored_with_the_same_reasons_however_often_one_asks(blended):
    row = loans(30, seed=11).iloc[[17]]
    first = blended.score(row).frame
    for _ in range(30):
        pd.testing.assert_frame_equal(blended.score(row).frame, first, check_exact=True)
