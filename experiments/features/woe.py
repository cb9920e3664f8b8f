"""Weight of evidence and information value, smoothed so that empty and pure bins stay finite."""

import numpy as np

__all__ = ["information_value", "iv_band", "iv_noise_floor", "iv_of_bins", "iv_p_value", "woe_of_bins"]

#: Upper ends of Siddiqi's bands of information value and what they are called.
IV_BANDS = ((0.02, "none"), (0.1, "weak"), (0.3, "medium"), (0.5, "strong"), (np.inf, "suspicious"))


def woe_of_bins(events: np.ndarray, non_events: np.ndarray) -> np.ndarray:
    """Return the weight of evidence of each bin; positive = riskier or more responsive than the average.

    ``ln[((b+½)/(B+½k)) / ((g+½)/(G+½k))]`` over k bins with b events and g non-events each, B and G in all.

    Parameters
    ----------
    events, non_events : (weighted) counts of shape (k,), at least 0.

    Returns
    -------
    numpy.ndarray
        Shape (k,), in log-odds.

    References
    ----------
    Siddiqi, N. (2006). Credit Risk Scorecards. Wiley.

    Examples
    --------
    >>> woe_of_bins(np.array([10.0, 10.0]), np.array([50.0, 50.0])).tolist()
    [0.0, 0.0]
    """
    event_share, non_event_share = _shares(events, non_events)
    return np.log(event_share / non_event_share)


def iv_of_bins(events: np.ndarray, non_events: np.ndarray) -> np.ndarray:
    """Return each bin's part of the information value, shape (k,), at least 0.

    Parameters
    ----------
    events, non_events : (weighted) counts of shape (k,), at least 0.

    Returns
    -------
    numpy.ndarray

    Examples
    --------
    >>> iv_of_bins(np.array([30.0, 10.0]), np.array([50.0, 110.0])).round(4).tolist()
    [0.3715, 0.4241]
    """
    event_share, non_event_share = _shares(events, non_events)
    return (event_share - non_event_share) * np.log(event_share / non_event_share)


def information_value(events: np.ndarray, non_events: np.ndarray) -> float:
    """Return the information value: the sum of ``(b̂−ĝ)·WOE`` over the bins.

    Parameters
    ----------
    events, non_events : (weighted) counts of shape (k,), at least 0.

    Returns
    -------
    float
        At least 0; below 0.02 it says nothing, above 0.5 it says suspiciously much.

    References
    ----------
    Siddiqi, N. (2006). Credit Risk Scorecards. Wiley.

    Examples
    --------
    >>> round(information_value(np.array([30.0, 10.0]), np.array([50.0, 110.0])), 4)
    0.7957
    """
    return float(iv_of_bins(events, non_events).sum())


def iv_noise_floor(bin_count: int, events: float, *, non_events: float) -> float:
    """Return the information value that pure noise has on average in so many bins: ``(k−1)(1/B+1/G)``.

    Parameters
    ----------
    bin_count : k. events, non_events : B and G, in all bins.

    Returns
    -------
    float

    Examples
    --------
    >>> round(iv_noise_floor(10, 200, non_events=9_800), 4)
    0.0459
    """
    if bin_count < 2 or events <= 0 or non_events <= 0:
        return 0.0
    return (bin_count - 1) * (1 / events + 1 / non_events)


def iv_p_value(value: float, bin_count: int, *, events: float, non_events: float) -> float:
    """Return the probability that pure noise reaches this information value (χ² with k−1 degrees of freedom).

    Parameters
    ----------
    value : an information value. bin_count : k. events, non_events : in all bins.

    Returns
    -------
    float
        0 to 1.

    Examples
    --------
    >>> round(iv_p_value(0.05, 10, events=200, non_events=9_800), 3)
    0.367
    """
    from scipy.special import chdtrc

    if bin_count < 2 or events <= 0 or non_events <= 0:
        return 1.0
    return float(chdtrc(bin_count - 1, value / (1 / events + 1 / non_events)))


def iv_by_chance(floor: float, bin_count: int, p_value: float) -> float:
    """Return the information value that pure noise with this mean exceeds with probability ``p_value``."""
    from scipy.special import chdtri

    return floor * float(chdtri(bin_count - 1, p_value)) / (bin_count - 1) if bin_count > 1 else 0.0


def iv_band(value: float) -> str:
    """Return the word for an information value: none, weak, medium, strong or suspicious.

    Parameters
    ----------
    value : an information value.

    Returns
    -------
    str

    References
    ----------
    Siddiqi, N. (2006). Credit Risk Scorecards. Wiley.

    Examples
    --------
    >>> [iv_band(value) for value in (0.01, 0.05, 0.2, 0.4, 0.7)]
    ['none', 'weak', 'medium', 'strong', 'suspicious']
    """
    return next(word for upper, word in IV_BANDS if value < upper)


def _shares(events: np.ndarray, non_events: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    events, non_events = np.asarray(events, dtype=float), np.asarray(non_events, dtype=float)
    half = 0.5 * len(events)
    return (events + 0.5) / (events.sum() + half), (non_events + 0.5) / (non_events.sum() + half)
