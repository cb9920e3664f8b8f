"""The description offers a body for every call, and what it offers is what the schema takes."""

from typing import Any

import jsonschema_rs
import pytest
from django.test import Client

from api.root import api


def bodies() -> list[Any]:
    schema = api.get_openapi_schema()
    return [
        pytest.param(operation["requestBody"]["content"]["application/json"], id=f"{method} {address}")
        for address, methods in schema["paths"].items()
        for method, operation in methods.items()
        if "application/json" in operation.get("requestBody", {}).get("content", {})
    ]


@pytest.mark.parametrize("body", bodies())
def test_an_offered_body_fits_its_schema(body: dict[str, Any]) -> None:
    whole = {**body["schema"], "components": api.get_openapi_schema()["components"]}
    assert [str(error) for error in jsonschema_rs.Draft202012Validator(whole).iter_errors(body["example"])] == []


def test_the_page_offers_each_body_to_be_tried_under_its_own_scripts_only(db: None) -> None:
    page = Client().get("/api/v1/docs").content.decode()
    assert page.count('data-place="json"') == len(bodies()) > 12
    assert page.count('class="try"') == page.count('class="op"')
    assert "api/docs.js" in page
