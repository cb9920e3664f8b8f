"""The model server: questions come as JSON to a port of this machine, one thread each, in a process with limits.

It is no web server: only the platform's own processes know the port and the secret. Whoever asks for too much memory
fails alone; a question that never ends takes the process with it, which the parent of all processes starts again.
"""

import hmac
import json
import logging
import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

from experiments.errors import ExperimentError, is_out_of_memory
from serving.errors import FAILED, TOO_LARGE
from serving.opened import OpenModels
from serving.registry import operation_of

log = logging.getLogger(__name__)
LONGEST_QUESTION = 4 << 20
# Who connects and says nothing is let go; who asks what never ends ends the process.
SILENT_SECONDS = 10
ENDLESS_SECONDS = 60.0
AT_ONCE = 4
ENDLESS_CODE = 70


class ModelServer(ThreadingHTTPServer):
    """Answers what is registered, a few questions at a time."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, secret: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.secret = secret
        self.opened = OpenModels()
        self.room = threading.BoundedSemaphore(AT_ONCE)
        self.under_way: dict[int, float] = {}

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        """Return ``{"answer"}``, or ``{"message", "params"}`` of why there is none."""
        operation = operation_of(str(question.get("operation")))
        if operation is None:
            return {"message": FAILED, "params": {"reference": "no such operation"}}
        try:
            return {"answer": operation(self.opened, question.get("asked") or {})}
        except ExperimentError as refused:
            return refused.sentence.to_dict()
        except Exception as error:
            if is_out_of_memory(error):
                self.opened.let_go()
                return {"message": TOO_LARGE, "params": {}}
            reference = uuid4().hex[:8]
            log.exception("a question to the model server failed: %s, reference %s", question["operation"], reference)
            return {"message": FAILED, "params": {"reference": reference}}

    def watch_for_endless(self) -> None:
        """End this process when a question takes for ever: no thread can be ended otherwise."""
        while True:
            time.sleep(1)
            now = time.monotonic()
            if any(now - begun > ENDLESS_SECONDS for begun in list(self.under_way.values())):
                log.error("a question to the model server did not end within %s seconds", ENDLESS_SECONDS)
                os._exit(ENDLESS_CODE)


class _Handler(BaseHTTPRequestHandler):
    server: ModelServer
    timeout = SILENT_SECONDS
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        given = self.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {self.server.secret}".encode()):
            self._send(403, {})
            return
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 < length <= LONGEST_QUESTION:
            self._send(413, {})
            return
        question = json.loads(self.rfile.read(length))
        me = threading.get_ident()
        with self.server.room:
            self.server.under_way[me] = time.monotonic()
            try:
                answer = self.server.answer(question)
            finally:
                self.server.under_way.pop(me, None)
        self._send(200, answer)

    def _send(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content, ensure_ascii=False, allow_nan=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing of what is asked: questions are about customers."""
