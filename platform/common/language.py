"""The language of who reads the page, as the engine calls it."""

from collections.abc import Iterable

from django.utils.translation import get_language

from experiments.labels import language_of


def reader_language() -> str:
    """Return ``zh`` or ``en``."""
    return language_of(get_language())


def listed(words: Iterable[str]) -> str:
    """Return words one after the other, with the reader's mark between them."""
    return ("、" if reader_language() == "zh" else ", ").join(words)


def joined(*sentences: str) -> str:
    """Put sentences behind each other as the language does: Chinese ones without a space."""
    return ("" if reader_language() == "zh" else " ").join(sentences)
