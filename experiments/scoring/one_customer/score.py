"""One customer's score with what each column adds to it, the reasons, and the customer's values as people read them."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from experiments.artifact.explanation import ToldReason
from experiments.artifact.model import ModelArtifact
from experiments.charts.waterfall import WaterfallData, waterfall_data
from experiments.explanation.reason_codes.baseline import EVERYBODY, Baseline
from experiments.explanation.values import value_text
from experiments.features.contradictions import Contradictions
from experiments.learners.base import PrintsPoints
from experiments.scorecard.scaling import POINTS_DIGITS
from experiments.stored import Part, unless_absent

__all__ = ["CustomerScore", "score_customer"]

MOST_REASONS = 4


@dataclass(frozen=True)
class CustomerScore(Part):
    """What a model says of one customer, and why.

    Attributes
    ----------
    probability, score, band : as in a scored list. points : of a scorecard.
    margin, base : of this customer and the typical one; ``contributions`` by column add up to their difference.
    baseline : with whom the reasons compare. values : by column, as people read them; empty where missing.

    Examples
    --------
    >>> CustomerScore(0.2, 580.0, "C", -1.4, -1.0, {"age": -0.4}).contributions["age"]
    -0.4
    """

    probability: float
    score: float
    band: str
    margin: float
    base: float
    contributions: dict[str, float] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    reasons: tuple[ToldReason, ...] = ()
    waterfall: WaterfallData | None = unless_absent()
    baseline: Baseline = EVERYBODY
    points: float | None = unless_absent()


def score_customer(artifact: ModelArtifact, row: pd.DataFrame) -> CustomerScore:
    """Return what the model says of the one customer in ``row``, exact to the last contribution.

    Parameters
    ----------
    artifact : the model. row : a table of one row with the columns of the model's file.

    Returns
    -------
    CustomerScore

    Raises
    ------
    BadInput : the row lacks columns the model needs; the sentence names them.

    Examples
    --------
    >>> model = ModelArtifact.load(model_folder)
    >>> row = pd.DataFrame({"age": [25], "income": [4e3], "job": ["none"], "noise": [0.0]})
    >>> found = score_customer(model, row)
    >>> bool(np.isclose(sum(found.contributions.values()) + found.base, found.margin))
    True
    """
    artifact.check_columns(row.columns.tolist())
    read, _met = _read(artifact, row)
    phi, base = artifact.own_contributions(row)
    margin = float(artifact.margin(row)[0])
    p = artifact.calibrated(np.array([margin]))
    types = {column["name"]: column["type"] for column in artifact.signature}
    names = artifact.own_columns
    told = phi[0]
    typical = float(artifact.calibrated(base[:1])[0])
    return CustomerScore(
        probability=float(p[0]),
        score=round(float(artifact.score_of(p)[0]), 1),
        band=str(artifact.band_of(p)[0]),
        margin=margin,
        base=float(base[0]),
        contributions={name: float(part) for name, part in zip(names, told, strict=True)},
        values={name: value_text(_cell(read, name), types.get(name, "")) for name in names},
        reasons=_reasons(artifact, read, phi),
        waterfall=waterfall_data(
            told.tolist(), names, [_cell(read, name) for name in names], base_probability=typical,
            probability=float(p[0]),
        ),
        baseline=artifact.reason_book.baseline,
        points=_points(artifact, row),
    )  # fmt: skip


def _read(artifact: ModelArtifact, row: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, Contradictions]]:
    return artifact.read(row.reset_index(drop=True))


def _cell(row: pd.DataFrame, name: str) -> object:
    value = row[name].iloc[0] if name in row else None
    return None if value is None or pd.isna(value) else value


def _reasons(artifact: ModelArtifact, read: pd.DataFrame, phi: np.ndarray) -> tuple[ToldReason, ...]:
    (reasons,) = artifact.reason_book.top_reasons(read, phi, n=MOST_REASONS)
    return tuple(ToldReason.from_dict(reason.to_dict()) for reason in reasons)


def _points(artifact: ModelArtifact, row: pd.DataFrame) -> float | None:
    if len(artifact.members) != 1 or not isinstance(card := artifact.members[0], PrintsPoints):
        return None
    table, _cover = artifact.prepare(row)
    return round(float(card.points(table)[0]), POINTS_DIGITS)
