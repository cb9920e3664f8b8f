"""A caller of the API: a test client that carries a person's key."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import ApiToken, User


@pytest.fixture
def caller() -> Callable[[User], Client]:
    """Give a client with a person's key: ``caller(analyst).get("/api/v1/me")``."""

    def carry(user: User) -> Client:
        secret = ApiToken.new_secret()
        ApiToken.objects.create(user=user, name="test", digest=ApiToken.digest_of(secret))
        return Client(headers={"Authorization": f"Bearer {secret}"})

    return carry


def post(client: Client, address: str, **body: Any) -> Any:
    return client.post(address, body, content_type="application/json")
