"""What a database computes from the card is what Python computes, whatever the names and cells."""

import math
import sqlite3

import numpy as np
import pandas as pd
import pytest

from experiments.errors import BadInput
from experiments.evaluation.calibrators import BetaCalibrator, IsotonicCalibrator, PlattCalibrator
from experiments.generation import FeatureGenerator
from experiments.generation.feature import GeneratedFeature
from experiments.scorecard.scorecard import Scorecard
from experiments.scorecard.sql import scorecard_sql

RANDOM = np.random.default_rng(21)
N = 2_500
AGE, DEBT, CITY, CODE, MARRIED = "年龄", 'debt "to" income', "it's a city; -- x", "points_年龄", "婚否"
LONG = "一个非常非常非常非常非常长的字段名称用来检验别名"


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    city = RANDOM.choice(["上海", "O'Brien", 'a"b', "back\\slash", ""], N).astype(object)
    city[:30] = [f"rare{number}" for number in range(30)]
    return pd.DataFrame(
        {
            AGE: np.where(RANDOM.random(N) < 0.1, np.nan, RANDOM.integers(18, 80, N)),
            DEBT: np.where(RANDOM.random(N) < 0.15, -999.0, RANDOM.normal(size=N)),
            CITY: city,
            CODE: RANDOM.choice(["1", "2", "17"], N).astype(object),
            MARRIED: RANDOM.choice(["是", "否"], N).astype(object),
            LONG: RANDOM.normal(size=N),
        }
    )


@pytest.fixture(scope="module")
def card(table) -> Scorecard:
    margin = (
        -1 - 0.05 * (table[AGE].fillna(60) - 50) + 0.9 * table[DEBT].clip(-3, 3) + (table[CITY] == "上海")
        + 1.2 * (table[CODE] == "17") + 0.8 * (table[MARRIED] == "是") + table[LONG]
    )  # fmt: skip
    y = (RANDOM.random(N) < 1 / (1 + np.exp(-margin))).astype(float)
    card = Scorecard().fit(table, y, special_values={DEBT: [-999.0]})
    assert set(card.columns_) == set(table.columns)
    return card


@pytest.fixture(scope="module")
def strange(table) -> pd.DataFrame:
    """Rows with everything training never saw beside the ordinary ones."""
    edges = table.iloc[:5].copy()
    edges[AGE] = [np.nan, -5, 1e12, 18, 80]
    edges[DEBT] = [np.nan, -999.0, 1e300, -1e300, 0.0]
    edges[CITY] = [None, "never seen", "  上海  ", "", "o'brien"]
    edges[CODE] = ["1.0", "99", None, " 2 ", "17"]
    edges[MARRIED] = ["YES", "vielleicht", None, "0", "true"]
    return pd.concat([table, edges], ignore_index=True)


def in_sqlite(frame: pd.DataFrame, statement: str, name: str) -> pd.DataFrame:
    with sqlite3.connect(":memory:") as connection:
        # Not every SQLite is built with these two.
        connection.create_function("exp", 1, math.exp)
        connection.create_function("ln", 1, math.log)
        frame.to_sql(name, connection, index=False)
        return pd.read_sql_query(statement, connection)


def test_a_database_gives_the_same_points_and_probability_as_python(card, strange):
    found = in_sqlite(strange, scorecard_sql(card, "customers"), "customers")

    assert np.abs(found["probability"] - card.predict(strange)).max() < 1e-12
    assert np.abs(found["points"] - card.points(strange)).max() < 1e-9
    assert np.abs(found["score"] - card.points(strange)).max() < 1e-9
    added = [name for name in found.columns if name not in strange.columns]
    assert len(added) == len(card.columns_) + 4
    assert found[added[: len(card.columns_)]].sum(axis=1).to_numpy() == pytest.approx(card.points(strange), abs=1e-9)


def test_a_table_with_an_odd_name_is_quoted(card, table):
    name = '客户 "2024"; drop table x --\''
    found = in_sqlite(table, scorecard_sql(card, name), name)
    assert np.abs(found["probability"] - card.predict(table)).max() < 1e-12


@pytest.mark.parametrize(
    "calibrator",
    [
        PlattCalibrator(-0.3, 0.8),
        BetaCalibrator(0.2, 0.9, 1.3),
        IsotonicCalibrator((-3.0, -1.0, 0.5, 2.0), (-2.5, -1.2, 0.1, 2.5)),
        IsotonicCalibrator((0.3,), (0.1,)),
    ],
    ids=["platt", "beta", "isotonic", "isotonic of one block"],
)
@pytest.mark.slow
def test_calibration_is_part_of_the_statement(card, strange, calibrator):
    found = in_sqlite(strange, scorecard_sql(card, "t", calibrator=calibrator), "t")
    p = calibrator.apply(card.predict(strange))

    assert np.abs(found["probability"] - p).max() < 1e-12
    assert np.abs(found["score"] - card.scale.score_from_probability(p)).max() < 1e-9
    assert np.abs(found["points"] - card.points(strange)).max() < 1e-9


