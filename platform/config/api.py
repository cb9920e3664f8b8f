"""The HTTP API: every app's endpoints under one roof, and one form for everything that goes wrong."""

import json
import logging
import secrets
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError
from ninja.errors import ValidationError as InvalidRequest
from ninja.openapi.docs import DocsBase

from accounts.api import BearerToken
from accounts.api import router as accounts_router
from accounts.errors import TooManyAttempts
from catalog.api import router as catalog_router
from catalog.api_dictionary import router as dictionary_router
from catalog.api_uploads import router as uploads_router
from catalog.dictionary import DictionaryRefused
from catalog.dictionary_page import told_faults
from experiments.errors import ExperimentError
from registry.api import router as registry_router
from scoring.api import router as scoring_router
from training.api import router as training_router

log = logging.getLogger(__name__)
TAGS = {
    "people": _("People"),
    "data": _("Data"),
    "experiments": _("Experiments"),
    "registry": _("Models and approvals"),
    "scoring": _("Scoring"),
}
DESCRIPTION = _(
    "From a file to an approved model that scores customers, by the same services and with the same permissions as "
    "the pages. Send your key as `Authorization: Bearer xy_…`. Errors are RFC 9457 problem details."
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
    groups: dict[str, list[dict[str, Any]]] = {}
    for address, methods in schema["paths"].items():
        for method, operation in methods.items():
            entry = {**operation, "method": method.upper(), "address": address, "fields": fields_of(operation, schema)}
            entry["summary"] = gettext(operation["summary"])
            groups.setdefault(gettext(TAGS[operation["tags"][0]]), []).append(entry)
    return groups


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


api = NinjaAPI(
    title="Xiaoyu 小渔",
    version="1.0.0",
    description=DESCRIPTION,
    auth=BearerToken(),
    docs=SchemaPage(),
    docs_url="/docs",
)
# The first address that matches is taken: /datasets/from-uploads comes before /datasets/{version_id}.
data_routers = (uploads_router, catalog_router, dictionary_router)
for router in (accounts_router, *data_routers, training_router, registry_router, scoring_router):
    api.add_router("", router)


def problem(status: int, detail: str, **more: Any) -> HttpResponse:
    """Answer with problem details (RFC 9457)."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}
    return HttpResponse(
        json.dumps(body, ensure_ascii=False, default=str), status=status, content_type="application/problem+json"
    )


@api.exception_handler(InvalidRequest)
def invalid_request(request: HttpRequest, error: InvalidRequest) -> HttpResponse:
    errors = [
        {"pointer": "/" + "/".join(str(step) for step in found["loc"]), "detail": found["msg"]}
        for found in error.errors
    ]
    return problem(422, gettext(_("Some of what you sent cannot be used.")), errors=errors)


@api.exception_handler(ValidationError)
def invalid_value(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return problem(422, " ".join(error.messages))


@api.exception_handler(DictionaryRefused)
def refused_dictionary(request: HttpRequest, error: DictionaryRefused) -> HttpResponse:
    errors = [{"row": each["row"], "column": each["heading"], "detail": each["said"]} for each in told_faults(error)]
    return problem(422, gettext(error.message) % error.params, errors=errors)


@api.exception_handler(ExperimentError)
def expected_failure(request: HttpRequest, error: ExperimentError) -> HttpResponse:
    return problem(422, gettext(error.message) % error.params if error.params else gettext(error.message))


@api.exception_handler(AuthenticationError)
def unknown_caller(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    answer = problem(401, gettext(_("Send a valid key: Authorization: Bearer xy_…")))
    answer["WWW-Authenticate"] = "Bearer"
    return answer


@api.exception_handler(TooManyAttempts)
def asked_to_wait(request: HttpRequest, error: TooManyAttempts) -> HttpResponse:
    answer = problem(429, str(error))
    answer["Retry-After"] = str(error.wait_seconds)
    return answer


@api.exception_handler(PermissionDenied)
def not_allowed(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
    return problem(403, str(error) or gettext(_("Your role does not allow this. Ask an admin of the workspace.")))


@api.exception_handler(Http404)
def not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem(404, gettext(_("There is nothing at this address.")))


@api.exception_handler(RequestDataTooBig)
def too_big(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return problem(413, gettext(_("That is too much to send at once.")))


@api.exception_handler(HttpError)
def told(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(error.status_code, str(error))


@api.exception_handler(Exception)
def unexpected(request: HttpRequest, error: Exception) -> HttpResponse:
    reference = f"E-{secrets.token_hex(4)}"
    log.error("unexpected failure told as %s at %s", reference, request.path, exc_info=error)
    return problem(500, gettext(_("Something failed on our side.")), reference=reference)
