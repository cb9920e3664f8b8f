"""The curves of one model on the rows, and how its score is spread among events and others."""

import numpy as np

from experiments.charts import theme
from experiments.charts.calibration import calibration_data
from experiments.charts.gains import gains_data
from experiments.charts.ks_curve import ks_curve_data
from experiments.charts.roc import roc_data
from experiments.comparison.evidence import Approvals, Curves, Spread
from experiments.comparison.scored_rows import ScoredRows
from experiments.evaluation.ranking import Floats
from experiments.scorecard.scaling import PointsScale
from experiments.strategy.curve import Chosen, strategy_curve

# With few customers narrow bins show noise.
FEWEST_BINS, MOST_BINS = 12, 40
# Shares below this choose so few that their event rate jumps about.
FEWEST = 0.05
# Beyond these shares of all scores there is nothing to see but a long line.
TAIL = 0.002


def curves_of(rows: ScoredRows, place: int, *, share: float, is_risk: bool, edges: Floats) -> Curves:
    """Return the curves of the model at a place; ``edges`` are those of the scores of all."""
    p = rows.scores[place]
    return Curves(
        roc=roc_data(rows.y, p, rows.weight),
        ks=ks_curve_data(rows.y, p, rows.weight),
        gains=gains_data(rows.y, p, rows.weight, share),
        calibration=calibration_data(rows.y, p, rows.weight),
        approvals=_approvals(rows, p, "lowest" if is_risk else "highest"),
        spread=_spread(rows, p, edges, is_risk=is_risk),
    )


def spread_edges(rows: ScoredRows, *, is_risk: bool) -> Floats:
    """Return one set of edges for the scores of all models, so that their hills may be compared."""
    shown = np.concatenate([_shown(p, is_risk=is_risk) for p in rows.scores])
    low, high = np.quantile(shown, [TAIL, 1 - TAIL])
    bins = int(np.clip(np.sqrt(len(rows)), FEWEST_BINS, MOST_BINS))
    return np.linspace(low, high if high > low else low + 1, bins + 1)


def _shown(p: Floats, *, is_risk: bool) -> Floats:
    return PointsScale().score_from_probability(p) if is_risk else p


def _spread(rows: ScoredRows, p: Floats, edges: Floats, *, is_risk: bool) -> Spread:
    shown = np.clip(_shown(p, is_risk=is_risk), edges[0], edges[-1])
    weight = np.ones(len(p)) if rows.weight is None else rows.weight

    def shares(own: np.ndarray) -> tuple[float, ...]:
        counted = np.histogram(shown[own], edges, weights=weight[own])[0]
        return theme.numbers(counted / max(float(counted.sum()), 1e-12))

    return Spread(
        "points" if is_risk else "probability", theme.numbers(edges), shares(rows.y == 1), shares(rows.y == 0)
    )


def _approvals(rows: ScoredRows, p: Floats, chosen: Chosen) -> Approvals:
    grid = np.linspace(0, 1, 101)
    curve = strategy_curve(rows.y, p, rows.weight, rows.customers, chosen=chosen, shares=grid.tolist())
    kept = grid >= FEWEST
    return Approvals(theme.numbers(grid[kept]), theme.numbers(np.asarray(curve.events)[kept] / grid[kept]))
