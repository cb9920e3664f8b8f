"""The Open Inference Protocol, version 2, over JSON: what its clients ask, answered by deployments.

Each input is one column, of shape [rows] or [rows, 1]; a value that is not known is null. The outputs are probability,
score, band, version and reasons. A model of the protocol is a deployment, and its version the champion's number.
"""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language_from_request, gettext, override
from django.utils.translation import gettext_noop as _
from django.views.decorators.csrf import csrf_exempt

from accounts.api import BearerToken
from accounts.decorators import for_everybody
from accounts.errors import TooManyAttempts
from api.problems import NO_DATABASE, NO_KEY, TOO_BIG
from api.strict import JSON
from common.answers import as_json
from common.language import reader_language
from common.templatetags.formatting import told
from deployments.api.scoring import NO_ROWS, TOO_MANY
from deployments.errors import NotServed
from deployments.live.answering import MOST_ROWS, Answer, Scorer, scorer_here
from deployments.live.finding import served_as
from deployments.live.forwarding import forwarded
from deployments.live.loaded import Served
from experiments.artifact.release import RELEASE
from experiments.errors import ExperimentError
from serving.errors import ModelServerAway

DATATYPES = ("BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "FP32", "FP64",
             "BYTES")  # fmt: skip
OF_TYPE = {"numeric": "FP64", "boolean": "BOOL"}
MOST_REASONS = 4
NO_JSON = _("The body is not a JSON object of the Open Inference Protocol.")
NO_INPUTS = _("inputs must be a list with at least one tensor.")
NO_TENSOR = _("Each input needs name, shape, datatype and data.")
NO_DATATYPE = _("%(name)s has the datatype %(datatype)s. Send one of: %(known)s.")
NO_SHAPE = _("%(name)s must have the shape [rows] or [rows, 1], with as many values as rows.")
NOT_SAME = _("%(name)s has %(rows)s rows and the first input %(first)s. Send as many for each column.")
TWICE = _("The input %(name)s is sent twice.")
NO_OUTPUT = _("There is no output %(name)s. Available: %(known)s.")
NO_VERSION = _("%(name)s is answered by version %(version)s, not by %(asked)s.")
NO_MODEL = _("There is no model %(name)s that you may see.")
ONLY = _("This address takes %(method)s.")
OUTPUTS = {"probability": "FP64", "score": "FP64", "band": "BYTES", "version": "INT64", "reasons": "BYTES"}


class Unusable(Exception):
    """A request that cannot be answered: its status and a sentence."""

    def __init__(self, message: str, *, status: int = 400, **params: Any) -> None:
        super().__init__(message)
        self.message, self.params, self.status = message, params, status


View = Callable[..., HttpResponse]


def _answering(method: str, *, is_open: bool = False) -> Callable[[View], View]:
    """Have a view answered where the models are open, for who has a key, and failures told as clients read them."""

    def decorate(view: View) -> View:
        @csrf_exempt
        @for_everybody
        @wraps(view)
        def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            with override(get_language_from_request(request)):
                try:
                    return _asked(request, *args, **kwargs)
                except Unusable as refused:
                    answer = _error(refused.status, gettext(refused.message) % refused.params)
                    if refused.status == 405:
                        answer["Allow"] = "GET, HEAD" if method == "GET" else method
                    elif refused.status == 401:
                        answer["WWW-Authenticate"] = "Bearer"
                    return answer
                except Http404:
                    return _error(404, gettext(NO_MODEL) % {"name": kwargs.get("name", "")})
                except (NotServed, ModelServerAway) as away:
                    return _error(503, told(away.message, away.params))
                except ExperimentError as refused:
                    return _error(400, told(refused.message, refused.params))
                except TooManyAttempts as refused:
                    return _error(429, str(refused))
                except RequestDataTooBig:
                    return _error(413, gettext(TOO_BIG))
                except DatabaseError:
                    return _error(503, gettext(NO_DATABASE))

        def _asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method not in (method, "HEAD" if method == "GET" else method):
                raise Unusable(ONLY, status=405, method=method)
            if not is_open and BearerToken()(request) is None:
                raise Unusable(NO_KEY, status=401)
            scorer = scorer_here()
            return forwarded(request) if scorer is None else view(request, scorer, *args, **kwargs)

        return cast(View, asked)

    return decorate


def _error(status: int, sentence: str) -> HttpResponse:
    return _told({"error": sentence}, status)


def _told(content: dict[str, Any], status: int = 200) -> HttpResponse:
    return HttpResponse(as_json(content), status=status, content_type=JSON)


@_answering("GET", is_open=True)
def server(request: HttpRequest, scorer: Scorer) -> HttpResponse:
    return _told({"name": "xiaoyu", "version": RELEASE, "extensions": []})


@_answering("GET", is_open=True)
def live(request: HttpRequest, scorer: Scorer) -> HttpResponse:
    return _told({"live": True})


@_answering("GET", is_open=True)
def ready(request: HttpRequest, scorer: Scorer) -> HttpResponse:
    return _told({"ready": scorer.loaded.is_ready}, 200 if scorer.loaded.is_ready else 503)


