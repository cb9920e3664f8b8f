"""Finds words that mean \"no value\"."""

from collections.abc import Sequence

from experiments.data.special_values.special_value import SpecialValue, evidence_params
from experiments.errors import gettext_noop

WORDS = {
    "missing": (
        *("unknown", "unk", "xna", "na", "?", "？", "-", "—", "/", ".", "missing", "not known", "select", "no data"),
        *("未知", "不详", "未填", "未填写", "无记录", "请选择", "unspecified"),
    ),
    "not_found": ("未查得", "查无", "查无此人", "not found", "no record", "no hit", "未命中"),
    "not_authorised": ("未授权", "not authorised", "not authorized", "no consent", "无授权"),
    "not_applicable": ("不适用", "not applicable", "n.a.", "nonexistent"),
}
MEANING_OF_WORD = {word: meaning for meaning, words in WORDS.items() for word in words}
WORD_FOR_NOTHING = gettext_noop("%(value)s occurs in %(rows)s rows (%(share)s%%) and means “no value”.")


def find_special_words(counted: Sequence[tuple[str, int]], rows: int) -> list[SpecialValue]:
    """Look for words that say there is no value; a column needs other words too."""
    found = []
    for word, count in counted:
        meaning = MEANING_OF_WORD.get(word.strip().lower())
        if meaning and count < rows:
            evidence = {"message": WORD_FOR_NOTHING, "params": evidence_params(word, count, count / rows)}
            found.append(SpecialValue(word, count, round(count / rows, 6), meaning, (evidence,)))
    return found
