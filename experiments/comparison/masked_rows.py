"""Single customers as they may be shown: values masked, the customer by the last signs of the id."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from experiments.comparison.scored_rows import ScoredRows
from experiments.privacy.masking import masked, masked_id


def customer_at(rows: ScoredRows, frame: pd.DataFrame, number: int) -> str:
    """Return the id of the row with this number, all but its last signs hidden; empty where there is no id."""
    if rows.id_column is None or rows.id_column not in frame or rows.id_column in rows.hidden:
        return ""
    return masked_id(str(frame[rows.id_column].iloc[number]))


def shown_values(frame: pd.DataFrame, number: int, columns: Sequence[str]) -> dict[str, str]:
    """Return the values of a row in some columns, as texts without anything personal."""
    return {name: shown_value(frame[name].iloc[number]) for name in columns if name in frame}


def shown_value(value: Any) -> str:
    """Return a cell as a text without anything personal.

    Examples
    --------
    >>> shown_value(0.25), shown_value(None), shown_value("13912345678"), shown_value(pd.Timestamp("2026-01-31"))
    ('0.25', '', '139****5678', '2026-01-31')
    """
    if value is None or value is pd.NaT or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d")
    return masked(f"{value:.6g}" if isinstance(value, float) else value)
