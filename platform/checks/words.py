"""What the audit log says of data checks: its values in the words of the pages."""

from collections.abc import Callable
from typing import Any


def values_told() -> list[tuple[Callable[[], Any], tuple[str, ...]]]:
    """Return the words of values with the facts they belong to."""
    from checks.forms import OPERATOR_WORDS
    from checks.page import MARKS
    from checks.templatetags.data_check_pages import meanings

    return [
        (lambda: MARKS, ("code",)),
        (lambda: OPERATOR_WORDS, ("operator",)),
        (meanings, ("meaning",)),
    ]
