"""How each operation may refuse what it is sent: every status, and with it an answer that is true to the word."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.translation import gettext

from accounts.errors import TooManyUnknownKeys
from accounts.permissions import NOT_YOUR_ROLE
from api.pointers import SENTENCES
from api.problems import (
    FAILED,
    MEDIA_TYPE,
    NO_DATABASE,
    NO_JSON,
    NO_KEY,
    SOME_UNUSABLE,
    TAKES_METHODS,
    TAKES_TYPE,
    TOO_BIG,
    UNREADABLE,
    details_of,
    not_among,
)  # fmt: skip
from api.strict import FILES, JSON, no_such
from common import intake
from common.answers import SAYS
from common.missing import NotThere
from common.paging import NO_PLACE_HERE
from common.problems import pointer
from common.templatetags.formatting import size
from common.templatetags.formatting import told as sentence
from experiments.disk import DISK_FULL
from experiments.meant import nearest
from jobs.keyed import OTHER_BODY

MEANINGS = {
    400: "The request cannot be read.",
    401: "No valid key was sent.",
    403: "Your role does not allow this.",
    404: "What you name is not there, or it is not yours to see.",
    405: "The address does not take the method that was sent.",
    409: "What is there does not allow this, as the sentence says.",
    410: "It was there, and it is gone.",
    411: "Content-Length is missing.",
    412: "What a header asks for is not so: a version that is not spoken here, or something that was changed since.",
    413: "That is too much to send at once.",
    415: "The body is of a type that is not taken here.",
    422: "Something sent is not as this schema says.",
    429: "Too many attempts; Retry-After tells when to come again.",
    500: "Something failed on the server's side.",
    503: "The database does not answer just now; Retry-After tells when to come again.",
    507: "The disk of the server is full.",
}
TEXT = {"type": "string"}
HEADERS = {
    401: {"WWW-Authenticate": {"schema": TEXT}},
    405: {"Allow": {"schema": TEXT, "description": "the methods that the address takes"}},
    429: {"Retry-After": {"schema": TEXT, "description": "seconds"}},
    503: {"Retry-After": {"schema": TEXT, "description": "seconds"}},
}
PLACE = {
    "title": "Place",
    "description": "One place in the request that is wrong, and what is wrong with it.",
    "type": "object",
    "required": ["detail"],
    "properties": {
        "in": {"type": "string", "enum": ["path", "query", "header", "form", "body"]},
        "pointer": {"type": "string", "description": "where in it, as a JSON pointer (RFC 6901)"},
        "detail": {"type": "string", "description": "a sentence for the person who can mend it"},
        "row": {"type": "integer", "description": "of a data dictionary, counted as its file counts"},
        "column": {"type": "string", "description": "of a data dictionary"},
    },
}
PROBLEM = {
    "title": "Problem",
    "description": "What went wrong (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "a sentence for the person who can mend it"},
        "errors": {
            "type": "array",
            "items": {"$ref": "#/components/schemas/Place"},
            "description": "one for each place that is wrong",
        },
        "allowed": {"type": "array", "items": TEXT, "description": "the methods that the address takes"},
        "accepted": {"type": "array", "items": TEXT, "description": "the types of body that the address takes"},
        "addresses": {"type": "array", "items": TEXT, "description": "those that are like the one that there is not"},
        "documentation": {"type": "string", "description": "where the addresses are listed"},
        "reference": {"type": "string", "description": "how the failure is found again in the server's log"},
    },
}
METHODS = ("PUT", "DELETE", "PATCH", "POST", "GET")
UNKNOWN = {"uuid": "123e4567-e89b-42d3-a456-426614174000"}
UNKNOWN_KEY = "987654"
NAMES_SOMETHING = ("workspace", "candidate")


class Example(NamedTuple):
    """One answer: what it is an example of, and the answer."""

    about: str
    body: dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """One operation as the schema tells of it."""

    address: str
    method: str
    allowed: list[str]
    told: dict[str, Any]
    components: dict[str, Any]

    @property
    def path_keys(self) -> list[dict[str, Any]]:
        """Return the parameters of the path that are keys of things, and not formats of files."""
        return [each for each in self._parameters("path") if "enum" not in each["schema"]]

    @property
    def query_names(self) -> list[str]:
        return [each["name"] for each in self._parameters("query")]

    @property
    def header_names(self) -> list[str]:
        return [each["name"] for each in self._parameters("header")]

    def _parameters(self, place: str) -> list[dict[str, Any]]:
        return [each for each in self.told["parameters"] if each["in"] == place]

    @property
    def takes(self) -> str:
        """Return the type of body that is asked for; nothing where none is."""
        return next(iter(self.told.get("requestBody", {}).get("content", {})), "")

    @property
    def is_list(self) -> bool:
        return bool(self._body.get("type") == "array")

    @property
    def fields(self) -> list[str]:
        """Return the names of the fields of the body, or of each entry of a list."""
        body = self._body
        return [*self._resolved(body.get("items", {}) if self.is_list else body).get("properties", {})]

    @property
    def _body(self) -> dict[str, Any]:
        content = self.told.get("requestBody", {}).get("content", {})
        return self._resolved(content[self.takes]["schema"]) if self.takes else {}

    def _resolved(self, part: dict[str, Any]) -> dict[str, Any]:
        name = part.get("$ref", "").rsplit("/", 1)[-1]
        found: dict[str, Any] = self.components[name] if name else part
        return found

    @property
    def path(self) -> str:
        """Return the address with keys of things that are not there."""
        path = self.address
        for each in self._parameters("path"):
            key = each["schema"]["enum"][0] if "enum" in each["schema"] else _unknown_key(each)
            path = path.replace(f"{{{each['name']}}}", str(key))
        return path


def tell_refusals(asked: Asked) -> None:
    """Put every refusal of an operation among its answers, with its meaning, its headers and examples."""
    answers = asked.told["responses"]
    own = {status: answers[status].pop(SAYS) for status in answers if SAYS in answers[status]}
    for status in sorted({*_statuses(asked), *(int(status) for status in own)}):
        examples = [*_examples_of_own(status, own.get(str(status), ())), *_examples(asked, status)]
        answer = answers.setdefault(str(status), {})
        answer.setdefault("description", MEANINGS[status])
        if status in HEADERS:
            answer["headers"] = HEADERS[status]
        answer.setdefault("content", {})[MEDIA_TYPE] = {
            "schema": {"$ref": "#/components/schemas/Problem"},
            "examples": {each.about: {"value": each.body} for each in examples},
        }
    asked.told["responses"] = dict(sorted(answers.items()))


def _statuses(asked: Asked) -> set[int]:
    """Return the statuses with which an operation may be refused, besides those that it says itself."""
    statuses = {405, 422, 500}
    writes = asked.method not in ("GET", "HEAD", "OPTIONS")
    if asked.told.get("security"):
        statuses |= {401, 429, 503}
    if asked.path_keys or _named_things(asked):
        statuses |= {404}
    if asked.takes:
        statuses |= {413, 415} | ({400} if asked.takes in (JSON, FILES) else set())
    if writes:
        statuses |= {507} | ({403} if asked.path_keys else set())
    if asked.method == "POST" or "cursor" in asked.query_names:
        statuses |= {409}
    return statuses


def _named_things(asked: Asked) -> list[tuple[str, str]]:
    """Return where in a request something is named that need not be there, and under which name."""
    place = "form" if asked.takes == FILES else "body"
    fields = [(place, name) for name in asked.fields] + [("query", name) for name in asked.query_names]
    is_filter = "cursor" in asked.query_names  # a filter that finds nothing answers with an empty list
    return [
        (place, name)
        for place, name in fields
        if name in NAMES_SOMETHING or (name.endswith("_id") and not (place == "query" and is_filter))
    ]


def _examples_of_own(status: int, said: Any) -> Iterator[Example]:
    for about, message, params, steps in said:
        words = sentence(message, params)
        errors = {"errors": [{"in": steps[0], "pointer": pointer(list(steps[1:])), "detail": words}]} if steps else {}
        yield Example(about, details_of(status, words, **errors))


def _examples(asked: Asked, status: int) -> Iterator[Example]:
    match status:
        case 400:
            yield from _unreadable(asked)
        case 404:
            yield from _not_there(asked)
        case 409:
            yield from _conflicts(asked)
        case 422:
            yield Example("slip", _slip(asked))
        case _ if status in PLAIN:
            about, words = PLAIN[status]
            yield Example(about, details_of(status, gettext(words)))
        case 405:
            yield Example("method", _wrong_method(asked))
        case 413:
            yield Example("too_big", details_of(413, _too_big(asked)))
        case 415 if asked.takes in (JSON, FILES):
            said = {"address": asked.path, "takes": asked.takes, "sent": "text/plain"}
            yield Example("type", details_of(415, gettext(TAKES_TYPE) % said, accepted=[asked.takes]))
        case 429:
            yield Example("keys", details_of(429, str(TooManyUnknownKeys())))
        case 500:
            yield Example("failed", details_of(500, gettext(FAILED), reference="E-1a2b3c4d"))


PLAIN = {
    401: ("no_key", NO_KEY),
    403: ("role", NOT_YOUR_ROLE),
    503: ("database", NO_DATABASE),
    507: ("disk", DISK_FULL),
}


def _unreadable(asked: Asked) -> Iterator[Example]:
    if asked.takes == JSON:
        yield Example("no_json", details_of(400, gettext(NO_JSON) % {"line": 1, "character": 2}))
    else:
        yield Example("broken", details_of(400, gettext(UNREADABLE)))


def _not_there(asked: Asked) -> Iterator[Example]:
    for each in asked.path_keys[:1]:
        answer = not_among(asked.path, each["name"], _unknown_key(each))
        yield Example("address", json.loads(answer.content))
    for place, name in _named_things(asked):
        words = NotThere(name, UNKNOWN_KEY if name.endswith("_id") else "retail").sentence
        where = {"in": place, "pointer": pointer([name]), "detail": words}
        yield Example(name, details_of(404, words, errors=[where]))


def _conflicts(asked: Asked) -> Iterator[Example]:
    if asked.method == "POST":
        words = gettext(OTHER_BODY)
        where = {"in": "header", "pointer": "/Idempotency-Key", "detail": words}
        yield Example("key_sent_before", details_of(409, words, errors=[where]))
    if "cursor" in asked.query_names:
        words = gettext(NO_PLACE_HERE)
        where = {"in": "query", "pointer": "/cursor", "detail": words}
        yield Example("cursor", details_of(409, words, errors=[where]))


def _slip(asked: Asked) -> dict[str, Any]:
    """Return the answer to a request that is sound but for one slip."""
    place, steps, words = _place_of_slip(asked)
    where = {"in": place, "pointer": pointer(steps), "detail": words}
    return details_of(422, gettext(SOME_UNUSABLE), errors=[where])


def _place_of_slip(asked: Asked) -> tuple[str, list[Any], str]:
    for place, names in (("form" if asked.takes == FILES else "body", asked.fields), ("query", asked.query_names)):
        slip = misspelt(names)
        if slip:
            steps = [0, slip] if place == "body" and asked.is_list else [slip]
            return place, steps, no_such(slip, names)
    for each in asked.path_keys:
        kind = "uuid_parsing" if each["schema"].get("format") == "uuid" else "int_parsing"
        return "path", [each["name"]], gettext(SENTENCES[kind])
    return "query", ["verbose"], no_such("verbose", ())


def misspelt(names: list[str]) -> str:
    """Return the longest of some names without one of its letters; nothing where that would be no slip of it."""
    name = max(names, key=len, default="")
    slip = name[:-3] + name[-2:]
    return slip if slip not in names and nearest(slip, names) == name else ""


def _wrong_method(asked: Asked) -> dict[str, Any]:
    method = next(method for method in METHODS if method not in asked.allowed)
    said = {"address": asked.path, "allowed": ", ".join(asked.allowed), "method": method}
    return details_of(405, gettext(TAKES_METHODS) % said, allowed=asked.allowed)


def _too_big(asked: Asked) -> str:
    if asked.takes == JSON:
        return gettext(TOO_BIG)
    return sentence(intake.too_large(), {"limit": size(settings.UPLOAD_MAX_BYTES)})


def _unknown_key(parameter: dict[str, Any]) -> str:
    return UNKNOWN.get(parameter["schema"].get("format", ""), UNKNOWN_KEY)
