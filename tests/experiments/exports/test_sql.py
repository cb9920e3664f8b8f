"""Cards and trees score in a database as they do here, and a statement is there for each kind of database."""

import zipfile

import duckdb
import numpy as np
import pytest
import sqlglot

from experiments import ModelArtifact
from experiments.errors import BadInput
from experiments.exports.formats import sql
from experiments.exports.making import cannot_be, export_model
from tests.experiments.exports.models import BENT, applicants, saved_model

pytestmark = pytest.mark.slow

DIALECTS = {
    "postgresql": "postgres", "mysql": "mysql", "hive": "hive", "spark": "spark", "oracle": "oracle",
    "duckdb": "duckdb",
}  # fmt: skip


def exported(tmp_path, family, **options):
    model = saved_model(tmp_path / "model", family, **options)
    made = export_model(model, tmp_path / "sql.zip", form="sql")
    with zipfile.ZipFile(tmp_path / "sql.zip") as packed:
        return model, made, {name: packed.read(f"{name}.sql").decode() for name in DIALECTS}


@pytest.mark.parametrize(
    ("family", "options"),
    [("scorecard", {"calibrator": BENT}), ("lightgbm", {}), ("xgboost", {}), ("random_forest", {}), ("linear", {})],
)
def test_a_table_of_a_database_is_scored_as_the_model_scores_it(tmp_path, family, options):
    model, made, statements = exported(tmp_path, family, **options)
    frame, _ = applicants(400, seed=3)
    frame.loc[5, "job"] = "astronaut"
    with duckdb.connect() as connection:
        connection.register("given", frame.assign(owner=frame["owner"].map({True: "Yes", False: "no"})))
        connection.execute("CREATE TABLE customers AS SELECT * FROM given")
        found = connection.execute(statements["duckdb"]).df()

    artifact = ModelArtifact.load(model)
    expected = artifact.predict(frame)
    assert np.abs(found["probability"].to_numpy() - expected).max() < 1e-9
    assert found["score"].tolist() == pytest.approx(artifact.score_of(expected).tolist(), abs=1e-6)
    assert made.proof.furthest < 1e-9
    assert made.proof.edges > 10


def test_each_dialect_has_a_statement_that_its_own_grammar_reads(tmp_path):
    _, _, statements = exported(tmp_path, "lightgbm")
    for name, dialect in DIALECTS.items():
        (tree, *rest) = [one for one in sqlglot.parse(statements[name], read=dialect) if one]
        assert not rest
        assert [one.alias for one in tree.selects][-2:] == ["probability", "score"]
    assert "DATE_DIFF" not in statements["oracle"]
    # Oracle compares no CLOB with a level; MySQL must not take levels that differ in case for one.
    assert "CLOB" not in statements["oracle"]
    # A text is read as a day by the settings of the session, if it is not said how.
    assert "CAST('1970" not in statements["oracle"]
    assert "- TO_DATE('1970-01-01', 'YYYY-MM-DD')" in statements["oracle"]
    assert 'CAST("job" AS VARCHAR2(4000))' in statements["oracle"]
    assert "CAST(`job` AS CHAR CHARACTER SET utf8mb4) COLLATE utf8mb4_bin" in statements["mysql"]
    assert "`due`" in statements["mysql"]


def test_a_model_with_more_splits_than_databases_take_says_so_before(tmp_path, monkeypatch):
    model = saved_model(tmp_path / "model", "lightgbm")
    monkeypatch.setattr(sql, "MOST_SPLITS", 10)

    assert "splits; SQL is written for up to 10" in str(cannot_be(model, "sql"))
    with pytest.raises(BadInput, match="splits"):
        export_model(model, tmp_path / "sql.zip", form="sql")
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_an_export_that_scores_otherwise_leaves_no_file(tmp_path, monkeypatch):
    model = saved_model(tmp_path / "model", "scorecard")
    wrong = sql.literal
    monkeypatch.setattr(sql, "literal", lambda value: wrong(value * (1 + 1e-6) if abs(value) < 10 else value))

    with pytest.raises(BadInput, match=r"for one row the export gives .* age="):
        export_model(model, tmp_path / "sql.zip", form="sql")
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
