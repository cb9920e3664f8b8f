"""The process that keeps models open: who may ask, what it says when it cannot, and that it comes back."""

import json
import os
import signal
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django.conf import settings

from experiments.errors import BadInput
from serving import registry
from serving.asking import ask
from serving.errors import ModelServerAway, ModelServerRefused
from serving.opened import MOST_MODELS, OpenModels
from serving.pointers import Whereabouts, write_whereabouts
from serving.server import ModelServer
from tests.platform_process import PlatformProcess, wait_until

FIND = """
from serving.asking import ask
from serving.errors import ModelServerAway
try:
    print("ANSWER", ask("customer.find", tables=[]))
except ModelServerAway as away:
    print("AWAY", away)
"""


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[..., Any]], None]:
    def register(answer: Callable[..., Any]) -> None:
        monkeypatch.setattr("serving.server.operation_of", {"test": answer}.get)

    return register


def raising(error: BaseException) -> Callable[..., Any]:
    def answer(opened: OpenModels, asked: dict[str, Any]) -> dict[str, Any]:
        raise error

    return answer


def test_what_is_registered_is_answered(model_server: ModelServer, answering: Any) -> None:
    answering(lambda opened, asked: {"twice": 2 * asked["number"], "words": "客户"})
    assert ask("test", number=21) == {"twice": 42, "words": "客户"}


def test_nobody_without_the_secret_is_answered(model_server: ModelServer, answering: Any) -> None:
    answering(lambda opened, asked: {})
    for header in ({}, {"Authorization": "Bearer another"}):
        line = HTTPConnection("127.0.0.1", model_server.port, timeout=60)
        line.request("POST", "/", json.dumps({"operation": "test"}), header)
        assert line.getresponse().status == 403
        line.close()
    write_whereabouts(Whereabouts(model_server.port, "another"))
    with pytest.raises(ModelServerAway):
        ask("test")


def test_the_secret_lies_in_a_file_nobody_else_can_read(model_server: ModelServer) -> None:
    path = Path(settings.VAR) / "model-server.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (BadInput("There is no file %(path)s.", path="a.csv"), "There is no file a.csv."),
        (MemoryError(), "too large for the memory"),
        (RuntimeError("std::bad_alloc"), "too large for the memory"),
        (ZeroDivisionError("a secret number"), "could not answer"),
    ],
)
def test_a_question_that_fails_is_a_sentence_and_the_server_stays(
    error: Exception, told: str, model_server: ModelServer, answering: Any
) -> None:
    answering(raising(error))
    with pytest.raises(ModelServerRefused, match=told) as refused:
        ask("test")
    assert "a secret number" not in str(refused.value)
    answering(lambda opened, asked: {"is": "there"})
    assert ask("test") == {"is": "there"}


def test_an_operation_nobody_registered_is_refused(model_server: ModelServer) -> None:
    with pytest.raises(ModelServerRefused):
        ask("no.such.operation")


def test_a_server_that_is_away_is_a_sentence() -> None:
    with ModelServer("gone") as server:
        write_whereabouts(Whereabouts(server.port, "gone"))
    with pytest.raises(ModelServerAway, match="is not answering"):
        ask("test")
    (Path(settings.VAR) / "model-server.json").unlink()
    with pytest.raises(ModelServerAway, match="is not answering"):
        ask("test")


def test_few_models_stay_open_and_the_longest_unused_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []
    monkeypatch.setattr("serving.opened._load", lambda folder, key: loaded.append(key[0]) or object())
    opened = OpenModels()

    def open_model(number: int) -> object:
        return opened.model({"folder": f"models/{number}", "hash": str(number)})

    first = open_model(0)
    for number in range(1, MOST_MODELS):
        open_model(number)
    assert open_model(0) is first
    open_model(MOST_MODELS)

    assert open_model(0) is first
    open_model(1)
    assert loaded.count("models/1") == 2


def test_a_model_that_opens_slowly_lets_others_be_asked_and_is_opened_once(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on, loaded = Event(), Event(), []

    def load(folder: Path, key: tuple[str, ...]) -> object:
        loaded.append(key[0])
        if key[0] == "models/slow":
            begun.set()
            assert go_on.wait(60)
        return object()

    monkeypatch.setattr("serving.opened._load", load)
    opened, slow, quick = OpenModels(), {"folder": "models/slow", "hash": ""}, {"folder": "models/quick", "hash": ""}
    with ThreadPoolExecutor(3) as threads:
        try:
            waiting = [threads.submit(opened.model, slow) for _ in range(2)]
            assert begun.wait(60)
            first = threads.submit(opened.model, quick).result(timeout=60)
            assert opened.model(quick) is first
            assert not any(each.done() for each in waiting)
        finally:
            go_on.set()
        assert waiting[0].result(timeout=60) is waiting[1].result(timeout=60)
    assert sorted(loaded) == ["models/quick", "models/slow"]


def test_what_failed_to_open_is_opened_when_it_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[Any] = [BadInput("Not yet."), "a model"]

    def load(folder: Path, key: tuple[str, ...]) -> Any:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr("serving.opened._load", load)
    opened, asked = OpenModels(), {"folder": "models/1", "hash": ""}
    with pytest.raises(BadInput):
        opened.model(asked)
    assert opened.model(asked) == "a model"


def test_every_registered_operation_is_there() -> None:
    assert all(registry.operation_of(name) for name in ("customer.find", "customer.explain", "customer.smallest"))


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[PlatformProcess]:
    process = PlatformProcess(tmp_path / "var")
    process.settings = "config.settings"
    yield process
    process.stop_for_good()


@pytest.mark.slow
def test_a_killed_model_server_comes_back_by_itself_and_answers_again(platform: PlatformProcess) -> None:
    platform.start()

    def answers() -> bool:
        return "ANSWER {}" in platform.manage("shell", "-c", FIND).stdout

    wait_until(answers, 240, "it answers")
    first = platform.child("model server")
    os.kill(first, signal.SIGKILL)

    wait_until(lambda: platform.child("model server") != first, 240, "another is started")
    wait_until(answers, 240, "it answers again")
