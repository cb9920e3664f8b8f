"""Personal data in cells that would be shown: recognised by form, shown masked."""

import re
from typing import Any

from experiments.privacy.personal_patterns import MONTH_DAY, PROVINCE, WIDE
from experiments.privacy.protection import AS_PLAIN

__all__ = ["holds_a_person", "masked", "masked_id", "masked_throughout"]

_PHONE = re.compile(r"(?<![\dA-Za-z.])(?:\+?86[- ]?)?(1[3-9]\d)[- ]?\d{4}[- ]?(\d{4})(?!\d)")
_ID_CARD = re.compile(r"(?<!\d)(\d{4})\d{10}(\d{3}[\dXx])(?!\d)")
_OLD_ID_CARD = re.compile(rf"(?<!\d)({PROVINCE}\d\d)\d{{4}}{MONTH_DAY}(\d{{3}})(?!\d)")
_BANK_CARD = re.compile(r"(?<!\d)(\d{4})\d{8,11}(\d{4})(?!\d)")
_PARTED_CARD = re.compile(r"(?<!\d)(\d{4})(?:[- ]\d{4}){2,3}[- ](\d{1,4})(?!\d)")
_WIDE = re.compile(f"[{WIDE}]")
_EMAIL = re.compile(r"([\w.+-])[\w.+-]*@([\w-]+(?:\.[\w-]+)+)")
MASK = "****"
LAST_SIGNS = 2


def masked(value: Any) -> str:
    """Return a cell's text with identity-card, mobile and bank-card numbers and e-mail addresses made unreadable.

    Parameters
    ----------
    value : of a cell.

    Returns
    -------
    str

    Examples
    --------
    >>> masked("13912345678"), masked("li.wei@example.com")
    ('139****5678', 'l***@example.com')
    """
    text = _text(value)
    if _WIDE.search(text):
        text = text.translate(AS_PLAIN)
    text = _ID_CARD.sub(rf"\1{'*' * 10}\2", text)
    text = _OLD_ID_CARD.sub(rf"\1{'*' * 8}\2", text)
    text = _BANK_CARD.sub(rf"\1{MASK}\2", text)
    text = _PARTED_CARD.sub(rf"\1{MASK}\2", text)
    text = _PHONE.sub(rf"\1{MASK}\2", text)
    return _EMAIL.sub(r"\1***@\2", text)


def masked_id(text: str) -> str:
    """Return an id of whatever form, all but its last signs hidden.

    Parameters
    ----------
    text : the id.

    Returns
    -------
    str

    Examples
    --------
    >>> masked_id("C00017"), masked_id("17")
    ('****17', '****')
    """
    return MASK + text[-LAST_SIGNS:] if len(text) > 2 * LAST_SIGNS else MASK


def holds_a_person(text: str) -> bool:
    """Return whether a text holds a number or an e-mail address that would be masked.

    Parameters
    ----------
    text : of a cell.

    Returns
    -------
    bool

    Examples
    --------
    >>> holds_a_person("转13912345678"), holds_a_person("手机１")
    (True, False)
    """
    return masked(text) != text.translate(AS_PLAIN)


def masked_throughout(value: Any) -> Any:
    """Return plain data with every text in it masked; numbers and the names of keys stay.

    Parameters
    ----------
    value : JSON-ready.

    Returns
    -------
    The same, with its texts masked.

    Examples
    --------
    >>> masked_throughout({"top": [{"value": "转13912345678", "rows": 3}]})
    {'top': [{'value': '转139****5678', 'rows': 3}]}
    """
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, dict):
        return {name: masked_throughout(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [masked_throughout(inner) for inner in value]
    return value


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e20:
        return str(int(value))
    return str(value)
