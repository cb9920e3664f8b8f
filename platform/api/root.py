"""The HTTP API: the endpoints that apps declare under one roof, and one form for everything that goes wrong."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, URLResolver
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase

from accounts.api import BearerToken
from accounts.decorators import EVERYBODY
from api.problems import answer_failures_of
from api.repeated import keeping_the_answer, once_a_key
from api.strict import knowing_their_operation, with_known_names_only
from api.truth import StrictParser, TrueSchema, with_storable_texts
from common import addresses
from common.access import Rule, declare

DESCRIPTION = _(
    "From a file to an approved model that scores customers, with the same functions and "
    "permissions as the pages. Send your key as `Authorization: Bearer xy_…`. Errors are RFC 9457 "
    "problem details."
)


class SchemaPage(DocsBase):
    """The schema as one plain page of ours: it needs no script, no style of its own and no other server."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        schema = api.get_openapi_schema()
        return render(
            request,
            "api/docs.html",
            {
                "schema": schema,
                "description": gettext(DESCRIPTION).replace("`", ""),
                "groups": operations_by_tag(schema),
            },
        )


def operations_by_tag(schema: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return what the page lists: the operations of each tag with their address and inputs."""
    labels = addresses.tags()
    groups: dict[str, list[dict[str, Any]]] = {}
    for address, methods in schema["paths"].items():
        for method, operation in methods.items():
            entry = {**operation, "method": method.upper(), "address": address, "fields": fields_of(operation, schema)}
            entry["summary"] = gettext(operation["summary"])
            entry["body"] = example_body(operation)
            groups.setdefault(str(labels[operation["tags"][0]]), []).append(entry)
    return groups


def example_body(operation: dict[str, Any]) -> str:
    """Return a body that one can try, as text; nothing where the operation takes none in JSON."""
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    return json.dumps(body["example"], ensure_ascii=False, indent=2) if body else ""


def fields_of(operation: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Return name, type and need of each parameter and body field of an operation."""
    fields = [
        {"name": p["name"], "place": p["in"], "type": type_of(p["schema"]), "required": p.get("required", False)}
        for p in operation.get("parameters", [])
    ]
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        body = resolved(content["schema"], schema)
        place = "body" if media == "application/json" else "form"
        for name, inner in body.get("properties", {}).items():
            needed = name in body.get("required", [])
            fields.append({"name": name, "place": place, "type": type_of(inner), "required": needed})
    return fields


def resolved(part: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = part.get("$ref", "").rsplit("/", 1)[-1]
    return schema["components"]["schemas"][name] if name else part


def type_of(part: dict[str, Any]) -> str:
    if "anyOf" in part:
        return " | ".join(type_of(choice) for choice in part["anyOf"] if choice.get("type") != "null")
    if "enum" in part:
        return " | ".join(str(value) for value in part["enum"])
    if "$ref" in part:
        return part["$ref"].rsplit("/", 1)[-1]
    if part.get("type") == "array":
        return f"{type_of(part.get('items', {}))} […]"
    return "file" if part.get("format") == "binary" else part.get("format") or part.get("type", "any")


KEY = Rule("a person's key", lambda request: request.user.is_authenticated)


class Api(NinjaAPI):
    """An API whose schema tells every answer it may give, and whose addresses say who may reach them."""

    def _get_urls(self) -> list[URLPattern | URLResolver]:
        """Have each address bear its rule: it asks for a key unless its operation says ``auth=None``."""
        patterns = super()._get_urls()
        operations = [
            operation
            for router in self._get_bound_routers()
            for view in router.path_operations.values()
            for operation in view.operations
        ]
        # One pattern an operation, between those of the schema and that of the root, which are for everybody.
        its_own = len(patterns) - len(operations) - 1
        asked = [EVERYBODY] * its_own + [KEY if each.auth_callbacks else EVERYBODY for each in operations] + [EVERYBODY]
        for pattern, rule in zip(patterns, asked, strict=True):
            declare(pattern.callback, rule)  # type: ignore[arg-type]  # a pattern, not a resolver, has one
        return patterns

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: Any = None) -> TrueSchema:
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        return TrueSchema(api=self, path_prefix=prefix)


api = Api(
    title="Xiaoyu 小渔",
    version="1.0.0",
    description=DESCRIPTION,
    auth=BearerToken(),
    docs=SchemaPage(),
    docs_url="/docs",
    parser=StrictParser(),
)
api.add_decorator(knowing_their_operation, "view")
api.add_decorator(keeping_the_answer, "view")
api.add_decorator(once_a_key)
api.add_decorator(with_storable_texts)
api.add_decorator(with_known_names_only)
for each in addresses.operations():
    api.add_router("", each.load())
answer_failures_of(api)
