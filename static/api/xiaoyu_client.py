"""A small client of Xiaoyu's HTTP API, in one file: it needs httpx and nothing else.

>>> with Xiaoyu("http://127.0.0.1:8000", key="xy_...") as xiaoyu:          # doctest: +SKIP
...     answer = xiaoyu.score("offer", [{"age": 35, "income": 5200.5, "job": "nurse"}])
...     print(answer.scores[0].probability, answer.scores[0].reasons)
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

Cell = str | float | int | bool | None
Row = Mapping[str, Cell]
MOST_ROWS = 1_000
TRIES = 4
# Busy, away or not yet there: the same request may be sent again, since its key lets it be done once.
PASSING = (429, 502, 503, 504)


@dataclass(frozen=True)
class WrongPlace:
    """One place of a request that is wrong: a JSON pointer such as ``/rows/2/age``, and why."""

    pointer: str
    detail: str


class XiaoyuError(Exception):
    """A request was refused: the status, a sentence, and the places that are wrong."""

    def __init__(self, status: int, detail: str, places: Sequence[WrongPlace] = ()) -> None:
        super().__init__(f"{status}: {detail}" + "".join(f"\n  {each.pointer}: {each.detail}" for each in places))
        self.status = status
        self.detail = detail
        self.places = tuple(places)


@dataclass(frozen=True)
class Score:
    """What is said of one customer: ``row`` is the place in what was sent, from 1."""

    row: int
    version: int
    probability: float
    score: float
    band: str
    reasons: tuple[str, ...]
    points: float | None = None


@dataclass(frozen=True)
class Cover:
    """How well the rows were covered: cells empty and never seen by column, and columns that the model ignores."""

    empty: Mapping[str, int] = field(default_factory=dict)
    unseen: Mapping[str, int] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What is answered to one request."""

    request_id: str
    deployment: str
    environment: str
    model: str
    version: int
    configuration: int
    scores: tuple[Score, ...]
    cover: Cover


class Xiaoyu:
    """Talks to one installation with one key; use it in a ``with``, or close it."""

    def __init__(
        self, address: str, key: str, *, timeout: float = 30.0, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._http = httpx.Client(
            base_url=address, headers={"Authorization": f"Bearer {key}"}, timeout=timeout, transport=transport
        )

    def __enter__(self) -> Xiaoyu:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def score(
        self,
        deployment: str,
        rows: Sequence[Row],
        *,
        reasons: int = 4,
        language: str | None = None,
        environment: str | None = None,
        workspace: str | None = None,
        key: str | None = None,
    ) -> Answer:
        """Score 1 to 1,000 customers; ``key`` names the request, so that sent twice it is done once."""
        body: dict[str, Any] = {"rows": [dict(row) for row in rows], "reasons": reasons}
        if language is not None:
            body["language"] = language
        where = {"environment": environment, "workspace": workspace}
        found = self._asked(
            "POST", f"/api/v1/deployments/{deployment}/score", json=body, key=key or str(uuid.uuid4()),
            params={name: value for name, value in where.items() if value is not None},
        ).json()  # fmt: skip
        scores = tuple(Score(**{**each, "reasons": tuple(each["reasons"])}) for each in found["scores"])
        cover = found["cover"]
        return Answer(
            request_id=found["request_id"], deployment=found["deployment"], environment=found["environment"],
            model=found["model"], version=found["version"], configuration=found["configuration"], scores=scores,
            cover=Cover(cover["empty"], cover["unseen"], tuple(cover["ignored"])),
        )  # fmt: skip

    def score_all(self, deployment: str, rows: Iterable[Row], **asked: Any) -> Iterator[Score]:
        """Score any number of customers, 1,000 a request; ``row`` counts through."""
        rest, before = iter(rows), 0
        while part := list(islice(rest, MOST_ROWS)):
            for each in self.score(deployment, part, **asked).scores:
                yield Score(**{**each.__dict__, "row": before + each.row})
            before += len(part)

    def deployments(self) -> list[dict[str, Any]]:
        """Return the deployments that the key's person sees."""
        return list(self._pages("/api/v1/deployments"))

    def switch(
        self, deployment_id: int, *, champion: int, challengers: Sequence[Mapping[str, int]] = (), why: str = ""
    ) -> dict[str, Any]:
        """Have other approved versions answer; a challenger is ``{"version": id}`` or has a ``percent`` as well."""
        body = {"champion": champion, "challengers": [dict(each) for each in challengers], "why": why}
        found: dict[str, Any] = self._asked("POST", f"/api/v1/deployments/{deployment_id}/switch", json=body).json()
        return found

    def roll_back(self, deployment_id: int, why: str = "") -> dict[str, Any]:
        """Go back to the configuration before."""
        address = f"/api/v1/deployments/{deployment_id}/roll-back"
        found: dict[str, Any] = self._asked("POST", address, json={"why": why}).json()
        return found

    def upload(self, path: str | Path, name: str) -> dict[str, Any]:
        """Send a file as a new dataset."""
        path = Path(path)
        with path.open("rb") as file:
            sent = self._http.post("/api/v1/datasets", data={"name": name}, files={"file": (path.name, file)})
        found: dict[str, Any] = _checked(sent).json()
        return found

    def get(self, address: str, **params: Any) -> Any:
        """Return what any address of the API answers, such as ``/api/v1/me``."""
        return self._asked("GET", address, params=params).json()

    def _pages(self, address: str) -> Iterator[dict[str, Any]]:
        following: str | None = address
        while following:
            response = self._asked("GET", following)
            yield from response.json()
            following = response.links.get("next", {}).get("url")

    def _asked(self, method: str, address: str, *, key: str | None = None, **asked: Any) -> httpx.Response:
        """Ask, and ask again after a growing pause where the failure passes."""
        headers = {"Idempotency-Key": key} if key else {}
        may_repeat = method == "GET" or key is not None
        for attempt in range(TRIES):
            is_last = attempt == TRIES - 1 or not may_repeat
            try:
                response = self._http.request(method, address, headers=headers, **asked)
            except httpx.TransportError:
                if is_last:
                    raise
            else:
                if is_last or response.status_code not in PASSING:
                    return _checked(response)
            time.sleep(0.2 * 2**attempt)
        raise AssertionError("the last attempt returns or raises")


def _checked(response: httpx.Response) -> httpx.Response:
    if response.is_success:
        return response
    try:
        told = response.json()
    except ValueError:
        raise XiaoyuError(response.status_code, response.text[:500]) from None
    places = [WrongPlace(each.get("pointer", ""), each.get("detail", "")) for each in told.get("errors", ())]
    raise XiaoyuError(response.status_code, told.get("detail", response.reason_phrase), places)
