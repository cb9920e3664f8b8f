"""A finalist's lead over another in AUC, judged among all that are compared with that other."""

from collections.abc import Mapping
from typing import Any

Kept = Mapping[str, Mapping[str, Any]]


def difference_to(other: str, name: str, *, own: Kept, others: Kept) -> dict[str, Any] | None:
    """Return AUC(``name``) − AUC(``other``), judged among all that are set against ``other``; None if not measured.

    Parameters
    ----------
    own, others : the differences kept for ``name`` and for ``other``.

    Examples
    --------
    >>> kept = {"linear": {"value": 0.01, "low": 0.002, "high": 0.018, "level": 0.975, "p_value": 0.01, "p_holm": 0.02}}
    >>> difference_to("lightgbm", "linear", own={}, others=kept)["low"]
    -0.018
    """
    found = others.get(name)
    if other in own and (found is None or found.get("p_holm") is None):
        return dict(own[other])
    if found is None or found.get("value") is None:
        return None
    return {**found, "value": -found["value"], "low": -found["high"], "high": -found["low"]}
