"""What a kind of generated feature computes in Python, its SQL computes in a database, cell for cell."""

import sqlite3

import duckdb
import numpy as np
import pandas as pd
import pytest

from experiments.generation.feature import ColumnReader, GeneratedFeature, Inputs, InSql, Kind
from experiments.generation.kinds import KINDS

IN_SQL = {name: kind for name, kind in KINDS.items() if isinstance(kind, InSql)}
CODE = -999.0


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Columns of one family with gaps, zeros, a code that is no quantity, and cells beyond what is kept."""
    random = np.random.default_rng(4)
    frame = pd.DataFrame({f"bill{number}": random.normal(size=400).round(3) for number in range(1, 5)})
    frame.iloc[:40, 0], frame.iloc[20:60, 1] = 0.0, CODE
    frame.iloc[60:64, :2] = [[1e25, 1e-25], [-1e25, 1e-25], [1e25, 1e25], [1e-25, -1e25]]
    return frame.mask(random.random(frame.shape) < 0.2)


def features_of(kind: Kind, columns: ColumnReader) -> list[GeneratedFeature]:
    names = list(columns.frame.columns)
    return kind.propose(Inputs(columns, dict.fromkeys(names, "numeric"), names, "deep"))


def in_database(database: str, frame: pd.DataFrame, expressions: list[str]) -> np.ndarray:
    statement = f"SELECT {', '.join(expressions)} FROM bills ORDER BY place"
    if database == "sqlite":
        with sqlite3.connect(":memory:") as connection:
            frame.to_sql("bills", connection, index_label="place")
            return np.array(connection.execute(statement).fetchall(), dtype=float)
    with duckdb.connect() as connection:
        connection.register("kept", frame.rename_axis("place").reset_index())
        columns = ", ".join(f"CASE WHEN isnan({name}) THEN NULL ELSE {name} END AS {name}" for name in frame)
        connection.execute(f"CREATE TABLE bills AS SELECT place, {columns} FROM kept")
        return np.array(connection.execute(statement).fetchall(), dtype=float)


@pytest.mark.parametrize("database", ["sqlite", "duckdb"])
@pytest.mark.parametrize("name", IN_SQL)
def test_its_sql_gives_what_its_python_gives(name: str, database: str, frame: pd.DataFrame) -> None:
    columns, kind = ColumnReader(frame, {"bill2": [CODE]}), KINDS[name]
    assert isinstance(kind, InSql)
    made = {
        feature.name: (expression, kind.compute(feature, columns))
        for feature in features_of(kind, columns)
        if (expression := kind.sql(feature, [f"NULLIF({source}, {CODE})" for source in feature.sources]))
    }
    assert made

    found = in_database(database, frame, [expression for expression, _values in made.values()])

    for place, (_expression, values) in enumerate(made.values()):
        np.testing.assert_allclose(found[:, place], values, rtol=1e-12, atol=0)


def test_a_kind_without_sql_is_one_that_no_database_could_compute_alike() -> None:
    assert set(KINDS) - set(IN_SQL) == {"date_part", "date_gap", "level_share", "missing"}
