"""What endpoints of the API share: bodies taken as their schema says, and answers that are not JSON."""

from collections.abc import Iterable
from enum import Enum
from typing import Annotated, Any, Literal, TypeVar

from ninja import Field, Schema
from pydantic import ConfigDict, GetJsonSchemaHandler
from pydantic_core import CoreSchema

# The largest key that every database of ours can be asked for.
MOST_KEY = 2**63 - 1
Key = Annotated[int, Field(ge=1, le=MOST_KEY)]
BINARY = {"type": "string", "format": "binary"}


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


def sentence_answers(success: int, meaning: str, refusals: Iterable[tuple[int, str]]) -> dict[str, Any]:
    """Tell of an answer without a body, and of refusals that are a sentence as plain text."""
    plain = {"text/plain": {"schema": {"type": "string"}}}
    told = {str(status): {"description": words, "content": dict(plain)} for status, words in refusals}
    return {"responses": {str(success): {"description": meaning}, **told}}


def whole_number(least: Literal[0, 1], most: int) -> str:
    """Return the pattern of a header that holds a whole number: headers are texts, whatever they mean."""
    digits = str(most)
    choices = ["0"] * (not least) + [f"[1-9][0-9]{{0,{len(digits) - 2}}}"] * (len(digits) > 1)
    for place, digit in enumerate(map(int, digits)):
        first = 0 if place else 1
        if digit > first:
            choices.append(f"{digits[:place]}[{first}-{digit - 1}][0-9]{{{len(digits) - place - 1}}}")
    return f"^({'|'.join([*choices, digits])})$"
