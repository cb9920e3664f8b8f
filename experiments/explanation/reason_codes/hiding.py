"""Reasons that were written down, read again without the values of columns that not everybody may see."""

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache

from experiments.explanation.reason_codes.sentences import NOTHING, NOTHING_NEAR, WITHHELD, own_reason, sentence
from experiments.labels import label_of

__all__ = ["HIDDEN", "reasons_without"]

HIDDEN = "***"


def reasons_without(
    hidden: Collection[str], *, columns: Iterable[str], labels: Mapping[str, Mapping[str, str]], language: str
) -> Callable[[str], str]:
    """Return what makes of a reason's sentence one that tells nothing of the values of hidden columns.

    Nor does it tell then whether the value is high or low. A sentence of the bank's own quotes no value and stays, and
    so does one that says that the value is not known.

    Parameters
    ----------
    hidden : columns whose values are not to be told.
    columns : all that the reasons may speak of; where one's name begins with another's, the longer one speaks.
    labels, language : with which the sentences were written.

    Returns
    -------
    Callable

    Examples
    --------
    >>> told = reasons_without(["pay"], columns=["pay", "pay_day"], labels={}, language="en")
    >>> told("pay is high (9,000)"), told("pay_day is late (2026-01-31)"), told("pay is not known")
    ('pay is ***', 'pay_day is late (2026-01-31)', 'pay is not known')
    """
    label_by_column = {name: label_of(name, labels, language) for name in columns}
    label_by_column |= {name: label_of(name, labels, language) for name in hidden}
    longest_first = sorted(label_by_column, key=lambda name: -len(label_by_column[name]))
    flags = {
        sentence(state, label_by_column[name], language=language): name for name in hidden for state in ("yes", "no")
    }
    valueless = {sentence("empty", label_by_column[name], language=language) for name in hidden}
    valueless |= {sentence(state, language=language) for state in (NOTHING, NOTHING_NEAR, WITHHELD)}
    valueless |= {own_reason(name, labels, language) for name in label_by_column}

    @cache
    def told(text: str) -> str:
        if not text or text in valueless:
            return text
        speaks = flags.get(text) or next((name for name in longest_first if text.startswith(label_by_column[name])), "")
        # Two columns may have one label: where any of them is hidden, the value is.
        same = [name for name in hidden if speaks and label_by_column[name] == label_by_column[speaks]]
        return sentence("plain", label_by_column[same[0]], value=HIDDEN, language=language) if same else text

    return told
