"""What is told of a fit that failed holds no cell of the table."""

import pytest

from experiments.search.failure import message_of


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("could not convert string to float: 'Li Wei'", "could not convert string to float: '…'"),
        ("can't convert 'Li Wei' to a number", "can't convert '…' to a number"),
        ('bad value "O\'Brien" in row 3', 'bad value "…" in row 3'),
        ("bytes b'Li Wei' are no text", "bytes b'…' are no text"),
        ("value 'Li Wei", "value '…"),
        ("column 'age' is empty", "column 'age' is empty"),
        ("值'李伟'不是数字", "值'…'不是数字"),
    ],
)  # fmt: skip
def test_what_a_message_quotes_is_hidden_unless_it_is_a_column(words: str, told: str) -> None:
    assert message_of(ValueError(words), columns={"age"}) == f"ValueError: {told}"
