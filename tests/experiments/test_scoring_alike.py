"""A row alone, in a batch, before saving and after loading: the same number to the last bit, and the same reasons."""

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experiments.artifact import ModelArtifact, quantile_reference
from experiments.evaluation.calibration import fit_calibrator
from experiments.evaluation.stability import PsiBins
from experiments.explanation.reason_codes import ReasonBook
from experiments.features.encoding import TableEncoder
from experiments.search.learners import LEARNERS, FitRequest
from experiments.search.training_data import probability_of

ROWS = 500


def loans(rows: int = ROWS, seed: int = 1) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "income": np.where(random.random(rows) < 0.1, np.nan, random.lognormal(8, 1, rows).round(2)),
            "age": random.integers(18, 80, rows),
            "job": random.choice(np.array(["clerk", "nurse", "=driver", "职员", None], dtype=object), rows),
            "opened": pd.Timestamp("2019-01-01") + pd.to_timedelta(random.integers(0, 900, rows), unit="D"),
            "is_client": random.random(rows) < 0.5,
        }
    )
    frame["income_again"] = frame["income"] * 1.5
    return frame


def model_of(learner: str, members: int = 2) -> ModelArtifact:
    frame = loans()
    random = np.random.default_rng(5)
    margin = -0.03 * (frame["age"] - 45) + (frame["job"] == "clerk") - 0.4 * np.log(frame["income"].fillna(3_000) / 3e3)
    y = (random.random(ROWS) < 1 / (1 + np.exp(-margin))).to_numpy().astype(float)
    encoder = TableEncoder().fit(frame)
    family = LEARNERS[learner]
    types = {column.name: column.type for column in encoder.columns_}
    table = frame if family.reads_table else encoder.transform(frame)[0]
    fitted = [
        family.fit(
            FitRequest(
                table, y, family.first_configurations(ROWS, 6)[-1], iterations=20 if family.has_rounds else None,
                seed=seed, categorical=() if family.reads_table else tuple(encoder.categorical_ids_),
                column_types=types if family.reads_table else None,
            )
        )
        for seed in range(members if family.seeds_help else 1)
    ]  # fmt: skip
    p = probability_of(np.mean([member.margin(table) for member in fitted], axis=0), family.margin_unit)
    calibrator = fit_calibrator(y, p)
    artifact = ModelArtifact(
        learner, fitted, encoder, calibrator, dict.fromkeys(frame, 1.0), quantile_reference(calibrator.apply(p)),
        PsiBins.fit(p), ReasonBook(), {"kind": "default", "event_rate": float(y.mean()), "id_column": None},
    )  # fmt: skip
    phi, _ = artifact.contributions(frame)
    artifact.reason_book.fit(frame, pd.DataFrame(phi, columns=artifact.columns), types=types)
    return artifact


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
def test_whatever_its_cells_hold_a_row_alone_is_scored_as_in_a_batch(boosted, rows):
    batch = pd.DataFrame(rows, dtype=object)
    together = boosted.score(batch).frame
    for position in range(len(batch)):
        alone = boosted.score(batch.iloc[[position]]).frame
        pd.testing.assert_frame_equal(alone, together.iloc[[position]], check_exact=True)
        typed = boosted.score(pd.DataFrame([rows[position]])).frame
        assert typed["probability"].tolist() == [together["probability"].iloc[position]]


@pytest.mark.slow
@pytest.mark.parametrize("learner", LEARNERS)
def test_every_family_scores_a_row_alone_as_in_a_batch_and_after_loading(learner, tmp_path):
    artifact = model_of(learner)
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