@_answering("GET")
def model(request: HttpRequest, scorer: Scorer, name: str, version: str = "") -> HttpResponse:
    served = _served(request, scorer, name, version)
    artifact = served.champion.artifact
    heard = set(artifact.columns_heard)
    return _told(
        {
            "name": served.name,
            "versions": [str(served.champion.number)],
            "platform": f"xiaoyu_{artifact.learner}",
            "inputs": [
                {"name": each["name"], "datatype": OF_TYPE.get(each["type"], "BYTES"), "shape": [-1]}
                for each in artifact.signature
                if each["name"] in heard
            ],
            "outputs": [
                {"name": each, "datatype": kind, "shape": [-1, MOST_REASONS] if each == "reasons" else [-1]}
                for each, kind in OUTPUTS.items()
            ],
        }
    )


@_answering("GET")
def model_ready(request: HttpRequest, scorer: Scorer, name: str, version: str = "") -> HttpResponse:
    served = _served(request, scorer, name, version)
    is_ready = served.refusal is None
    return _told({"name": served.name, "ready": is_ready}, 200 if is_ready else 503)


@_answering("POST")
def infer(request: HttpRequest, scorer: Scorer, name: str, version: str = "") -> HttpResponse:
    served = _served(request, scorer, name, version)
    asked = _body(request)
    rows = _rows(asked)
    wanted = _outputs_wanted(asked)
    reasons = MOST_REASONS if "reasons" in wanted else 0
    answer = scorer.answer(served, rows, reasons=reasons, language=reader_language())
    told_id = asked.get("id")
    found = {
        "model_name": served.name,
        "model_version": str(served.champion.number),
        "id": told_id if isinstance(told_id, str) and told_id else answer.request,
        "outputs": [_output(each, answer) for each in wanted],
    }
    return _told(found)


def _served(request: HttpRequest, scorer: Scorer, name: str, version: str) -> Served:
    served = served_as(
        scorer, request.user, name,  # type: ignore[arg-type]  # whose key was sent
        workspace=request.GET.get("workspace"), environment=request.GET.get("environment"),
    )  # fmt: skip
    if version and version != str(served.champion.number):
        told_of = {"name": name, "version": served.champion.number, "asked": version}
        raise Unusable(NO_VERSION, status=404, **told_of)
    return served


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        asked = json.loads(request.body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise Unusable(NO_JSON) from None
    if not isinstance(asked, dict):
        raise Unusable(NO_JSON)
    return asked


def _refuse(name: str) -> Any:
    raise ValueError(name)


def _rows(asked: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the tensors of columns as rows of cells."""
    inputs = asked.get("inputs")
    if not isinstance(inputs, list) or not inputs:
        raise Unusable(NO_INPUTS)
    columns: dict[str, list[Any]] = {}
    for tensor in inputs:
        name, values = _column(tensor)
        if name in columns:
            raise Unusable(TWICE, name=name)
        columns[name] = values
    first = len(next(iter(columns.values())))
    for name, values in columns.items():
        if len(values) != first:
            raise Unusable(NOT_SAME, name=name, rows=len(values), first=first)
    if not first:
        raise Unusable(NO_ROWS)
    if first > MOST_ROWS:
        raise Unusable(TOO_MANY, most=f"{MOST_ROWS:,}", rows=f"{first:,}")
    names = list(columns)
    return [dict(zip(names, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]


def _column(tensor: Any) -> tuple[str, list[Any]]:
    if (
        not isinstance(tensor, dict)
        or not isinstance(tensor.get("name"), str)
        or not isinstance(tensor.get("data"), list)
    ):
        raise Unusable(NO_TENSOR)
    name, data, shape, datatype = tensor["name"], tensor["data"], tensor.get("shape"), tensor.get("datatype")
    if datatype not in DATATYPES:
        raise Unusable(NO_DATATYPE, name=name[:60], datatype=str(datatype)[:30], known=", ".join(DATATYPES))
    # Two levels of lists are as good as one: the protocol leaves it to the client.
    values = [each[0] if isinstance(each, list) and len(each) == 1 else each for each in data]
    if shape not in ([len(values)], [len(values), 1]) or any(isinstance(each, bool) for each in shape):
        raise Unusable(NO_SHAPE, name=name[:60])
    return name, values


def _outputs_wanted(asked: dict[str, Any]) -> list[str]:
    outputs = asked.get("outputs")
    if outputs in (None, []):
        return list(OUTPUTS)
    if not isinstance(outputs, list):
        raise Unusable(NO_OUTPUT, name=str(outputs)[:60], known=", ".join(OUTPUTS))
    names = [each.get("name") if isinstance(each, dict) else each for each in outputs]
    for name in names:
        if not isinstance(name, str) or name not in OUTPUTS:
            raise Unusable(NO_OUTPUT, name=str(name)[:60], known=", ".join(OUTPUTS))
    return list(dict.fromkeys(map(str, names)))


def _output(name: str, answer: Answer) -> dict[str, Any]:
    rows = answer.rows
    data: list[Any]
    match name:
        case "reasons":
            data = [text for each in rows for text in (*each.row.reasons, *[""] * MOST_REASONS)[:MOST_REASONS]]
        case "version":
            data = [each.member.number for each in rows]
        case _:
            data = [getattr(each.row, name) for each in rows]
    shape = [len(rows), MOST_REASONS] if name == "reasons" else [len(rows)]
    return {"name": name, "datatype": OUTPUTS[name], "shape": shape, "data": data}
