"""What endpoints of the API share: bodies taken as their schema says, and answers that are not JSON."""

import json
from enum import Enum
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

from django.utils.translation import gettext_noop
from ninja import Field, Schema
from pydantic import ConfigDict, GetJsonSchemaHandler
from pydantic_core import CoreSchema

from common.numbers import MOST_KEY

Key = Annotated[int, Field(ge=1, le=MOST_KEY)]
SAYS = "x-says"
WHOLE_NUMBER = gettext_noop("Send a whole number from %(least)s to %(most)s.")
SENTENCES_OF_PATTERNS: dict[str, tuple[str, dict[str, Any]]] = {}
BINARY = {"type": "string", "format": "binary"}


def as_json(content: Any) -> bytes:
    """Return plain data as JSON that people can read, too.

    Half of a surrogate pair, which UTF-8 does not have, stays the escape as which it was sent.

    >>> as_json({"id": chr(0xD800)})
    b'{"id": "\\\\ud800"}'
    """
    return json.dumps(content, ensure_ascii=False, default=str).encode(errors="backslashreplace")


class Body(Schema):
    """JSON that is sent: a number is a number and no text, and a field that there is none of is refused by name."""

    model_config = ConfigDict(strict=True, extra="forbid")


class _Spelled:
    """Tells the choices of an enumeration where it is used: many of ours share a name, as ``State``."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        told = handler.resolve_ref_schema(handler(core))
        return {name: value for name, value in told.items() if name in ("type", "enum", "const")}


Choice = TypeVar("Choice", bound=Enum)
OneOf = Annotated[Choice, _Spelled()]


def file_answer(*media_types: str) -> dict[str, Any]:
    """Tell of a file as the answer: ``openapi_extra=file_answer("application/zip")``."""
    content = {media_type.partition(";")[0]: {"schema": BINARY} for media_type in media_types}
    return {"responses": {"200": {"description": "The file", "content": content}}}


class Refusal(NamedTuple):
    """One way in which an operation is refused: its status, a name for it, the sentence, and where it points to."""

    status: int
    about: str
    message: str
    params: dict[str, Any] = {}
    at: tuple[str | int, ...] = ()


def refusals(*said: Refusal) -> dict[str, Any]:
    """Tell of refusals that an operation knows of itself; the schema makes an example of each sentence.

    >>> refusals(Refusal(409, "busy", "Wait."))
    {'responses': {'409': {'x-says': [('busy', 'Wait.', {}, ())]}}}
    """
    told: dict[str, Any] = {}
    for each in said:
        told.setdefault(str(each.status), {SAYS: []})[SAYS].append(each[1:])
    return {"responses": told}


def together(*parts: dict[str, Any]) -> dict[str, Any]:
    """Join what is told of an operation's answers.

    >>> together({"responses": {"200": {"a": 1}}}, {"responses": {"200": {"b": 2}, "409": {}}})
    {'responses': {'200': {'a': 1, 'b': 2}, '409': {}}}
    """
    whole: dict[str, Any] = {}
    for part in parts:
        for name, value in part.items():
            is_both = isinstance(value, dict) and isinstance(whole.get(name), dict)
            whole[name] = together(whole[name], value) if is_both else value
    return whole


def only_success(status: int, meaning: str) -> dict[str, Any]:
    """Tell of an answer without a body."""
    return {"responses": {str(status): {"description": meaning}}}


def whole_number_pattern(least: Literal[0, 1], most: int) -> str:
    """Return the pattern of a header that holds a whole number: headers are texts, whatever they mean."""
    digits = str(most)
    choices = ["0"] * (not least) + [f"[1-9][0-9]{{0,{len(digits) - 2}}}"] * (len(digits) > 1)
    for place, digit in enumerate(map(int, digits)):
        first = 0 if place else 1
        if digit > first:
            choices.append(f"{digits[:place]}[{first}-{digit - 1}][0-9]{{{len(digits) - place - 1}}}")
    pattern = f"^({'|'.join([*choices, digits])})$"
    return said_as(pattern, WHOLE_NUMBER, least=least, most=most)


def said_as(pattern: str, message: str, **params: Any) -> str:
    """Have a text that breaks a pattern refused in a sentence of words: a pattern tells a person little."""
    SENTENCES_OF_PATTERNS[pattern] = (message, params)
    return pattern
