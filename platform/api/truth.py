"""The API's schema tells the truth: every status with its form, and what a text may hold; the parser holds to it."""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import wraps
from typing import Any, NoReturn

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.errors import ValidationError as InvalidRequest
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from ninja.parser import Parser
from pydantic import BaseModel

from api.examples import example_of
from api.refusals import PLACE, PROBLEM, Asked, tell_refusals
from api.repeated import PARAMETER
from api.strict import JSON, loc_of, refuse_unless_json, without_twins

# No database of ours stores this character, and no text needs it.
NUL = "\x00"
TEXT_PATTERN = r"^[^\x00]*$"
INPUT_KEYWORDS = ("pattern", "enum", "const", "format", "contentMediaType")


class StrictParser(Parser):
    """Takes no numbers that JSON does not know, and 3.0 as the whole number that it is to JSON."""

    def parse_body(self, request: HttpRequest) -> Any:
        refuse_unless_json(request)
        return json.loads(
            request.body, parse_constant=_refuse_constant, parse_float=_number, object_pairs_hook=without_twins
        )


def _number(text: str) -> float:
    value = float(text)
    return int(value) if value.is_integer() else value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def with_storable_texts(view: Callable[..., Any]) -> Callable[..., Any]:
    """Have an operation called only with texts that a database can hold."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        for path, text in _texts(kwargs, ()):
            if NUL in text:
                words = _("The text holds a character that cannot be stored.")
                raise InvalidRequest([{"type": "text", "loc": loc_of(request, path), "msg": words}])
        return view(request, *args, **kwargs)

    return asked


def _texts(found: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], str]]:
    if isinstance(found, str):
        yield path, found
    elif isinstance(found, BaseModel):
        yield from _texts(found.model_dump(), path)
    elif isinstance(found, dict):
        for name, value in found.items():
            yield from _texts(name, path)
            yield from _texts(value, (*path, name))
    elif isinstance(found, list | tuple):
        for number, value in enumerate(found):
            yield from _texts(value, (*path, number))


class TrueSchema(OpenAPISchema):
    """The schema that ninja makes, with every refusal, the bounds of every text, and an example of every body."""

    def __init__(self, api: Any, path_prefix: str) -> None:
        super().__init__(api, path_prefix)
        components = self["components"]["schemas"]
        for address, operations in self["paths"].items():
            allowed = sorted(method.upper() for method in operations)
            for method, operation in operations.items():
                body = operation.get("requestBody", {}).get("content", {}).get(JSON)
                if body:
                    body["example"] = example_of(body["schema"], components)
                tell_refusals(Asked(address, method.upper(), allowed, operation, components))

    def responses(self, operation: Operation) -> dict[str, Any]:  # type: ignore[override]
        """Return the answers under the names that JSON has for them, so that what is told besides joins them."""
        return {str(status): answer for status, answer in super().responses(operation).items()}

    def deep_dict_update(self, main_dict: dict[Any, Any], update_dict: dict[Any, Any]) -> None:
        """Take what several operations share as a copy of each one's own."""
        super().deep_dict_update(main_dict, deepcopy(update_dict))

    def request_body(self, operation: Operation) -> dict[str, Any]:
        """Tell of forms too that they take no field besides those that they name."""
        told: dict[str, Any] = super().request_body(operation)
        for content in told.get("content", {}).values():
            if "properties" in content["schema"]:
                content["schema"] = {**content["schema"], "additionalProperties": False}
        return told

    def operation_details(self, operation: Operation) -> dict[str, Any]:
        details = _without_null_in_forms(super().operation_details(operation))
        if "POST" in operation.methods:
            details["parameters"] = [*details["parameters"], PARAMETER]
        if _says_its_own_success(operation):
            details["responses"].pop("200", None)
        return details

    def add_schema_definitions(self, definitions: dict[str, Any]) -> None:
        for name, definition in definitions.items():
            if self.schemas.get(name, definition) != definition:
                raise ImproperlyConfigured(f"Two different schemas of the API are called {name}; rename one of them.")
        super().add_schema_definitions(definitions)

    def get_paths(self) -> dict[str, Any]:
        paths: dict[str, Any] = _bounded(super().get_paths())
        return paths

    def get_components(self) -> dict[str, Any]:
        components: dict[str, Any] = _bounded(super().get_components())
        components.setdefault("schemas", {}).update(Problem=PROBLEM, Place=PLACE)
        return components


def _without_null_in_forms(details: dict[str, Any]) -> dict[str, Any]:
    """Tell of parameters and fields of forms that they may be left out; what is sent is a text and never null."""
    for parameter in details["parameters"]:
        parameter["schema"] = _without_null(parameter["schema"])
    for media_type, content in details.get("requestBody", {}).get("content", {}).items():
        if media_type != "application/json" and "properties" in content["schema"]:
            fields = {name: _without_null(field) for name, field in content["schema"]["properties"].items()}
            content["schema"] = {**content["schema"], "properties": fields}
    return details


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    choices = [choice for choice in schema.get("anyOf", []) if choice != {"type": "null"}]
    rest = {name: value for name, value in schema.items() if name != "anyOf"}
    return {**rest, **choices[0]} if len(choices) == 1 else schema


def _says_its_own_success(operation: Operation) -> bool:
    own = (operation.openapi_extra or {}).get("responses", {})
    return any(str(status).startswith("2") for status in own) and "200" not in map(str, own)


def _bounded(part: Any) -> Any:
    """Tell of every text without another rule that it may not hold what cannot be stored."""
    if isinstance(part, list):
        return [_bounded(one) for one in part]
    if not isinstance(part, dict):
        return part
    bounded = {name: _bounded(value) for name, value in part.items()}
    if bounded.get("type") == "string" and not any(name in bounded for name in INPUT_KEYWORDS):
        bounded["pattern"] = TEXT_PATTERN
    if isinstance(bounded.get("additionalProperties"), dict) and "propertyNames" not in bounded:
        bounded["propertyNames"] = {"pattern": TEXT_PATTERN}
    return bounded
