"""How many queries a page takes, and which of them more than once."""

from collections import Counter

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def queries_of(browser: Client, address: str) -> int:
    """Return how many queries a page takes that has been opened once before, so that nothing is read a first time."""
    browser.get(address)
    with CaptureQueriesContext(connection) as caught:
        assert browser.get(address).status_code == 200
    return len(caught)


def times_asked(browser: Client, address: str, table: str) -> dict[str, int]:
    """Return how often a page asks each of its queries of a table."""
    browser.get(address)
    with CaptureQueriesContext(connection) as caught:
        assert browser.get(address).status_code == 200
    return Counter(each["sql"] for each in caught if f'FROM "{table}"' in each["sql"])
