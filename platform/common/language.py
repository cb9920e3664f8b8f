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


def clauses(words: Iterable[str]) -> str:
    """Return parts of a sentence one after the other, each of which may hold commas itself."""
    return ("；" if reader_language() == "zh" else "; ").join(words)


def colon() -> str:
    """Return what stands between a title and what it is the title of."""
    return "：" if reader_language() == "zh" else ": "


def joined(*sentences: str) -> str:
    """Put sentences behind each other as the language does: Chinese ones without a space."""
    return ("" if reader_language() == "zh" else " ").join(sentences)
