"""What becomes of a model's scores when a source is missing or a column is a little off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from experiments.artifact.model import ModelArtifact
from experiments.evaluation.delong import delong_difference
from experiments.evaluation.metrics import auc, ks
from experiments.evaluation.ranking import Floats, tenth_of
from experiments.stored import Part

__all__ = ["StressRow", "stress_model"]

NOISE = 0.1


@dataclass(frozen=True)
class StressRow(Part):
    """One stress: what was done, and what became of ranking and scores.

    Attributes
    ----------
    kind : ``missing`` where all columns of a source were emptied, ``noise`` where one column was made a little wrong,
        ``without`` where the model was fitted again without a source.
    auc_change : AUC under stress less that without, with its interval on the same rows.
    mean_change : mean probability under stress less that without. moved : share of customers who change their decile.

    Examples
    --------
    >>> StressRow("noise", "age", 1, 0.71, -0.01, -0.02, 0.0, 0.4, 0.001, 0.2).moved
    0.2
    """

    kind: Literal["missing", "noise", "without"]
    name: str
    columns: int
    auc: float
    auc_change: float
    auc_change_low: float
    auc_change_high: float
    ks: float
    mean_change: float
    moved: float


def stress_model(
    model: ModelArtifact,
    frame: pd.DataFrame,
    *,
    y: ArrayLike,
    weight: ArrayLike | None = None,
    sources: Mapping[str, Sequence[str]] | None = None,
    noise: float = NOISE,
    seed: int = 1,
) -> list[StressRow]:
    """Return what becomes of a model when a source is missing, and when one number at a time is a little wrong.

    Parameters
    ----------
    frame, y, weight : rows the model did not learn from, their labels (1 or 0) and weights.
    sources : columns by where they come from; those of a source that the model uses are emptied together.
    noise : standard deviation of what is added to a column of numbers, in its own. Codes that the model was told stand
        for a meaning are no quantities: they stay as they are, and count for nothing in it.
    seed : of the noise.

    Returns
    -------
    list of StressRow
        Sources first; within a kind what costs most AUC first.

    Examples
    --------
    >>> rows = pd.DataFrame({"age": [25, 60] * 60, "income": [4e3, 2e4] * 60, "job": ["none", "clerk"] * 60})
    >>> rows["noise"] = 0.0
    >>> model = ModelArtifact.load(model_folder)
    >>> found = stress_model(model, rows, y=[1, 0] * 60, sources={"bureau": ["age", "income"]})
    >>> found[0].kind, found[0].name, found[0].columns
    ('missing', 'bureau', 1)
    """
    labels = np.asarray(y, dtype=np.float64)
    weights = np.ones(len(labels)) if weight is None else np.asarray(weight, dtype=np.float64)
    plain, random = model.predict(frame), np.random.default_rng(seed)
    special = (model.facts.get("spec") or {}).get("special_values") or {}
    heard = [name for name in model.columns_heard if name in frame.columns]
    found = []
    for source, columns in (sources or {}).items():
        own = [name for name in columns if name in heard]
        if own:
            stressed = frame.copy(deep=False)
            for name in own:
                stressed[name] = _empty(frame[name])
            found.append(row_of("missing", source, len(own), labels, plain, model.predict(stressed), weights))
    for name in heard:
        if pd.api.types.is_numeric_dtype(frame[name]) and not pd.api.types.is_bool_dtype(frame[name]):
            values = frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
            stressed = frame.copy(deep=False)
            stressed[name] = _noisy(values, special.get(name, ()), noise, random)
            found.append(row_of("noise", name, 1, labels, plain, model.predict(stressed), weights))
    return sorted(found, key=lambda row: (row.kind != "missing", row.auc_change))


def _noisy(values: Floats, codes: Sequence[float], noise: float, random: np.random.Generator) -> Floats:
    """Return numbers a little wrong; codes, gaps and infinities stay what they are."""
    is_quantity = np.isfinite(values) & ~np.isin(values, list(codes))
    spread = noise * float(np.std(values[is_quantity])) if is_quantity.any() else 0.0
    return np.where(is_quantity, values + random.normal(0.0, spread, len(values)), values)


def _empty(column: pd.Series) -> pd.Series:
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return pd.Series(np.nan, index=column.index)
    if pd.api.types.is_datetime64_any_dtype(column):
        return pd.Series(pd.NaT, index=column.index, dtype=column.dtype)
    return pd.Series([None] * len(column), index=column.index, dtype=object)


def row_of(
    kind: Literal["missing", "noise", "without"],
    name: str,
    columns: int,
    y: Floats,
    plain: Floats,
    stressed: Floats,
    weight: Floats,
) -> StressRow:
    """Return a stress beside the scores without it, on the same rows."""
    paired = delong_difference(y, stressed, second=plain, weight=weight)
    return StressRow(
        kind, name, columns, auc(y, stressed, weight=weight), paired.value, paired.low, paired.high,
        ks(y, stressed, weight=weight).value, float(np.average(stressed - plain, weights=weight)),
        float(np.average(tenth_of(plain) != tenth_of(stressed), weights=weight)),
    )  # fmt: skip
