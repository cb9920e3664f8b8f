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


GROUP = "reason_group"


def reason_groups(labels: Labels) -> dict[str, str]:
    """Return the groups that the bank puts columns in, by column: those of one group give one reason.

    Examples
    --------
    >>> reason_groups({"debt": {"en": "Debt", "reason_group": "负债 ｜ Debt"}, "age": {"en": "Age"}})
    {'debt': '负债|Debt'}
    """
    return {column: _tidy(words[GROUP]) for column, words in labels.items() if words.get(GROUP)}


def group_name(group: str, language: str | None) -> str:
    """Return what a group is called in a reader's language, where it has a name in both: Chinese|English.

    Examples
    --------
    >>> group_name("负债|Debt", "en"), group_name("负债|Debt", "zh-hans"), group_name("Debt", "zh")
    ('Debt', '负债', 'Debt')
    """
    chinese, _bar, english = _tidy(group).partition("|")
    return (chinese or english) if language_of(language) == "zh" else (english or chinese)


def _tidy(group: str) -> str:
    return "|".join(part.strip() for part in group.replace("｜", "|").split("|"))


def label_of(column: str, labels: Labels, language: str | None) -> str:
    """Return what the bank calls a column, or else the column's name."""
    return words_for(column, labels, language) or column
