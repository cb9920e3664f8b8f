"""The small table and the question on it that the tests of training use, and who answers it on a page."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from catalog.models import Column, DatasetVersion
from tests.training.conftest import ask, draft, finish, started, version  # noqa: F401 - fixtures


@pytest.fixture
def browser(client_of: Callable[[User], Client], analyst: User) -> Client:
    return client_of(analyst)


@pytest.fixture
def answered(version: DatasetVersion) -> Column:  # noqa: F811
    """A column that says who responded, with its whole profile."""
    column = Column.objects.create(
        version=version, position=9, name="answered", type="categorical", distinct_count=2,
        profile={"top_values": [{"value": "no", "count": 300}, {"value": "yes", "count": 100}]},
    )  # fmt: skip
    Column.objects.filter(name="age").update(profile={"min": -1, "max": 69})
    return column
