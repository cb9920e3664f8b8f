"""What of a customer can be tried otherwise: each column the model listens to, with the values that others have."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.explanation.values import ranked_values, without_codes
from experiments.features.levels import level_text
from experiments.scoring.one_customer.surroundings import Surroundings
from experiments.stored import Part

__all__ = ["Knob", "knobs_of"]

# Beyond these a slider would move in the emptiness of a few odd customers.
TAILS = (0.005, 0.995)
STEPS = 100
MOST_LEVELS = 60
BARS = 24


@dataclass(frozen=True)
class Knob(Part):
    """A column that can be tried with another value.

    Attributes
    ----------
    kind : numeric, date, boolean or categorical. value : the customer's own, as ``read_value`` takes it.
    low, high, step : of a number. levels : of anything else, the most frequent first.
    counts : customers in equal stretches from low to high, for the picture behind a slider.

    Examples
    --------
    >>> Knob("age", "numeric", "25", low=18.0, high=70.0, step=1.0).levels
    ()
    """

    column: str
    kind: str
    value: str
    low: float | None = None
    high: float | None = None
    step: float | None = None
    levels: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()


def knobs_of(around: Surroundings, row: pd.DataFrame) -> list[Knob]:
    """Return the columns that can be tried, the weightiest first.

    Parameters
    ----------
    around : customers whose values span what can be tried. row : the customer's, as the model reads it.

    Returns
    -------
    list of Knob

    Examples
    --------
    >>> from experiments.artifact.model import ModelArtifact
    >>> model = ModelArtifact.load(model_folder)
    >>> rows = pd.DataFrame({"age": [25, 60], "income": [4e3, 2e4], "job": ["none", "clerk"], "noise": [0.0, 0.0]})
    >>> knobs = {knob.column: knob for knob in knobs_of(Surroundings.of(model, rows), rows.iloc[:1])}
    >>> knobs["age"].low, knobs["age"].high, knobs["job"].levels
    (25.0, 60.0, ('none', 'clerk'))
    """
    artifact = around.artifact
    types = {column["name"]: column["type"] for column in artifact.signature}
    heard = [name for name in artifact.columns_heard if name in around.frame and name in row]
    shares = np.abs(around.contributions).mean(axis=0) if len(around.contributions) else np.zeros(len(heard))
    weight = dict(zip(artifact.own_columns, shares.tolist(), strict=False))
    heard.sort(key=lambda name: -weight.get(name, 0.0))
    return [_knob(name, types[name], around.frame[name], row[name].iloc[0], _codes(around, name)) for name in heard]


def text_of(value: object) -> str:
    """Return a cell as ``read_value`` takes it; empty where missing."""
    if isinstance(value, pd.Timestamp):
        return str(value.date())
    return level_text(value) or ""


def _codes(around: Surroundings, name: str) -> list[float]:
    spec = around.artifact.facts.get("spec", {})
    return list((spec.get("special_values") or {}).get(name, ()))


def _knob(name: str, kind: str, column: pd.Series, own: object, codes: list[float]) -> Knob:
    own_text = "" if own is None or pd.isna(own) else text_of(own)  # type: ignore[call-overload]
    if kind != "numeric":
        return Knob(name, kind, own_text, levels=_levels(column, kind, own_text))
    values = ranked_values(column, "numeric")
    known = np.zeros(0) if values is None else without_codes(values, codes)
    known = known[np.isfinite(known)]
    own_number = float(own_text) if own_text else None
    if own_number is not None and own_number not in codes:
        known = np.append(known, own_number)
    if not len(known):
        return Knob(name, kind, own_text)
    low, high = (float(bound) for bound in np.quantile(known, TAILS))
    if own_number is not None and own_number not in codes:
        low, high = min(low, own_number), max(high, own_number)
    is_whole = bool((known == np.round(known)).all())
    step = _step(low, high, is_whole)
    if is_whole:
        low, high = float(np.floor(low)), float(np.ceil(high))
    counts = np.histogram(known, bins=BARS, range=(low, high))[0] if high > low else np.zeros(0, dtype=int)
    return Knob(name, kind, own_text, low, high, step, counts=tuple(counts.tolist()))


def _step(low: float, high: float, is_whole: bool) -> float:
    """Return a step that is 1, 2 or 5 times a power of ten, about a hundred from end to end."""
    if high <= low:
        return 1.0
    raw = (high - low) / STEPS
    power = 10.0 ** np.floor(np.log10(raw))
    step = float(next(times * power for times in (1, 2, 5, 10) if times * power >= raw))
    return max(1.0, round(step)) if is_whole else step


def _levels(column: pd.Series, kind: str, own: str) -> tuple[str, ...]:
    texts = pd.Series([text_of(cell) for cell in column.tolist() if cell is not None and not pd.isna(cell)])
    counted = [str(level) for level in texts.value_counts().index[:MOST_LEVELS]]
    if kind == "date":
        counted = sorted(counted)
    return tuple(counted if not own or own in counted else [own, *counted])
