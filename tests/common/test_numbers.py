"""Numbers in addresses and forms: what is none, or one that no database holds, is nothing and no fault."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User, Workspace
from common.numbers import MOST_KEY, whole_number
from connections import services as connections
from tests.training.conftest import ask, draft, explain, finish, version
from training.models import Experiment

__all__ = ["ask", "draft", "explain", "finish", "version"]
# Of so many digits Python makes no number.
ENDLESS = "9" * 5_000


@pytest.mark.parametrize(
    ("text", "most", "number"),
    [
        ("42", MOST_KEY, 42), ("０４２", MOST_KEY, 42), ("0", MOST_KEY, 0), (str(MOST_KEY), MOST_KEY, MOST_KEY),
        (str(MOST_KEY + 1), MOST_KEY, None), (ENDLESS, MOST_KEY, None), ("3", 2, None), ("0", -1, None), ("", 9, None),
        (None, 9, None), ("-1", 9, None), ("²", 9, None), ("1.0", 9, None), (" 1", 9, None),
    ],
)  # fmt: skip
def test_a_whole_number_is_read_or_none(text: str | None, most: int, number: int | None) -> None:
    assert whole_number(text, most=most) == number


def test_pages_asked_for_a_number_without_end_answer_as_for_one_that_is_not_there(
    draft: Experiment,
    finish: Callable[[Experiment], Experiment],
    explain: Callable[[Experiment], None],
    admin: User,
    workspace: Workspace,
    client_of: Callable[[User], Client],
) -> None:
    connections.create(
        admin, workspace, name="Warehouse", kind="postgresql", host="10.1.2.3", port=5432,
        database="bank", user_name="reader", password="secret",
    )  # fmt: skip
    browser, own = client_of(admin), [draft.pk]
    assert browser.get(reverse("query_new"), {"version": ENDLESS}).status_code == 404
    columns = browser.get(reverse("experiment_columns", args=own), {"offset": ENDLESS, "limit": ENDLESS})
    assert len(columns.json()["rows"]) == columns.json()["total"] == 3
    explain(finish(draft))
    assert (
        browser.get(reverse("experiment_chart_table", args=[*own, "deciles"]), {"groups": ENDLESS}).status_code == 200
    )
