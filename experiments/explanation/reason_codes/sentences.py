"""The sentences of reasons, in the reader's language."""

import re
from collections.abc import Mapping

from experiments.errors import gettext_noop
from experiments.explanation.values import (
    Meanings,
    word_of_code,
)
from experiments.labels import language_of
from experiments.yes_no import meaning_of

__all__ = ["sentence"]

#: What a value is in its column; the sentence follows from it.
STATES = ("plain", "high", "low", "late", "early", "empty", "yes", "no")
EMPTY, YES, NO = (STATES.index(state) for state in ("empty", "yes", "no"))
#: Shown for a customer without a reason: nothing raises the margin, or only protected columns do.
NOTHING, NOTHING_NEAR, WITHHELD = "nothing", "nothing_near", "withheld"
SENTENCES = {
    "plain": gettext_noop("%(label)s is %(value)s"),
    "high": gettext_noop("%(label)s is high (%(value)s)"),
    "low": gettext_noop("%(label)s is low (%(value)s)"),
    "late": gettext_noop("%(label)s is late (%(value)s)"),
    "early": gettext_noop("%(label)s is early (%(value)s)"),
    "empty": gettext_noop("%(label)s is not known"),
    "yes": gettext_noop("%(label)s: yes"),
    "no": gettext_noop("%(label)s: no"),
    NOTHING: gettext_noop("None: no value raises this customer's probability above the average"),
    NOTHING_NEAR: gettext_noop(
        "None: no value raises this customer's probability above that of customers just approved"
    ),
    WITHHELD: gettext_noop(
        "Withheld: only protected attributes raise this customer's probability, and they may not be given as reasons"
    ),
}
# Files of scores are written by the engine in the reader's language, so these few sentences travel with it.
_CHINESE = {
    "plain": "%(label)s为%(value)s",
    "high": "%(label)s偏高（%(value)s）",
    "low": "%(label)s偏低（%(value)s）",
    "late": "%(label)s较晚（%(value)s）",
    "early": "%(label)s较早（%(value)s）",
    "empty": "%(label)s缺失",
    "yes": "%(label)s：是",
    "no": "%(label)s：否",
    NOTHING: "无：没有任何取值使该客户的概率高于平均水平",
    NOTHING_NEAR: "无：没有任何取值使该客户的概率高于刚过切点获批的客户",
    WITHHELD: "不予列示：只有受保护列使该客户的概率升高，不得作为原因",
}
# Of a yes/no column whose name is one of a person, or says having or having done, Chinese makes a sentence of its own.
_ASKS = re.compile(r"^(?:是否|有否|有无|能否|可否)")
_PERSONS = re.compile(r"(?:会员|客户|用户|员工|职工|户主|业主|股东|学生|党员|居民|法人|[^个本他]人|者)$")


def sentence(
    state: str, label: str = "", *, value: str = "", language: str = "en", meanings: Meanings | None = None
) -> str:
    """Return a reason's sentence in English or Chinese; a code is told by its meaning where the dictionary has one.

    Parameters
    ----------
    state : of the value, such as ``high``. label, value : the column and its cell, as people read them.
    language : ``en`` or ``zh``. meanings : ``{code: {"en", "zh"}}`` of the dictionary.

    Returns
    -------
    str

    Examples
    --------
    >>> sentence("high", "Education", value="4", meanings={"4": {"en": "graduate"}})
    'Education is graduate'
    >>> sentence("high", "Income", value="9,000")
    'Income is high (9,000)'
    """
    if meaning := _meaning(state, value, language, meanings):
        state, value = "plain", meaning
    if language_of(language) != "zh":
        return SENTENCES[state] % {"label": label, "value": value}
    if state in ("yes", "no"):
        return _flag_in_chinese(label, is_yes=state == "yes")
    # A space stands between Latin and Chinese; between two Chinese words it would be wrong.
    ends, begins = (" " if text.isascii() else "" for text in (label[-1:] or "。", value[:1] or "。"))
    return _CHINESE[state] % {"label": label + ends, "value": begins + value if state == "plain" else value}


def _meaning(state: str, value: str, language: str, meanings: Meanings | None) -> str:
    """Return what a code means; nothing where it means no more than yes or no, which has sentences of its own."""
    if state not in ("yes", "no"):
        return word_of_code(value, meanings, language)
    code = next((code for code in meanings or {} if meaning_of(code.strip()) == (state == "yes")), "")
    word = word_of_code(code, meanings, language)
    return word if meaning_of(word) is None else ""


def _flag_in_chinese(label: str, *, is_yes: bool) -> str:
    """Say of a yes/no column what it means, where its name allows: 不是活跃会员, 没有房贷, 未婚."""
    asked = _ASKS.match(label)
    thing = label[asked.end() :] if asked else label
    if asked and asked[0] in ("有否", "有无"):
        thing = f"有{thing}"
    if re.match(r"有(?!效|限|关|序|价)\w", thing):
        return thing if is_yes else f"没{thing}"
    if thing.startswith("已") and len(thing) > 1:
        return thing if is_yes else f"未{thing[1:]}"
    if _PERSONS.search(thing):
        return f"{'是' if is_yes else '不是'}{' ' if thing[0].isascii() else ''}{thing}"
    return _CHINESE["yes" if is_yes else "no"] % {"label": label}


def own_reason(column: str, labels: Mapping[str, Mapping[str, str]], language: str) -> str:
    """Return what the dictionary says to a customer of a column (``reason_en``, ``reason_zh``); it quotes no value."""
    return labels.get(column, {}).get(f"reason_{language}", "")
