"""The words for yes and no, for every reader of a cell, a file or a switch: which mean one, and which one is said."""

from collections.abc import Iterable

# Who writes one word of a pair writes the other beside it; the first says yes.
PAIRS = (
    ("yes", "no"), ("y", "n"), ("true", "false"), ("t", "f"), ("1", "0"),
    ("是", "否"), ("有", "无"), ("对", "错"), ("真", "假"),
)  # fmt: skip
YES, NO = (frozenset(words) for words in zip(*PAIRS, strict=True))
# Put into a form or a list rather than into data, where they may mean something else.
TICKS = frozenset(("x", "√", "on"))
SAID = {"en": {True: "yes", False: "no"}, "zh": {True: "是", False: "否"}}


def meaning_of(word: str) -> bool | None:
    """Return what a word says, ``None`` where it says neither.

    Examples
    --------
    >>> [meaning_of(word) for word in ("Yes", "否", "0", "maybe")]
    [True, False, False, None]
    """
    plain = word.casefold()
    return True if plain in YES else False if plain in NO else None


def is_ticked(word: str) -> bool | None:
    """Return what a switch is set to, which may also be ticked or left empty; ``None`` where it says neither."""
    plain = word.strip().casefold()
    return True if plain in TICKS else meaning_of(plain) if plain else False


def are_one_pair(words: Iterable[str]) -> bool:
    """Return whether all words belong to one pair of words for yes and no; digits alone are numbers.

    Examples
    --------
    >>> are_one_pair(["y", "n"]), are_one_pair(["y", "no"]), are_one_pair(["1", "0"])
    (True, False, False)
    """
    found = {word.lower() for word in words}
    return any(found <= set(pair) for pair in PAIRS if pair[0] != "1")
