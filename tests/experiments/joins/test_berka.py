"""The Czech bank's tables: put together by guesses alone, the joined table beats the loans alone."""

from collections.abc import Callable
from pathlib import Path

import lightgbm
import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

from experiments.ingest.reading import ingest_file
from experiments.ingest.table import read_parquet
from experiments.joins import guess_joins, run_join

TABLES = ("loan", "account", "disp", "client", "district", "trans_part", "card", "order")
NOT_FEATURES = {"loan_id", "account_id", "date", "status"}
REPEATS = 4


@pytest.fixture
def bank(shared_set: Callable[[str], Path], tmp_path: Path) -> dict[str, Path]:
    """Each table of the bank as an ingested Parquet."""
    paths = {}
    for name in TABLES:
        paths[name] = tmp_path / f"{name}.parquet"
        ingest_file(shared_set(f"berka/{name}"), paths[name])
    return paths


def test_the_bank_s_tables_hang_together_as_its_people_say(bank: dict[str, Path]) -> None:
    guess = guess_joins("loan", bank)

    found = {table.name: (table.parent, table.keys[0], table.relation) for table in guess.spec.tables}
    assert found == {
        "account": ("loan", ("account_id", "account_id"), "one"),
        "disp": ("loan", ("account_id", "account_id"), "many"),
        "client": ("disp", ("client_id", "client_id"), "one"),
        "district": ("account", ("district_id", "A1"), "one"),
        "trans_part": ("loan", ("account_id", "account_id"), "many"),
        "card": ("disp", ("disp_id", "disp_id"), "many"),
        "order": ("loan", ("account_id", "account_id"), "many"),
    }
    times = {table.name: table.time_column for table in guess.spec.tables if table.time_column}
    assert times == {"account": "date", "trans_part": "date", "card": "issued"}


def test_later_transactions_change_nothing_of_the_joined_loans(bank: dict[str, Path], tmp_path: Path) -> None:
    spec = guess_joins("loan", bank).spec
    before = run_join(spec, bank, destination=tmp_path / "before.parquet")
    trans = pl.read_parquet(bank["trans_part"])
    # The last loan is of December 1998.
    later = trans.with_columns(pl.lit(991231).alias("date"), pl.col("amount") * 1_000, pl.lit("fraud").alias("type"))
    mixed = pl.concat([later.head(9_000), trans.cast(later.schema), later.tail(9_000)])  # type: ignore[arg-type]
    mixed.cast(trans.schema).write_parquet(bank["trans_part"])

    after = run_join(spec, bank, destination=tmp_path / "after.parquet")

    assert after.sha256 == before.sha256
    assert after.tables["trans_part"].future == 18_000


@pytest.mark.slow
def test_a_model_on_the_joined_table_beats_one_on_the_loans_alone(bank: dict[str, Path], tmp_path: Path) -> None:
    # Standing orders have no date in this set: nobody can say which were known when the loan was granted.
    timed = {name: path for name, path in bank.items() if name != "order"}
    report = run_join(guess_joins("loan", timed).spec, timed, destination=tmp_path / "joined.parquet")
    joined = read_parquet(tmp_path / "joined.parquet")
    y = joined["status"].isin(["B", "D"]).to_numpy().astype(int)
    assert (report.row_count, int(y.sum())) == (682, 76)
    alone = [column for column in read_parquet(bank["loan"]) if column not in NOT_FEATURES]
    together = [column for column in joined if column not in NOT_FEATURES]

    by_loan, by_all = out_of_fold(joined[alone], y), out_of_fold(joined[together], y)

    low, high = paired_interval(y, by_loan, by_all)
    told = f"{mean_auc(y, by_loan):.3f} alone, {mean_auc(y, by_all):.3f} joined, difference {low:.3f} to {high:.3f}"
    assert low > 0.1, told
    assert mean_auc(y, by_all) > 0.8, told


def out_of_fold(table: pd.DataFrame, y: np.ndarray) -> np.ndarray:
    """Return what a plain boosting says of rows it has not seen, once a repeat."""
    frame = table.copy()
    for column in frame.select_dtypes(exclude="number"):
        frame[column] = frame[column].astype("category")
    said = np.zeros((REPEATS, len(y)))
    for repeat in range(REPEATS):
        for train, held in StratifiedKFold(5, shuffle=True, random_state=repeat).split(frame, y):
            model = lightgbm.LGBMClassifier(
                n_estimators=150, learning_rate=0.05, num_leaves=8, min_child_samples=10, colsample_bytree=0.5,
                subsample=0.8, subsample_freq=1, random_state=1, n_jobs=1, verbose=-1,
            )  # fmt: skip
            model.fit(frame.iloc[train], y[train])
            said[repeat, held] = model.predict_proba(frame.iloc[held])[:, 1]
    return said


def mean_auc(y: np.ndarray, said: np.ndarray) -> float:
    return float(np.mean([roc_auc_score(y, one) for one in said]))


def paired_interval(y: np.ndarray, first: np.ndarray, second: np.ndarray, draws: int = 400) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of the difference in AUC, both judged on the same drawn loans."""
    random = np.random.default_rng(0)
    differences = []
    for _ in range(draws):
        rows = random.integers(0, len(y), len(y))
        differences.append(mean_auc(y[rows], second[:, rows]) - mean_auc(y[rows], first[:, rows]))
    low, high = np.quantile(differences, [0.025, 0.975])
    return float(low), float(high)