@pytest.mark.slow
def test_duckdb_agrees_on_dates_and_booleans_too():
    duckdb = pytest.importorskip("duckdb")
    random = np.random.default_rng(4)
    frame = pd.DataFrame(
        {
            "opened": pd.Timestamp("2023-01-01") + pd.to_timedelta(random.integers(0, 700 * 86_400, N), unit="s"),
            "is_active": random.random(N) < 0.4,
            "age": random.normal(size=N),
            "level": random.integers(1, 4, N).astype(str),
        }
    )
    frame.loc[:200, "opened"] = pd.NaT
    late = (frame["opened"] > pd.Timestamp("2024-02-03")).to_numpy()
    margin = late + frame["is_active"] + frame["age"] + (frame["level"] == "2") - 1
    y = (random.random(N) < 1 / (1 + np.exp(-margin))).astype(float)
    card = Scorecard().fit(frame, y)
    assert set(card.columns_) == set(frame.columns)

    for dialect in ("generic", "postgres"):
        with duckdb.connect() as connection:
            connection.register("rows", frame)
            found = connection.execute(scorecard_sql(card, "rows", dialect=dialect)).df()
        assert np.abs(found["probability"] - card.predict(frame)).max() < 1e-12
        assert np.abs(found["points"] - card.points(frame)).max() < 1e-9


def test_mysql_gets_its_own_quotes():
    level = RANDOM.choice(["back\\slash", "it's"], N).astype(object)
    y = RANDOM.random(N) < np.where(level == "it's", 0.6, 0.2)
    card = Scorecard().fit(pd.DataFrame({"tick`s": level}), y.astype(float))
    statement = scorecard_sql(card, "crm.customers", dialect="mysql")

    assert "FROM `crm`.`customers` AS source" in statement
    assert "source.`tick``s`" in statement
    assert "'back\\\\slash'" in statement
    assert "'it''s'" in statement
    assert '"' not in statement.replace('="%"', "")


def test_what_is_added_never_takes_the_name_of_a_column(card, table):
    frame = table.assign(Points=1, score="x", log_odds=0)
    found = in_sqlite(frame, scorecard_sql(card, "t", other_columns=["Points", "score", "log_odds"]), "t")

    assert np.abs(found["total_points"] - card.points(table)).max() < 1e-9
    assert np.abs(found["score_2"] - card.points(table)).max() < 1e-9
    assert found.columns.is_unique


def test_names_too_long_for_a_database_are_numbered(card):
    place = card.columns_.index(LONG) + 1
    assert f'AS "points_{place}"' in scorecard_sql(card, "t")
    assert f'"points_{LONG}"' not in scorecard_sql(card, "t")


def test_an_empty_card_is_a_statement_too():
    frame = pd.DataFrame({"constant": np.ones(50)})
    card = Scorecard().fit(frame, np.arange(50) % 5 == 0)
    found = in_sqlite(frame, scorecard_sql(card, "t"), "t")
    assert found["probability"].tolist() == pytest.approx(card.predict(frame).tolist())


def test_an_unknown_dialect_is_refused(card):
    with pytest.raises(ValueError, match="unknown dialect: cobol"):
        scorecard_sql(card, "t", dialect="cobol")  # type: ignore[arg-type]


def generator_of(*kinds: tuple[str, str, list[str], dict]) -> FeatureGenerator:
    generator = FeatureGenerator("standard", special_values={"x1": [-999.0]})
    generator.features_ = [
        GeneratedFeature(name, kind, sources, {"en": name, "zh": name}, settings=settings)
        for name, kind, sources, settings in kinds
    ]
    return generator


@pytest.mark.slow
def test_generated_columns_are_computed_in_the_statement():
    random = np.random.default_rng(9)
    frame = pd.DataFrame({f"x{number}": random.normal(size=N) for number in range(1, 6)})
    frame["x1"] = np.where(random.random(N) < 0.2, -999.0, frame["x1"])
    frame["x2"] = random.integers(0, 4, N)
    frame[random.random(frame.shape) < 0.1] = np.nan
    family = ["x3", "x4", "x5"]
    generator = generator_of(
        ("x1 ÷ x2", "ratio", ["x1", "x2"], {}), ("x1 × x3", "product", ["x1", "x3"], {}),
        ("x1 − x3", "difference", ["x1", "x3"], {}), ("mean", "row_family", family, {"part": "mean"}),
        ("max", "row_family", family, {"part": "max"}), ("min", "row_family", family, {"part": "min"}),
        ("change", "row_family", family, {"part": "change"}), ("std", "row_family", family, {"part": "std"}),
    )  # fmt: skip
    grown = generator.extend(frame)
    for name in generator.names_:
        made = grown[name]
        y = random.random(N) < 1 / (1 + np.exp(-2 * np.sign(made.fillna(made.median()) - made.median())))
        card = Scorecard().fit(grown[[name]], y.astype(float))
        assert card.columns_ == [name]
        found = in_sqlite(frame, scorecard_sql(card, "t", generator=generator), "t")
        assert np.abs(found["probability"] - card.predict(grown)).max() < 1e-9


def test_a_generated_column_without_sql_is_refused():
    generator = generator_of(("trend", "row_family", ["x1", "x2", "x3"], {"part": "slope"}))
    x = RANDOM.normal(size=N)
    card = Scorecard().fit(pd.DataFrame({"trend": x}), (x + RANDOM.normal(size=N) > 0).astype(float))

    with pytest.raises(BadInput, match="The scorecard uses the derived column trend"):
        scorecard_sql(card, "t", generator=generator)
