"""Trees of XGBoost and CatBoost written as LightGBM text give those libraries' own numbers."""

import numpy as np
import pandas as pd
import pytest

from experiments.learners import LEARNERS, FitRequest, FittedModel
from experiments.learners.base import portable
from experiments.learners.translated import TranslatedModel

ROWS = 3_000
CODES = ("f_0004", "f_0005", "f_0006")


def table_of(rows: int, seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    table = pd.DataFrame(random.normal(size=(rows, 6)), columns=[f"f_{number:04d}" for number in range(1, 7)])
    # Whole numbers put thresholds beside zero.
    table["f_0002"] = random.integers(-2, 3, rows)
    for column, levels in zip(CODES, (3, 30, 90), strict=True):
        table[column] = random.integers(0, levels, rows)
    table = table.astype(float).mask(random.random(table.shape) < 0.1)
    # Without an empty cell, a column's empty cells mean nothing in training.
    table["f_0001"] = random.normal(size=rows)
    return table


def fitted(learner: str, configuration: int, iterations: int = 80) -> FittedModel:
    table, family = table_of(ROWS, 1), LEARNERS[learner]
    filled = table.fillna(0.3)
    margin = filled["f_0001"] * filled["f_0003"] + np.sin(filled["f_0005"]) + (filled["f_0004"] == 1) - filled["f_0002"]
    y = (np.random.default_rng(2).random(ROWS) < 1 / (1 + np.exp(-margin))).to_numpy().astype(float)
    params = family.first_configurations(ROWS, 6)[configuration]
    return family.fit(FitRequest(table, y, params, iterations=iterations, categorical=CODES))


def strange_rows() -> pd.DataFrame:
    """Return rows that training had not: empty, beyond everything, beside zero, and codes never seen."""
    columns = [f"f_{number:04d}" for number in range(1, 7)]
    numbers = [np.nan, 1e30, -1e30, 0.0, -0.0, 1e-30, -1e-30, 95.0, 100.0]
    return pd.DataFrame({column: np.roll(numbers, place) for place, column in enumerate(columns)}).assign(
        **{column: [np.nan, 0.0, 1.0, 29.0, 50.0, 89.0, 95.0, 99.0, 100.0] for column in CODES}
    )


EVERY = [("xgboost", 0), ("xgboost", 2), *(("catboost", configuration) for configuration in range(4))]


@pytest.mark.parametrize(("learner", "configuration"), EVERY)
def test_the_margins_are_the_librarys_with_empty_cells_and_values_never_seen(learner, configuration):
    model = fitted(learner, configuration)
    table = pd.concat([table_of(5_000, 3), strange_rows()], ignore_index=True)
    expected = model.margin(table)

    translated = portable(model)

    assert isinstance(translated, TranslatedModel)
    # XGBoost adds in single precision, CatBoost in double.
    np.testing.assert_allclose(translated.margin(table), expected, rtol=0, atol=0 if learner == "catboost" else 1e-5)
    assert np.ptp(expected) > 1


@pytest.mark.parametrize("learner", ["xgboost", "catboost"])
def test_a_table_of_categories_alone_translates_too(learner):
    table, family = table_of(ROWS, 1)[list(CODES)], LEARNERS[learner]
    y = (table["f_0004"] == 1).to_numpy().astype(float)
    y[::7] = 1 - y[::7]
    params = family.first_configurations(ROWS, 3)[0]
    model = family.fit(FitRequest(table, y, params, iterations=30, categorical=CODES))
    rows = strange_rows()[list(CODES)]
    np.testing.assert_allclose(portable(model).margin(rows), model.margin(rows), rtol=0, atol=1e-5)


@pytest.mark.parametrize(("learner", "configuration"), [("xgboost", 0), ("catboost", 3)])
@pytest.mark.parametrize("rows", [50, 1_500])
def test_the_contributions_are_the_librarys(learner, configuration, rows):
    model, table = fitted(learner, configuration), table_of(rows, 4)
    expected, expected_base = model.contributions(table)

    phi, base = portable(model).contributions(table)

    assert np.abs(phi - expected).max() < 1e-5
    assert np.abs(base - expected_base).max() < 1e-5


def test_a_category_counts_as_one_column_however_many_statistics_catboost_made_of_it():
    model = portable(fitted("catboost", 0))
    table = table_of(1_500, 4)
    phi, base = model.contributions(table)
    few, _ = model.contributions(table.head(60))

    assert np.abs(phi.sum(axis=1) + base - model.margin(table)).max() < 1e-9
    assert np.abs(phi[:60] - few).max() < 1e-9
    assert np.abs(phi[:, 3:]).mean(axis=0).min() > 0.001


@pytest.mark.parametrize("learner", ["xgboost", "catboost"])
def test_a_model_travels_as_text_and_one_kept_in_the_librarys_own_format_gives_its_numbers(learner, tmp_path):
    model, table = fitted(learner, 0), table_of(300, 5)
    model.save(tmp_path, "kept")
    portable(model).save(tmp_path, "member_0")

    kept, travelled = (LEARNERS[learner].model.load(tmp_path, stem) for stem in ("kept", "member_0"))

    assert kept.margin(table).tolist() == model.margin(table).tolist()
    assert travelled.margin(table).tolist() == portable(model).margin(table).tolist()
    assert isinstance(travelled, TranslatedModel)
    assert travelled.iterations == model.iterations


@pytest.mark.parametrize(("learner", "configuration"), EVERY)
def test_rows_beside_zero_are_scored_alike_among_few_and_among_many(learner, configuration):
    model = portable(fitted(learner, configuration))
    tiny = strange_rows().replace({1e-30: 1e-37, -1e-30: -1e-37})
    together = model.margin(pd.concat([table_of(5_000, 3), tiny]))
    assert model.margin(tiny).tolist() == together[5_000:].tolist()
    assert [model.margin(tiny.iloc[[row]])[0] for row in range(len(tiny))] == together[5_000:].tolist()
