"""The check of an export meets every edge of a model, and what differs at one row only is refused with that row."""

import numpy as np
import pandas as pd
import pytest

from experiments import ModelArtifact
from experiments.errors import BadInput
from experiments.exports.check import prove
from experiments.exports.plain import Trees, plain_of
from experiments.exports.rows import UNSEEN_LEVEL, check_rows
from tests.experiments.exports.models import applicants, saved_model

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def artifact(tmp_path_factory):
    return ModelArtifact.load(saved_model(tmp_path_factory.mktemp("models") / "lightgbm", "lightgbm"))


@pytest.fixture(scope="module")
def rows(artifact):
    return check_rows(artifact, plain_of(artifact, "x"))


def test_the_rows_meet_every_threshold_level_special_value_and_empty_cell(artifact, rows):
    plain = plain_of(artifact, "x")
    edges = rows.frame.iloc[-rows.edges :]
    for place, thresholds in plain.landmarks().items():
        one = plain.inputs[place]
        if one.read_as == "number" and not one.kind:
            for values in (thresholds, np.nextafter(thresholds, np.inf), np.nextafter(thresholds, -np.inf)):
                assert set(values.tolist()) <= set(edges[one.name])
    for column in artifact.encoder.columns_:
        if column.is_categorical:
            assert {*column.levels, *column.rare_levels, UNSEEN_LEVEL} <= set(edges[column.name].dropna())
            assert edges[column.name].isna().any()
    assert -999.0 in set(edges["income"])
    assert len(rows.frame) >= 10_000 + rows.edges


def test_both_sides_of_a_derived_columns_thresholds_are_met(artifact, rows):
    plain = plain_of(artifact, "x")
    place = next(place for place, one in enumerate(plain.inputs) if one.kind)
    made = artifact.generator.transform(rows.frame)["due ÷ income"].to_numpy()
    for threshold in plain.landmarks()[place].tolist():
        near = np.abs(made - threshold) <= 1e-9 * max(1.0, abs(threshold))
        assert near.any()


def test_no_row_of_the_check_is_a_customer(rows):
    shared = pd.merge(rows.frame.dropna(), applicants()[0].dropna(), on=["age", "income", "due", "job"])
    assert shared.empty


def test_a_single_row_that_differs_is_shown(artifact, rows):
    expected = artifact.predict(rows.frame)
    got = expected.copy()
    got[10_003] += 1e-6

    with pytest.raises(BadInput, match="Nothing was exported") as caught:
        prove(rows, expected, {"sql": got}, tolerance=1e-9)

    assert f"age={rows.frame['age'].iloc[10_003]!r}" in str(caught.value)
    assert prove(rows, expected, {"sql": expected}, tolerance=1e-9).furthest == 0.0


def test_a_probability_that_is_no_number_is_refused(artifact, rows):
    expected = artifact.predict(rows.frame)
    with pytest.raises(BadInput, match="Nothing was exported"):
        prove(rows, expected, {"sql": np.where(np.arange(len(expected)) == 5, np.nan, expected)}, tolerance=1.0)


def test_a_moved_threshold_of_single_precision_parts_numbers_as_rounding_them_would():
    from experiments.exports.plain import _in_double

    random = np.random.default_rng(1)
    thresholds = random.lognormal(0, 20, 2_000) * random.choice([-1, 1], 2_000)
    moved = _in_double(thresholds)
    single = thresholds.astype(np.float32)
    near = [single, np.nextafter(single, np.float32(np.inf)), np.nextafter(single, np.float32(-np.inf))]
    middles = [(near[0].astype(float) + other.astype(float)) / 2 for other in near[1:]]
    for values in (thresholds, *middles, *(np.nextafter(one, np.inf) for one in (*middles, moved)), moved):
        rounded = values.astype(np.float32).astype(np.float64)
        np.testing.assert_array_equal(rounded <= thresholds, values <= moved)


def test_the_trees_of_a_model_are_all_there(artifact):
    trees = [term for term in plain_of(artifact, "x").terms if isinstance(term, Trees)]
    assert len(trees) == 1
    assert len(trees[0].trees) == artifact.members[0].iterations


def test_the_command_line_offers_every_format():
    from experiments.__main__ import EXPORT_FORMATS
    from experiments.exports.formats import FORMATS

    assert tuple(FORMATS) == EXPORT_FORMATS


def test_levels_that_are_worth_as_much_as_one_never_seen_are_not_named(tmp_path):
    card = ModelArtifact.load(saved_model(tmp_path / "card", "scorecard"))
    column = card.members[0].card.binning_.bins_["job"]
    pooled = next(bin_ for bin_ in column.bins if bin_.kind in ("levels", "other"))
    pooled.kind, pooled.levels = "other", [*pooled.levels, "keeper of the royal falcons"]

    plain = plain_of(card, "x")

    (job,) = [plain.inputs[place] for place in plain.inputs_read if plain.inputs[place].name == "job"]
    others = {level for bin_ in column.bins if bin_ is not pooled for level in bin_.levels}
    assert others
    assert set(job.codes) == others
    assert job.other == column.bins.index(pooled)
