"""The same customer, or the same row, both in training and in the part set aside."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from experiments.data.splitting.split import Split
from experiments.errors import gettext_noop
from experiments.leakage.finding import Finding, percent
from experiments.leakage.labelled_sample import LabelledSample
from experiments.spec import ExperimentSpec

DUPLICATE_SHARE = 0.05
HASHED_COLUMNS = 40
COMBINATIONS_A_ROW = 1e3

DUPLICATES = gettext_noop(
    "%(count)s rows (%(share)s) are exact copies of another row. The same customer in training and test makes a "
    "model look better than it is: remove the copies, or choose a customer ID."
)
CUSTOMERS_CUT = gettext_noop(
    "%(count)s of the held-out rows (%(share)s) belong to a %(column)s that is also in training. A model looks "
    "better on them than it is: keep each customer's rows together, or hold out the newest months."
)
GROUPED = gettext_noop(
    "%(column)s repeats: %(customers)s customers have %(rows)s rows. All rows of a customer stay on one "
    "side of every split."
)
GROUPED_BUT_FOR_TIME = gettext_noop(
    "%(column)s repeats: %(customers)s customers have %(rows)s rows. All rows of a customer stay in one fold. The "
    "test is later in time and contains some of these customers again, as in real use."
)
PASSED = gettext_noop("There are no duplicate rows.")


def check(
    table: LabelledSample,
    spec: ExperimentSpec,
    roles: pd.DataFrame,
    split: Split | None,
    hash_rows: Callable[[list[str]], np.ndarray],
) -> list[Finding]:
    """Look for customers on both sides of the split, and for rows that are copies of each other.

    Parameters
    ----------
    roles : at least the columns with a role, all rows. hash_rows : gives a hash of these columns for each row of all.
    """
    name = next((name for name in (spec.group_column, spec.id_column) if name in roles and _repeats(roles[name])), None)
    if name is not None:
        return [_customers(roles[name], str(name), split)]
    if _is_coarse(table):
        return []
    hashes = hash_rows(_most_distinct(table))
    copies = pd.Series(hashes).duplicated().to_numpy()
    share = float(copies.mean())
    # A copy that chance puts beside its twin does no harm, but most lie apart.
    across = _share_across(hashes, split)
    if share <= DUPLICATE_SHARE and across <= DUPLICATE_SHARE:
        return []
    params = {"count": int(copies.sum()), "share": percent(share)}
    evidence = {"share": share, "share_of_test_in_training": across, "looked_at_rows": len(hashes)}
    return [Finding("duplicates", "warning", None, DUPLICATES, params, "none", evidence)]


def _repeats(values: pd.Series) -> bool:
    return bool(values.dropna().duplicated().any())


def _customers(values: pd.Series, name: str, split: Split | None) -> Finding:
    known = values.dropna()
    params = {"column": name, "customers": int(known.nunique()), "rows": len(known)}
    count = 0
    if split is not None:
        aside = values.iloc[split.held_out].dropna()
        count = int(aside.isin(values.iloc[split.train].dropna().unique()).sum())
    if not count:
        return Finding("grouped", "passed", name, GROUPED, params)
    share = count / max(1, len(aside))
    evidence = {"rows_of_known_customers": count, "share": share}
    if split is not None and split.held_out_kind == "out_of_time":
        return Finding("grouped", "passed", name, GROUPED_BUT_FOR_TIME, params, "none", evidence)
    told = {"column": name, "count": count, "share": percent(share)}
    return Finding("duplicates", "warning", name, CUSTOMERS_CUT, told, "none", evidence)


def _is_coarse(table: LabelledSample) -> bool:
    """Return whether the columns are so coarse that different customers look the same."""
    if not len(table.frame.columns):
        return True
    combinations = np.sum([np.log(min(len(bins.names), 20)) for bins in table.bins.values() if bins.names])
    return bool(combinations < np.log(COMBINATIONS_A_ROW * len(table.frame)))


def _most_distinct(table: LabelledSample) -> list[str]:
    """Rows that agree in the forty finest columns are copies, however many more there are."""
    by_values = sorted(table.bins, key=lambda name: -len(table.bins[name].names))
    return by_values[:HASHED_COLUMNS]


def hash_frame(frame: pd.DataFrame) -> np.ndarray:
    """Return a hash of each row; whole numbers are the same with and without missing ones beside them."""
    numbers = frame.select_dtypes("number").columns
    return pd.util.hash_pandas_object(frame.astype(dict.fromkeys(numbers, float)), index=False).to_numpy()


def _share_across(hashes: np.ndarray, split: Split | None) -> float:
    if split is None or not len(split.held_out):
        return 0.0
    return float(pd.Series(hashes[split.held_out]).isin(hashes[split.train]).mean())
