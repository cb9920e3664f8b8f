"""The platform as a newcomer starts it, and as a person or a program meets it over HTTP."""

import io
import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.platform_process import PlatformProcess

MAKE_TOKEN = """
from accounts.models import User
from accounts.services import create_token
print("TOKEN", create_token(User.objects.get(username="{username}"), "tests")[1])
"""


class RunningPlatform(PlatformProcess):
    """``manage.py up`` with the product's own settings and its sample workspace."""

    settings = "config.settings"
    arguments = ()
    make_token = MAKE_TOKEN

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def caller(self, username: str) -> "Caller":
        """Return a program that calls the API with a new key of this person."""
        answer = self.manage("shell", "-c", self.make_token.format(username=username))
        assert "TOKEN" in answer.stdout, answer.stderr
        return Caller(self, answer.stdout.split("TOKEN ")[1].strip())


class PlatformWithoutSamples(RunningPlatform):
    """The sample people, but none of their data and models: the workers are free for the test."""

    arguments = ("--no-samples",)
    make_token = "from accounts.samples import create_sample_people\ncreate_sample_people()\n" + MAKE_TOKEN


class Caller:
    """One API key at work; answers are parsed JSON."""

    def __init__(self, platform: RunningPlatform, token: str) -> None:
        self.platform = platform
        self.token = token

    def get(self, path: str) -> Any:
        return self._ask("GET", path)

    def post(self, path: str, body: Any = None) -> Any:
        return self._ask("POST", path, json.dumps(body or {}).encode(), "application/json")

    def put(self, path: str, body: Any) -> Any:
        return self._ask("PUT", path, json.dumps(body).encode(), "application/json")

    def upload(self, path: str, file: Path, **fields: str) -> Any:
        boundary = uuid4().hex
        body = io.BytesIO()
        for name, value in fields.items():
            body.write(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
        body.write(
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{file.name}"\r\n\r\n'.encode()
        )
        body.write(file.read_bytes() + f"\r\n--{boundary}--\r\n".encode())
        return self._ask("POST", path, body.getvalue(), f"multipart/form-data; boundary={boundary}")

    def _ask(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} | ({"Content-Type": kind} if kind else {})
        request = urllib.request.Request(f"{self.platform.url}/api/v1{path}", body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()}") from None
