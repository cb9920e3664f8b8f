"""What is told of a fit that failed: never what a message quotes, unless it is the name of a column."""

import pytest

from experiments.search.failure import message_of


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("could not convert 'Wang Wei' of 'age'", "could not convert '…' of 'age'"),
        ('could not convert "O\'Brien" of "age"', 'could not convert "…" of "age"'),
        ("could not convert 'O'Brien'", "could not convert '…'"),
        ("can't convert 'Wang Wei' to a float, don't try", "can't convert '…' to a float, don't try"),
        ("the columns' values b'Wang Wei' and `Li`", "the columns' values b'…' and `…`"),
        ("值'王伟'不是数字", "值'…'不是数字"),
        ("found 'Wang\nWei'", "found '…'"),
        ("found ['Wang Wei', 'Li', 'age'] in 'Wang W", "found ['…', '…', 'age'] in '…'"),
        ('bad value "O\'Brien" in row 3', 'bad value "…" in row 3'),
        ("bytes b'Li Wei' are no text", "bytes b'…' are no text"),
        ("column 'age' is empty", "column 'age' is empty"),
        ("no value is quoted", "no value is quoted"),
    ],
)
def test_a_message_of_a_failure_quotes_no_cell(message: str, told: str) -> None:
    assert message_of(ValueError(message), columns={"age"}) == f"ValueError: {told}"
