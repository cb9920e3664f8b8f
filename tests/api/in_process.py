"""Requests of the network brought to the application in this process, within the transaction of a test."""

import io
from typing import Any

import requests
from django.test import Client
from urllib3 import HTTPResponse


def within_process(
    adapter: requests.adapters.HTTPAdapter, request: requests.PreparedRequest, **_kwargs: Any
) -> requests.Response:
    """Bring a request, byte for byte, to the application without a network, within the test's transaction."""
    body = request.body.encode() if isinstance(request.body, str) else request.body or b""
    headers = {f"HTTP_{name.upper().replace('-', '_')}": _text(value) for name, value in request.headers.items()}
    headers["CONTENT_TYPE"] = headers.pop("HTTP_CONTENT_TYPE", "")
    client = Client(raise_request_exception=False)
    found = client.generic(request.method or "GET", request.path_url, body, **headers)
    content = io.BytesIO(b"".join(found) if found.streaming else found.content)
    raw = HTTPResponse(
        content, dict(found.headers), found.status_code, preload_content=False, request_method=request.method
    )
    return adapter.build_response(request, raw)


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
