"""A model server in a thread of the test."""

import threading
from collections.abc import Iterator

import pytest

from serving.pointers import Whereabouts, write_whereabouts
from serving.server import ModelServer


@pytest.fixture
def model_server() -> Iterator[ModelServer]:
    """The real server at a port of its own, which whoever asks finds."""
    with ModelServer("a secret of the tests") as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        write_whereabouts(Whereabouts(server.port, server.secret))
        yield server
        server.shutdown()
        thread.join()
