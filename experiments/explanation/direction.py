"""Which way a column pushes the score: one rule for pages, reports, reasons and comparisons."""

import numpy as np
import pandas as pd

__all__ = ["STEADY", "rank_correlation", "way_of"]

#: From this rank correlation on, either sign, a column has a direction that may be told.
STEADY = 0.5


def way_of(correlation: float | None, *, held: int = 0) -> int:
    """Return 1 where a column raises the score the higher it is, −1 where it lowers it, 0 where neither may be said.

    Whether a direction is told rests on Spearman's rank correlation of a column's values and its contributions, over
    the customers that were explained: where most customers are counts, thin tails and the number of bins of a curve do
    not. From 0.5 on Cohen calls a correlation large. A direction that was asked of the model, and that the check of the
    shipped model found kept everywhere, is true whatever a sample shows.

    Parameters
    ----------
    correlation : rank correlation, −1 to 1; None where there is none, as of categories.
    held : the direction asked for and found kept, 1 or −1; 0 where there is none.

    Returns
    -------
    int

    References
    ----------
    Spearman, C. (1904). The proof and measurement of association between two things. American Journal of Psychology 15.
    Cohen, J. (1988). Statistical Power Analysis for the Behavioral Sciences, 2nd edition, section 3.2. Erlbaum.

    Examples
    --------
    >>> way_of(0.9), way_of(-0.6), way_of(0.3), way_of(0.3, held=-1), way_of(None)
    (1, -1, 0, -1, 0)
    """
    if held:
        return 1 if held > 0 else -1
    if correlation is None or np.isnan(correlation) or abs(correlation) < STEADY:
        return 0
    return 1 if correlation > 0 else -1


def rank_correlation(values: np.ndarray | None, phi: np.ndarray) -> float | None:
    """Return Spearman's correlation over the filled cells; None where there is nothing to correlate.

    Parameters
    ----------
    values, phi : a column's values, NaN where empty, and its contributions; shape (rows,). No values of categories.

    Returns
    -------
    float or None

    Examples
    --------
    >>> rank_correlation(np.array([1.0, 2.0, np.nan, 9.0]), np.array([0.1, 0.2, 5.0, 0.3])), rank_correlation(None, [])
    (1.0, None)
    """
    if values is None:
        return None
    is_filled = ~np.isnan(values)
    if is_filled.sum() < 3 or np.ptp(values[is_filled]) == 0 or np.ptp(phi[is_filled]) == 0:
        return None
    ranks = pd.DataFrame({"value": values[is_filled], "phi": phi[is_filled]}).rank().to_numpy()
    return float(np.corrcoef(ranks, rowvar=False)[0, 1])
