"""Small tables as they lie on disk, and a naive loop that sums rows up as one would by hand."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow.parquet as pq

from experiments.joins import JoinedTable, JoinReport, JoinSpec, run_join

DAY = timedelta(days=1)


def save(folder: Path, **tables: pd.DataFrame | pl.DataFrame) -> dict[str, Path]:
    """Write tables as Parquet files, as an ingested file has them."""
    paths = {}
    for name, table in tables.items():
        frame = table if isinstance(table, pl.DataFrame) else pl.from_pandas(table)
        paths[name] = folder / f"{name}.parquet"
        pq.write_table(frame.to_arrow(compat_level=pl.CompatLevel.oldest()), paths[name])
    return paths


def run(spec: JoinSpec, paths: dict[str, Path], folder: Path, **options: Any) -> tuple[pl.DataFrame, JoinReport]:
    """Run a join and return its table and report."""
    destination = folder / "joined.parquet"
    report = run_join(spec, paths, destination=destination, **options)
    return pl.read_parquet(destination), report


def by_account(name: str = "trans", **more: Any) -> JoinedTable:
    """Return a table summed up by account, timed by ``date``."""
    settings: dict[str, Any] = {"time_column": "date", "numbers": ("amount",), "windows": (7, 30, 0)}
    return JoinedTable(name, "loan", (("account", "account"),), "many", **{**settings, **more})


def some_rows(seed: int = 1, accounts: int = 40, rows: int = 1_500) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return loans and transactions with gaps, repeated values, ties in time and accounts without rows."""
    random = np.random.default_rng(seed)
    start = datetime(2024, 1, 1)
    loan = pd.DataFrame(
        {
            "account": random.permutation(accounts + 5)[:accounts],
            "date": [start + timedelta(days=int(day)) for day in random.integers(0, 120, accounts)],
            "amount": random.integers(1, 9, accounts),
        }
    )
    amount = random.integers(-5, 6, rows).astype(float) * 0.5
    amount[random.random(rows) < 0.1] = np.nan
    kind = random.choice(["in", "out", "fee", ""], rows).astype(object)
    trans = pd.DataFrame(
        {
            "account": random.integers(0, accounts + 9, rows),
            "date": [start + timedelta(days=int(day)) for day in random.integers(0, 120, rows)],
            "amount": amount,
            "kind": kind,
        }
    )
    return loan, trans


def naively(rows: pd.DataFrame, observed: datetime, window: int, lag: int = 0) -> dict[str, float]:
    """Sum up the rows of one key by hand; ``window`` 0 is everything known."""
    rows = rows.sort_values("date", kind="stable")
    known = rows[rows["date"] + lag * DAY <= observed]
    inside = known[known["date"] > observed - window * DAY] if window else known
    amounts = inside["amount"].dropna()
    days = (inside.loc[amounts.index, "date"] - observed) / DAY
    has_slope = days.nunique() > 1
    return {
        "count": len(inside),
        "sum": amounts.sum(),
        "mean": amounts.mean() if len(amounts) else np.nan,
        "max": amounts.max() if len(amounts) else np.nan,
        "min": amounts.min() if len(amounts) else np.nan,
        "std": amounts.std(ddof=1) if len(amounts) > 1 else np.nan,
        "distinct": amounts.nunique(),
        "trend": 30 * np.polyfit(days, amounts, 1)[0] if has_slope else np.nan,
        "last": known["amount"].dropna().iloc[-1] if known["amount"].notna().any() else np.nan,
        "recency": (observed - known["date"].iloc[-1]) / DAY if len(known) else np.nan,
        "in": (inside["kind"] == "in").sum() if "kind" in inside else np.nan,
        "kinds": inside["kind"].replace("", np.nan).nunique() if "kind" in inside else np.nan,
    }
