"""What a bank calls its columns: one rule for the label in a reader's language."""

from collections.abc import Mapping

Labels = Mapping[str, Mapping[str, str]]
LANGUAGES = ("en", "zh")


def language_of(code: str | None) -> str:
    """Return the language of words, ``zh`` or ``en``, that a reader's code such as ``zh-hans`` asks for."""
    return "zh" if (code or "").startswith("zh") else "en"


def words_for(column: str, labels: Labels, language: str | None) -> str:
    """Return what the bank calls a column, in the other language where it has no word in this one; else nothing.

    Examples
    --------
    >>> labels = {"age": {"en": "Age", "zh": "年龄"}, "bal": {"zh": "余额"}}
    >>> [words_for(column, labels, "en") for column in ("age", "bal", "rate")]
    ['Age', '余额', '']
    """
    words, wanted = labels.get(column) or {}, language_of(language)
    return words.get(wanted) or next((words[other] for other in LANGUAGES if words.get(other)), "")


def label_of(column: str, labels: Labels, language: str | None) -> str:
    """Return what the bank calls a column, or else the column's name."""
    return words_for(column, labels, language) or column
