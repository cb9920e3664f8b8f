"""Numbers as sentences carry them: what is shown never turns round what the sentence claims of them."""

from collections.abc import Callable, Iterator
from typing import Any

# Beyond these a difference is one of the machine's arithmetic and not worth a digit.
MOST_DIGITS = 12


def apart(*values: float, digits: int = 3, percent: bool = False) -> list[str]:
    """Return numbers with as many decimals as it takes for different ones to look different.

    "0.050 is over the limit of 0.050" helps nobody: 0.0504 and 0.05 are shown as 0.0504 and 0.0500.

    Parameters
    ----------
    values : what one sentence compares. digits : decimals of each, at least. percent : write shares as percentages.

    Examples
    --------
    >>> apart(0.0504, 0.05)
    ['0.0504', '0.0500']
    >>> apart(0.4031, 0.4, digits=0, percent=True)
    ['40.3%', '40.0%']
    """

    def written(count: int) -> list[str]:
        return [f"{value:.{count}%}" if percent else f"{value:.{count}f}" for value in values]

    # Of three numbers two may be one but for the machine's arithmetic; the third still has to look different.
    different = len(set(written(MOST_DIGITS)))
    for count in range(digits, MOST_DIGITS):
        if len(set(written(count))) == different:
            return written(count)
    return written(MOST_DIGITS)


def more_than_none(value: float, digits: int = 4) -> str:
    """Return a number with as many decimals as it takes for it not to look like nothing, unless it is nothing."""
    return apart(value, 0.0, digits=digits)[0] if value else f"{0.0:.{digits}f}"


def signed(value: float, digits: int = 4) -> str:
    """Return a change with its sign, a true minus, and no sign where it rounds to nothing."""
    shown = f"{value:+.{digits}f}"
    return f"{0.0:.{digits}f}" if not float(shown) else shown.replace("-", "−")


def sentences_of(told: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what is told as ``{message, params}``, then each further sentence that it carries in ``also``."""
    if told.get("message"):
        yield {"message": told["message"], "params": told.get("params") or {}}
    yield from told.get("also") or ()


def spell(told: dict[str, Any], say: Callable[[str, dict[str, Any]], str] | None = None, between: str = " ") -> str:
    """Return all that is told as one text, each sentence put into words by ``say``; English without one."""
    words = say or (lambda message, params: message % params)
    return between.join(words(one["message"], one["params"]) for one in sentences_of(told))
