"""The icon that browsers ask for on their own."""

import pytest
from django.test import Client


@pytest.mark.django_db
def test_the_icon_is_found_without_signing_in(client: Client) -> None:
    answer = client.get("/favicon.ico")
    assert (answer.status_code, answer["Location"].endswith(".svg")) == (302, True)
