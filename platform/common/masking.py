"""A log line must not carry what identifies a customer or opens a door."""

import logging
import re

MASK = "***"
# Each pattern keeps its first group, when it has one, and masks the rest.
SENSITIVE = (
    re.compile(r"(?i)((?:password|passwd|secret|token|authorization|cookie|csrfmiddlewaretoken)[\"']?\s*[:=]\s*[\"']?)"
               r"(?:bearer\s+)?[^\s\"',;&]+"),
    re.compile(r"(?i)(bearer\s+)[^\s\"',;]+"),
    re.compile(r"(xy_)[A-Za-z0-9_\-]{8,}"),
    re.compile(r"(://[^:/\s@]+:)[^@\s]+(?=@)"),
    # Letters are named one by one: a Chinese character right before a number must not hide it.
    re.compile(r"()(?<![A-Za-z0-9_.-])\d{17}[\dXx](?![A-Za-z0-9_.-])"),  # resident identity number
    # The same in its old form of fifteen digits: place, birthday, number.
    re.compile(r"()(?<![A-Za-z0-9_.-])[1-9]\d{7}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}(?![A-Za-z0-9_.-])"),
    re.compile(r"()(?<![A-Za-z0-9_.-])\d{16,19}(?![A-Za-z0-9_.-])"),  # bank card
    re.compile(r"()(?<![A-Za-z0-9_.-])\d{4}(?:[ -]\d{4}){3}(?:[ -]?\d{1,3})?(?![A-Za-z0-9_.-])"),  # the same in groups
    re.compile(r"()(?<![A-Za-z0-9_.-])(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?![A-Za-z0-9_.-])"),  # mobile phone
    re.compile(r"()(?<![A-Za-z0-9_.+-])[A-Za-z0-9_.+-]+@[A-Za-z0-9-]+\.[A-Za-z0-9_.]+"),  # e-mail
)  # fmt: skip


def mask(text: str) -> str:
    """Return ``text`` without passwords, keys, identity, card and phone numbers and e-mail addresses."""
    for pattern in SENSITIVE:
        text = pattern.sub(rf"\g<1>{MASK}", text)
    return text


def mask_traceback(text: str) -> str:
    """Return a traceback without these, and without names of people: its last line may quote a cell of a table."""
    # A traceback is rare, and tables' libraries take their time to load.
    from experiments.privacy.protection import NAME_WITHIN

    return mask(NAME_WITHIN.sub(MASK, text))


class MaskingFormatter(logging.Formatter):
    """Masks the finished line, traceback included, so that no logger can forget to."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        return mask_traceback(text) if record.exc_info else mask(text)
