"""The one character that no database stores does no harm, wherever it is sent."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address",
    ["/data/?q=a%00b", "/experiments/?q=%00", "/audit/?who=%00", "/scoring/?page=%00", "/data/%00/", "/?%00=1"],
)
def test_an_address_with_nul_gets_the_page_of_bad_requests(
    client_of: Callable[[User], Client], modeler: User, address: str
) -> None:
    answer = client_of(modeler).get(address)

    assert answer.status_code == 400
    assert "<html" in answer.content.decode()


@pytest.mark.parametrize(
    ("address", "field"),
    [("/data/new/", "name"), ("/experiments/new/", "name"), ("/theme/", "theme"), ("/sign-in/", "username"),
     ("/data/connections/new/", "name"), ("/data/joins/new/", "name"), ("/data/new/", "\x00")],
)  # fmt: skip
def test_a_form_with_nul_gets_the_page_of_bad_requests(
    client_of: Callable[[User], Client], modeler: User, address: str, field: str
) -> None:
    client = client_of(modeler)

    file = SimpleUploadedFile("rows.csv", b"a,b\n1,2\n")
    assert client.post(address, {field: "a\x00b", "file": file}).status_code == 400
    assert client.post(address, f"{field}=a%00b", "application/x-www-form-urlencoded").status_code == 400
