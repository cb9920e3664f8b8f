"""Whole numbers that come as text: keys, places and counts in addresses, forms and files."""

# The largest key that every database of ours can be asked for.
MOST_KEY = 2**63 - 1
MOST_DIGITS = 30


def whole_number(text: str | None, *, most: int = MOST_KEY) -> int | None:
    """Return the number from 0 that a text is; None where it is none, or more than ``most``.

    Of thousands of digits no number is made: Python refuses to, and no database knows a key so large.

    >>> whole_number("042"), whole_number("-1"), whole_number("3", most=2), whole_number("9" * 5_000)
    (42, None, None, None)
    """
    if text is None or not text.isdecimal() or len(text) > MOST_DIGITS:
        return None
    number = int(text)
    return number if number <= most else None
