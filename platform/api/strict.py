"""What is sent to an operation is what it asks for: a name that it does not know is refused, with the nearest one."""

import json
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from ninja.errors import ValidationError as InvalidRequest
from ninja.openapi.schema import BODY_CONTENT_TYPES
from ninja.operation import Operation

from experiments.meant import nearest, some_of
from jobs import keyed

NEAR = _("There is no %(name)s here. Did you mean %(nearest)s?")
NONE_LIKE_IT = _("There is no %(name)s here. Available: %(names)s.")
NONE_AT_ALL = _("There is no %(name)s here: no parameters are accepted.")
TWICE = _("This is sent twice. Send it once.")
NO_BODY = _("This address takes no request body. Send none.")
OPERATION = "operation"
JSON = "application/json"
FILES = "multipart/form-data"
FORMS = ("application/x-www-form-urlencoded", FILES)

Run = Callable[..., HttpResponseBase]
Error = dict[str, Any]


def knowing_their_operation(run: Run) -> Run:
    """Have a request know the operation that it reached: what goes wrong is told in that operation's names."""
    operation: Operation = run.__self__  # type: ignore[attr-defined]

    @wraps(run)
    def reached(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        setattr(request, OPERATION, operation)
        return run(request, *args, **kwargs)

    return reached


class WrongType(Exception):
    """A body of a type that the operation does not take."""

    def __init__(self, takes: str) -> None:
        super().__init__(takes)
        self.takes = takes


def refuse_unless_json(request: HttpRequest) -> None:
    """Refuse a body that says of itself that it is no JSON; one that says nothing is tried."""
    if request.content_type not in ("", JSON):
        raise WrongType(JSON)


def form_needed(request: HttpRequest) -> str:
    """Return the type of body that an operation of a form should have been sent, where it was sent another."""
    operation: Operation | None = getattr(request, OPERATION, None)
    if operation is None or not takes_form(operation) or request.content_type in FORMS or not request_has_body(request):
        return ""
    return FILES


def request_has_body(request: HttpRequest) -> bool:
    return bool(request.content_type) and request.META.get("CONTENT_LENGTH") not in (None, "", "0")


def with_known_names_only(view: Callable[..., Any]) -> Callable[..., Any]:
    """Have an operation called only where it asked for everything that was sent."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if needed := form_needed(request):
            raise WrongType(needed)
        errors = [*stray_names(request), *stray_body(request)]
        if errors:
            raise InvalidRequest(errors)
        return view(request, *args, **kwargs)

    return asked


def stray_names(request: HttpRequest) -> Iterator[Error]:
    """Yield the parameters and fields of forms that were sent and not asked for, or sent twice."""
    operation: Operation = getattr(request, OPERATION)
    sent: dict[str, list[tuple[str, list[Any]]]] = {"query": [*request.GET.lists()]}
    if takes_form(operation) and request.content_type in FORMS:
        sent["form"] = [*request.POST.lists()]
        sent["form"] += request.FILES.lists()
    for place, fields in sent.items():
        known, lists = names_of(operation, place)
        for name, values in fields:
            if name not in known:
                yield {"type": "extra_forbidden", "loc": (place, name), "msg": no_such(name, known)}
            elif len(values) > 1 and name not in lists:
                yield {"type": "sent_twice", "loc": (place, name), "msg": gettext(TWICE)}


def stray_body(request: HttpRequest) -> Iterator[Error]:
    """Yield the fields of a body, or the body, that an operation without one was sent."""
    operation: Operation = getattr(request, OPERATION)
    if "requestBody" in (operation.openapi_extra or {}) or any(_place(model) == "body" for model in operation.models):
        return
    if takes_form(operation) and request.content_type in FORMS:
        return
    if request.content_type not in (JSON, *FORMS) or request.body.strip() in (b"", b"{}"):
        return
    fields = _fields_of(request)
    place = "form" if request.content_type in FORMS else "body"
    for name in fields:
        yield {"type": "extra_forbidden", "loc": (place, name), "msg": no_such(name, ())}
    if not fields and place == "body":
        yield {"type": "extra_forbidden", "loc": ("body",), "msg": gettext(NO_BODY)}


def _fields_of(request: HttpRequest) -> list[str]:
    if request.content_type in FORMS:
        return [*request.POST, *request.FILES]
    try:
        sent = json.loads(request.body)
    except ValueError:
        return []
    return [*sent] if isinstance(sent, dict) else []


def names_of(operation: Operation, place: str) -> tuple[list[str], set[str]]:
    """Return the names that an operation asks for in a place, and those of them that may come several times."""
    places = ("form", "file") if place == "form" else (place,)
    models = [model for model in operation.models if _place(model) in places]
    names = [name for model in models for name in getattr(model, "__ninja_flatten_map__", None) or model.model_fields]
    lists = {name for model in models for name in getattr(model, "__ninja_collection_fields__", ())}
    return names, lists


def takes_form(operation: Operation) -> bool:
    return any(_place(model) in ("form", "file") for model in operation.models)


def place_named(request: HttpRequest, field: str) -> str:
    """Return where an operation asks for a field: in the query, a form, the path, or else in the body."""
    if field == keyed.HEADER:
        return "header"
    operation: Operation = getattr(request, OPERATION)
    return next((place for place in ("query", "form", "path") if field in names_of(operation, place)[0]), "body")


def place_of_steps(request: HttpRequest, steps: tuple[str | int, ...]) -> str:
    """Return where a request holds the field that some steps lead to; nothing where it was not asked for there."""
    if not steps:
        return ""
    place = place_named(request, str(steps[0]))
    if place != "body":
        return place
    operation: Operation = getattr(request, OPERATION)
    for model in operation.models:
        if _place(model) == "body":
            ours = getattr(model, "__read_from_single_attr__", None)
            inner = steps[1:] if isinstance(steps[0], int) else steps
            loc = (ours, *steps[: len(steps) - len(inner)], inner[0])
            return place if inner[0] in body_names(operation, loc) else ""
    return ""


def loc_of(request: HttpRequest, path: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return where in the request an operation's argument stood, which is given with the steps into it."""
    operation: Operation = getattr(request, OPERATION)
    place = next((_place(model) for model in operation.models if path and path[0] in model.model_fields), "body")
    is_flat = place != "body" and len(path) > 1
    return (place, *(path[1:] if is_flat else path))


def _place(model: Any) -> str:
    return str(model.__ninja_param_source__)


def body_names(operation: Operation, loc: tuple[Any, ...]) -> list[str]:
    """Return the fields that are asked for beside the one at ``loc`` of an operation's body."""
    model = next(model for model in operation.models if _place(model) in BODY_CONTENT_TYPES)
    schema = model.model_json_schema()
    definitions = schema.get("$defs", {})
    parts = [schema]
    for step in loc[:-1]:
        parts = [inner for part in parts for inner in _inside(part, step, definitions)]
    return [name for part in parts for name in _resolved(part, definitions).get("properties", {})]


def _inside(part: dict[str, Any], step: Any, definitions: dict[str, Any]) -> Iterable[dict[str, Any]]:
    part = _resolved(part, definitions)
    if isinstance(step, int):
        found = [part["items"]] if "items" in part else []
    else:
        found = [part["properties"][step]] if step in part.get("properties", {}) else []
    return [choice for one in found for choice in one.get("anyOf", [one])]


def _resolved(part: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    name = part.get("$ref", "").rsplit("/", 1)[-1]
    return definitions[name] if name else part


def no_such(name: str, known: Iterable[str]) -> str:
    """Say that a name is not asked for, and which one is meant or which there are."""
    known = list(known)
    meant = nearest(name, known)
    if meant is not None:
        return gettext(NEAR) % {"name": name, "nearest": meant}
    if known:
        return gettext(NONE_LIKE_IT) % {"name": name, "names": some_of(known)}
    return gettext(NONE_AT_ALL) % {"name": name}


def without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Take the fields of a JSON object, of which none may be there twice: the first would be lost."""
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name in fields:
            raise InvalidRequest([{"type": "sent_twice", "loc": ("body", None, name), "msg": gettext(TWICE)}])
        fields[name] = value
    return fields
