"""Asks the model server, from a page or the API; a server that is not there is a sentence, not a failure."""

import json
from http.client import HTTPConnection, HTTPException
from typing import Any

from experiments.sentence import Sentence
from serving.errors import AWAY, TOO_SLOW, ModelServerAway, ModelServerRefused
from serving.pointers import read_whereabouts

PATIENCE_SECONDS = 20.0


def ask(operation: str, patience: float = PATIENCE_SECONDS, **asked: Any) -> dict[str, Any]:
    """Return what the model server answers.

    Raises
    ------
    ModelServerAway : it is not there, or too slow. ModelServerRefused : it says why it cannot answer.
    """
    place = read_whereabouts()
    if place is None:
        raise ModelServerAway(AWAY)
    body = json.dumps({"operation": operation, "asked": asked}, ensure_ascii=False).encode()
    line = HTTPConnection("127.0.0.1", place.port, timeout=patience)
    try:
        line.request("POST", "/", body, {"Authorization": f"Bearer {place.secret}"})
        response = line.getresponse()
        content = response.read()
    except TimeoutError:
        raise ModelServerAway(TOO_SLOW, seconds=round(patience)) from None
    except (OSError, HTTPException):
        raise ModelServerAway(AWAY) from None
    finally:
        line.close()
    if response.status != 200:
        raise ModelServerAway(AWAY)
    found: dict[str, Any] = json.loads(content)
    if "answer" not in found:
        told = Sentence.from_dict(found)
        raise ModelServerRefused(told.message, **told.params)
    answer: dict[str, Any] = found["answer"]
    return answer
