"""A saved scorecard scores the same in a database; other families say that they cannot."""

import math
import sqlite3

import duckdb
import numpy as np
import pandas as pd
import pytest

from experiments import ExperimentSpec, ModelArtifact, SearchBudget, run_experiment
from experiments.__main__ import main
from experiments.scoring.batch import score_file
from experiments.scoring.sql import model_sql
from tests.experiments.customers import customers

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    table = customers()
    table["income"] = np.where(np.arange(len(table)) % 6 == 0, -999.0, table["income"])
    spec = ExperimentSpec(
        "bad", "yes", id_column="id", budget=SearchBudget(None, 2), learners=("linear",),
        special_values={"income": [-999.0]},
    )  # fmt: skip
    result = run_experiment(spec, table, work_dir=tmp_path_factory.mktemp("run"))
    return {row.candidate: row.model_dir for row in result.finalists}


def test_the_printed_statement_gives_the_scores_of_the_saved_model(models, capsys):
    table = customers(300, seed=5)
    table.loc[:40, "income"] = -999.0
    table.loc[41:50, "income"] = np.nan
    scored = ModelArtifact.load(models["scorecard"]).score(table).frame

    assert main(["sql", str(models["scorecard"]), "--table", "new customers"]) == 0

    with sqlite3.connect(":memory:") as connection:
        connection.create_function("exp", 1, math.exp)
        connection.create_function("ln", 1, math.log)
        table.to_sql("new customers", connection, index=False)
        found = pd.read_sql_query(capsys.readouterr().out, connection)
    assert np.abs(found["probability"] - scored["probability"]).max() < 1e-9
    assert found["score"].round(1).tolist() == pytest.approx(scored["score"].tolist(), abs=0.11)
    assert found["id"].tolist() == table["id"].tolist()


def test_a_database_scores_a_dirty_file_loaded_as_text_as_the_file_is_scored(models, tmp_path):
    rows = customers(400, seed=6).drop(columns="bad")
    random = np.random.default_rng(2)
    jobs = [
        "N/A",
        "n/a",
        "",
        "--",
        "空",
        " clerk",
        "nurse\t",
        "\u3000driver",
        "driver\u3000\u00a0",
        "#N/A",
        "NULL",
        "艺人",
    ]
    rows["job"] = np.where(random.random(400) < 0.7, random.choice(jobs, 400), rows["job"])
    signed = [
        f"￥{value:,.2f}" if number % 3 else f"{value / 1e4:.4f}万" for number, value in enumerate(rows["income"])
    ]
    dirty = random.choice(["-999", "－999", "N/A", "暂无", "１２，０００", "9000元 ", "(5)", "12%", "高", "1e4"], 400)
    rows["income"] = np.where(random.random(400) < 0.5, signed, dirty)
    rows["age"] = [random.choice([f"{age:.0f}", f" {age:.0f}\t", f"{age:.1f}", "不详", "NaN"]) for age in rows["age"]]
    rows.to_csv(tmp_path / "rows.csv", index=False)
    score_file(
        models["scorecard"], tmp_path / "rows.csv", out_csv=None, out_parquet=tmp_path / "scores.parquet", reasons=0
    )
    wanted = pd.read_parquet(tmp_path / "scores.parquet")["probability"]

    loaded = pd.read_csv(tmp_path / "rows.csv", dtype=str, keep_default_na=False)
    with sqlite3.connect(":memory:") as connection:
        connection.create_function("exp", 1, math.exp)
        connection.create_function("ln", 1, math.log)
        loaded.to_sql("t", connection, index=False)
        found = pd.read_sql_query(model_sql(models["scorecard"], "t"), connection)
    assert np.abs(found["probability"] - wanted).max() < 1e-12
    with duckdb.connect() as connection:
        connection.register("t", loaded)
        for dialect in ("generic", "postgres"):
            found = connection.execute(model_sql(models["scorecard"], "t", dialect=dialect)).df().set_index("id")
            assert np.abs(found.loc[rows["id"], "probability"].to_numpy() - wanted).max() < 1e-12


def test_special_values_of_the_spec_are_bins_of_the_card_that_is_shipped(models):
    card = ModelArtifact.load(models["scorecard"]).members[0].card
    assert card.objective == "information"
    assert [(row["column"], row["label"]) for row in card.card() if row["kind"] == "special"] == [("income", "= −999")]


def test_another_family_says_that_it_cannot(models, capsys):
    assert main(["sql", str(models["linear"]), "--table", "t"]) == 2
    said = capsys.readouterr().err
    assert said == "Only a scorecard can be written as SQL; this model is linear.\n"
