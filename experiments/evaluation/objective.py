"""The one number by which trials are ranked; out-of-time rows never enter it."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from numpy.typing import ArrayLike

from experiments.errors import gettext_noop
from experiments.evaluation.by_period import volatility
from experiments.evaluation.metrics import auc_of, ks_of, lift_of, log_loss
from experiments.evaluation.ranking import tally
from experiments.kinds import KINDS
from experiments.spec import TargetKind

__all__ = ["objective"]

GAP_PENALTY = 0.5
VOLATILITY_PENALTY = 0.5
FREE_GAP = 0.02

# Below the smallest step of a lift, so that AUC decides only between equal lifts.
_AUC_AS_TIE_BREAK = 1e-4


@dataclass(frozen=True)
class Scored:
    """What a ranking may read of a candidate; see ``objective``."""

    y: ArrayLike
    p: ArrayLike
    weight: ArrayLike | None
    contact_share: float
    train_ks: float | None
    period: ArrayLike | None


@dataclass(frozen=True)
class Ranking:
    """One way to rank candidates.

    Attributes
    ----------
    digits : to which values are compared. told : what it looks for, of a bank's own events; a key of the translations.
    value : higher is better.
    """

    digits: int
    told: str
    value: Callable[[Scored], float]


def _ks_less_penalties(scored: Scored) -> float:
    reached = ks_of(tally(scored.y, scored.p, scored.weight))
    overfit = max(0.0, scored.train_ks - reached - FREE_GAP) if scored.train_ks is not None else 0.0
    spread = (
        volatility(scored.y, scored.p, period=scored.period, weight=scored.weight) if scored.period is not None else 0.0
    )
    return reached - GAP_PENALTY * overfit - VOLATILITY_PENALTY * spread


def _lift_then_auc(scored: Scored) -> float:
    counts = tally(scored.y, scored.p, scored.weight)
    return lift_of(counts, scored.contact_share) + _AUC_AS_TIE_BREAK * auc_of(counts)


RANKINGS = {
    # KS is shown with four digits; a lift carries its AUC in the digits beyond them.
    "ks": Ranking(
        4, gettext_noop("how well they separate “%(events)s” from “%(non_events)s” (KS)"), _ks_less_penalties
    ),
    "auc": Ranking(
        4,
        gettext_noop("how well they rank “%(events)s” above “%(non_events)s” (AUC)"),
        lambda scored: auc_of(tally(scored.y, scored.p, scored.weight)),
    ),
    "log_loss": Ranking(
        4,
        gettext_noop("how close their probabilities are to the outcomes (log loss)"),
        lambda scored: -float(log_loss(scored.y, scored.p, weight=scored.weight)),
    ),
    "lift": Ranking(8, gettext_noop("how many “%(events)s” are among the top %(share)s"), _lift_then_auc),
}


def objective(
    kind: TargetKind,
    y: ArrayLike,
    *,
    p: ArrayLike,
    weight: ArrayLike | None = None,
    contact_share: float = 0.1,
    train_ks: float | None = None,
    period: ArrayLike | None = None,
    ranking: str = "",
) -> float:
    """Return what the leaderboard ranks by; higher is better.

    Parameters
    ----------
    kind : ``default`` ranks by KS less penalties for overfit and monthly volatility, the others by lift in the share
        that can be contacted or held, then AUC; see ``experiments.kinds``.
    y, p, weight : validation labels, scores and weights; shape (n,).
    contact_share : share of the population that can be contacted.
    train_ks : KS on the rows the model was fitted on; no overfit penalty when left out.
    period : month of each validation row; no volatility penalty when left out.
    ranking : a name of ``RANKINGS`` in place of that of the kind.

    Returns
    -------
    float
        KS_valid − ½·max(0, KS_train − KS_valid − .02) − ½·σ_month(KS_valid), or the
        lift. −inf when a class is missing.

    Raises
    ------
    ValueError : as for ``auc``.

    Examples
    --------
    >>> objective("default", [0, 0, 1, 1], p=[0.1, 0.2, 0.3, 0.4])
    1.0
    """
    value = RANKINGS[ranking or KINDS[kind].ranking].value(Scored(y, p, weight, contact_share, train_ks, period))
    return value if math.isfinite(value) else -math.inf
