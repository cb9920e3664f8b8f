"""The one number by which trials are ranked; out-of-time rows never enter it."""

import math

from numpy.typing import ArrayLike

from experiments.evaluation.by_period import volatility
from experiments.evaluation.metrics import auc_of, ks_of, lift_of
from experiments.evaluation.ranking import tally
from experiments.kinds import KINDS
from experiments.spec import TargetKind

GAP_PENALTY = 0.5
VOLATILITY_PENALTY = 0.5
FREE_GAP = 0.02

# Below the smallest step of a lift, so that AUC decides only between equal lifts.
_AUC_AS_TIE_BREAK = 1e-4


def objective(
    kind: TargetKind,
    y: ArrayLike,
    p: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    contact_share: float = 0.1,
    train_ks: float | None = None,
    period: ArrayLike | None = None,
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

    Returns
    -------
    float
        KS_valid − ½·max(0, KS_train − KS_valid − .02) − ½·σ_month(KS_valid), domain specification 1.13, or the
        lift. −inf when a class is missing.

    Examples
    --------
    >>> objective("default", [0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4])
    1.0
    """
    counts = tally(y, p, weight)
    if KINDS[kind].ranking == "ks":
        reached = ks_of(counts)
        overfit = max(0.0, train_ks - reached - FREE_GAP) if train_ks is not None else 0.0
        spread = volatility(y, p, period, weight) if period is not None else 0.0
        value = reached - GAP_PENALTY * overfit - VOLATILITY_PENALTY * spread
    else:
        value = lift_of(counts, contact_share) + _AUC_AS_TIE_BREAK * auc_of(counts)
    return value if math.isfinite(value) else -math.inf
