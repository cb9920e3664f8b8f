"""How much a result depends on columns that the data check questions: what remains without them."""

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from experiments.errors import gettext_noop
from experiments.leakage.ablation import loses_surely
from experiments.leakage.quick_model import FOLDS, cross_validate, encode, rows_for_a_model

COLUMNS_TOLD = 5
# Twice what makes one model better than another: below it a result hardly looks better than it is.
NOTABLE_LOSS = 0.01

CARRIED = gettext_noop(
    "This result depends on %(columns)s, which the data check questions and which are still in the model: a quick "
    "model reaches AUC %(auc_with)s with them and %(auc_without)s without. If they are filled in after the "
    "outcome, expect the second number in use: take them out and run again."
)
CARRIED_BY_ONE = gettext_noop(
    "This result depends on %(columns)s, which the data check questions and which is still in the model: a quick "
    "model reaches AUC %(auc_with)s with it and %(auc_without)s without. If it is filled in after the outcome, "
    "expect the second number in use: take it out and run again."
)
CARRIED_BY_ALL = gettext_noop(
    "The data check questions every column of this model (%(columns)s). If they are filled in after the outcome, "
    "this result is void."
)


def carried_by_doubted(
    table: pd.DataFrame, y: np.ndarray, doubted: Collection[str], rows: np.ndarray | None = None
) -> dict[str, Any] | None:
    """Return how a quick model does without the questioned columns, if it is significantly worse; None otherwise.

    Parameters
    ----------
    table : the columns a model learns from. y : 1, 0 or NaN, one value a row.
    doubted : columns that a data check asks about. rows : places of the rows to look at, all when left out.

    Returns
    -------
    dict or None
        ``message`` and ``params``, ``columns`` (what carries most first), ``auc_with`` and ``auc_without``.

    Examples
    --------
    >>> random = np.random.default_rng(1)
    >>> y = (random.random(900) < 0.3).astype(float)
    >>> table = pd.DataFrame({"age": random.normal(size=900), "call": 3 * y + random.normal(size=900)})
    >>> found = carried_by_doubted(table, y, ["call"])
    >>> found["columns"], found["auc_with"] > 0.9, found["auc_without"] < 0.6
    (['call'], True, True)
    """
    asked = [name for name in table.columns if name in set(doubted)]
    known = np.arange(len(y)) if rows is None else np.asarray(rows)
    known = known[~np.isnan(y[known])]
    answers = y[known]
    if not asked or min(answers.sum(), (1 - answers).sum()) < 2 * FOLDS:
        return None
    chosen = rows_for_a_model(answers, table.shape[1])
    answers = answers[chosen]
    matrix = encode(table.iloc[known[chosen]], list(table.columns))
    full = cross_validate(matrix, answers)
    asked.sort(key=lambda name: -full.gain[name])
    left = [name for name in table.columns if name not in asked]
    if not left:
        return _told(CARRIED_BY_ALL, asked, full.auc, 0.5)
    without = cross_validate(matrix[left], answers)
    if not loses_surely(full, without, NOTABLE_LOSS):
        return None
    return _told(CARRIED if len(asked) > 1 else CARRIED_BY_ONE, asked, full.auc, without.auc)


def _told(message: str, columns: list[str], auc_with: float, auc_without: float) -> dict[str, Any]:
    names = [*columns[:COLUMNS_TOLD], *(["…"] if len(columns) > COLUMNS_TOLD else [])]
    params = {"columns": names, "auc_with": f"{auc_with:.3f}", "auc_without": f"{auc_without:.3f}"}
    return {
        "message": message,
        "params": params,
        "columns": columns,
        "auc_with": auc_with,
        "auc_without": auc_without,
    }
