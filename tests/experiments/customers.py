"""A small table of made-up customers whose outcome depends on what is known of them."""

import numpy as np
import pandas as pd


def customers(rows: int = 600, seed: int = 1) -> pd.DataFrame:
    """Return customers with numbers, a category, empty cells and a yes/no target."""
    random = np.random.default_rng(seed)
    age = random.integers(20, 70, rows).astype(float)
    income = random.lognormal(9, 0.5, rows)
    job = random.choice(["clerk", "nurse", "driver", "none"], rows, p=[0.4, 0.3, 0.2, 0.1])
    margin = -1.2 - 0.04 * (age - 45) - 0.8 * (np.log(income) - 9) + 1.2 * (job == "none")
    bad = random.random(rows) < 1 / (1 + np.exp(-margin))
    income[random.random(rows) < 0.05] = np.nan
    return pd.DataFrame(
        {"id": [f"C{n:05d}" for n in range(rows)], "age": age, "income": income, "job": job,
         "noise": random.normal(size=rows), "bad": np.where(bad, "yes", "no")}
    )  # fmt: skip
