"""What must not stand in a log does not."""

import logging
import sys

import pytest

from common.masking import MaskingFormatter, mask


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        ("password=hunter2 rest", "password=*** rest"),
        ('{"token": "abc"}', '{"token": "***"}'),
        ("Authorization: Bearer abc.def", "Authorization: ***"),
        ("key xy_AbCdEfGh12345", "key xy_***"),
        ("postgresql://xiaoyu:secret@db/x", "postgresql://xiaoyu:***@db/x"),
        ("id 11010519491231002X", "id ***"),
        ("证件330106491231002已核验", "证件***已核验"),
        ("card 6222021234567890123", "card ***"),
        ("call 13812345678 now", "call *** now"),
        ("mail li.lei@bank.example", "mail ***"),
        ("41,188 rows in 2026-11-23 14:52, AUC 0.7543", "41,188 rows in 2026-11-23 14:52, AUC 0.7543"),
        ("job 18f25fc0-77d9-49d0-82b8-0d234b743c23", "job 18f25fc0-77d9-49d0-82b8-0d234b743c23"),
    ],
)
def test_a_line_is_masked_where_it_must_be_and_nowhere_else(line: str, masked: str) -> None:
    assert mask(line) == masked


def test_a_traceback_is_masked_too() -> None:
    try:
        raise ValueError("password=hunter2")
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, "f", 1, "failed", (), (type(error), error, error.__traceback__))
    assert "hunter2" not in MaskingFormatter().format(record)


def test_the_last_line_of_a_traceback_quotes_no_name_of_a_person() -> None:
    try:
        float("王小明")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "x", 1, "failed", None, sys.exc_info())

    assert "王小明" not in MaskingFormatter().format(record)
    assert "ValueError" in MaskingFormatter().format(record)
