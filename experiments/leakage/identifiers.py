"""Running numbers and keys in disguise."""

import numpy as np
import pandas as pd

from experiments.data.roles import ID_NAME
from experiments.errors import gettext_noop
from experiments.features.single_feature import as_numbers, is_ordered
from experiments.leakage.finding import Finding, take_out, three, warn
from experiments.leakage.labelled_sample import LabelledSample

UNIQUE_SHARE, RHO = 0.95, 0.95
LEAST_ROWS, FILLED_SHARE, LEAST_VALUES = 20, 0.5, 20
DENSE = 3
LONGEST_KEY = 40

ID_LIKE = gettext_noop(
    "%(column)s looks like a row number: nearly every row has a different value. It identifies customers but does "
    "not predict, so it was taken out."
)
ROW_ORDER = gettext_noop(
    "%(column)s rises or falls with the order of the rows, as a running number does. It was taken out, because "
    "next month's numbers will be higher than any of today's."
)
ROW_ORDER_SHARED = gettext_noop(
    "%(column)s rises or falls with the order of the rows (rank correlation %(rho)s). If it is a batch or running "
    "number, take it out: next month's numbers will be higher than any of today's. If the file is only sorted by "
    "it, keep it."
)
PASSED = gettext_noop("No column is a running number or a key in disguise.")


def check_column(table: LabelledSample, name: str) -> Finding | None:
    """Take out what is unique (above 95 %) and a word, dense, named so or in row order; warn of others in row order."""
    series = table.frame[name].dropna()
    if len(series) < max(LEAST_ROWS, FILLED_SHARE * len(table.frame)) or pd.api.types.is_datetime64_any_dtype(series):
        return None
    distinct = series.nunique()
    share = distinct / len(series)
    evidence: dict[str, float] = {"distinct_share": share}
    if not is_ordered(series):
        is_key = share > UNIQUE_SHARE and not _is_prose(series)
        return take_out("id_like", "warning", name, ID_LIKE, {}, evidence) if is_key else None
    rho = _largest_rho(series, table.time) if distinct >= LEAST_VALUES else 0.0
    if abs(rho) > RHO:
        evidence["rho"] = rho
        if share > UNIQUE_SHARE:
            return take_out("id_like", "warning", name, ROW_ORDER, {}, evidence)
        return warn("id_like", name, ROW_ORDER_SHARED, {"rho": three(rho)}, evidence)
    if share <= UNIQUE_SHARE or (as_numbers(series) % 1 != 0).any():
        return None
    is_dense = float(series.max() - series.min()) < DENSE * len(series)
    is_id = is_dense or ID_NAME.search(name)
    return take_out("id_like", "warning", name, ID_LIKE, {}, evidence) if is_id else None


def _is_prose(series: pd.Series) -> bool:
    """Tell remarks, of which hardly two are the same either, from keys."""
    return float(series.head(1_000).astype(str).str.len().median()) > LONGEST_KEY


def _largest_rho(series: pd.Series, time: pd.Series | None) -> float:
    """Return the rank correlation with the order of the rows; a number that is unique may follow the date instead."""
    ranks = series.rank().to_numpy()
    rho = float(np.corrcoef(ranks, np.arange(len(ranks)))[0, 1])
    is_unique = series.nunique() > UNIQUE_SHARE * len(series)
    if time is None or not is_unique or abs(rho) > RHO:
        return rho
    days = time.loc[series.index]
    known = days.notna().to_numpy()
    if known.sum() < LEAST_ROWS or days[known].nunique() < 2:
        return rho
    with_time = float(np.corrcoef(ranks[known], days[known].rank().to_numpy())[0, 1])
    return with_time if abs(with_time) > abs(rho) else rho
