"""Speaks HTTP with patience: an event loop waits for slow clients, so that no thread does.

gunicorn keeps the processes and waitress the protocol: it gathers heads, small bodies and answers without a thread.
What it lacks stands here: a large body that streams into its request, and an end for clients that hardly move.
"""

import contextlib
import logging
import os
import resource
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connections
from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher, WSGITask
from waitress.utilities import RequestEntityTooLarge

THREADS = 8
UPLOAD_THREADS = 16
MOST_WAITING_FOR_READERS = 64
MOST_CONNECTIONS, FILES_BESIDE = 1_000, 500
# A body up to this length waits in memory until it is whole; a longer one streams, in a thread kept for such.
LARGEST_GATHERED = 256 * 1024
STREAM_ROOM = 512 * 1024
LARGEST_HEAD = 64 * 1024
LOOK_EVERY_SECONDS = 5
# A stopping process finishes what it has begun; on a stop of everything gunicorn ends its patience much sooner.
LAST_ANSWERS_SECONDS = 110
LAST_IDLE_SECONDS = 1


@dataclass(frozen=True)
class Patience:
    """How long a client may keep us waiting; with a rate, it may go on for as long as it keeps to that."""

    seconds: int
    bytes_a_second: int = 0


SILENT, HEAD, IDLE = Patience(30), Patience(30), Patience(120)
BODY, ANSWER = Patience(30, 500), Patience(120, 500)
BODY_WHILE_OTHERS_WAIT = Patience(30, 16 * 1024)
UNWANTED_BODY, LINGERING = Patience(30), Patience(10)


class StreamedBody:
    """A large body on its way: the loop puts bytes in as they arrive, the thread of its request reads them."""

    error = None

    def __init__(self, length: int, wake_loop: Callable[[], None]) -> None:
        self._due, self._wake_loop = length, wake_loop
        self._pieces: deque[bytes] = deque()
        self._held = 0
        self._is_broken = self.is_unwanted = False
        self._news = threading.Condition()

    @property
    def completed(self) -> bool:
        """Whether all of it has arrived."""
        return not self._due

    @property
    def has_room(self) -> bool:
        return self.is_unwanted or self._held < STREAM_ROOM

    def received(self, data: bytes) -> int:
        """Take what belongs to this body, and tell how much that was."""
        taken = data[: self._due]
        with self._news:
            self._due -= len(taken)
            # A head often comes alone: an empty piece would read as the end.
            if taken and not self.is_unwanted:
                self._pieces.append(taken)
                self._held += len(taken)
            self._news.notify_all()
        return len(taken)

    def break_off(self) -> None:
        """Nothing more will come."""
        with self._news:
            self._is_broken = True
            self._news.notify_all()

    def close(self) -> None:
        """Nobody reads any more; what still comes is thrown away."""
        with self._news:
            self.is_unwanted = True
            self._pieces.clear()
            self._held = 0
        self._wake_loop()

    def read(self, size: int = -1) -> bytes:
        """Return ``size`` bytes; fewer only at the end, or before the place where the connection broke."""
        found = bytearray()
        while size < 0 or len(found) < size:
            piece = self._next(size - len(found) if size >= 0 else STREAM_ROOM)
            if not piece:
                break
            found += piece
        if not found and size and self._is_broken and self._due:
            raise ConnectionResetError("the connection broke before the whole body had arrived")
        return bytes(found)

    def readline(self, size: int = -1) -> bytes:
        line = bytearray()
        while (size < 0 or len(line) < size) and (byte := self.read(1)):
            line += byte
            if byte == b"\n":
                break
        return bytes(line)

    def __iter__(self) -> Any:
        return iter(self.readline, b"")

    def _next(self, most: int) -> bytes:
        with self._news:
            while not self._pieces and self._due and not self._is_broken:
                self._news.wait()
            if not self._pieces:
                return b""
            was_full = not self.has_room
            piece = self._pieces.popleft()
            if len(piece) > most:
                self._pieces.appendleft(piece[most:])
                piece = piece[:most]
            self._held -= len(piece)
            has_room_again = was_full and self.has_room
        if has_room_again:
            self._wake_loop()
        return piece

    def getfile(self) -> "StreamedBody":
        return self

    def getbuf(self) -> "StreamedBody":
        return self

    def __len__(self) -> int:
        return self._held


class Threads(ThreadedTaskDispatcher):
    """Threads that take requests, as many as are free to do so."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self._count, self._standing_in = count, 0
        self._change = threading.Lock()
        self.set_thread_count(count)

    @contextlib.contextmanager
    def standing_in(self) -> Iterator[None]:
        """Have one more thread while this one waits for its client."""
        self._stand_in(1)
        try:
            yield
        finally:
            self._stand_in(-1)

    def _stand_in(self, more: int) -> None:
        with self._change:
            self._standing_in += more
            self.set_thread_count(self._count + min(self._standing_in, MOST_WAITING_FOR_READERS))


class Request(HTTPRequestParser):
    """A request that is complete, for its thread, with its head if its body is large."""

    error: Any = None

    def __init__(self, adj: Adjustments, channel: "Channel") -> None:
        super().__init__(adj)
        self.channel = channel
        channel.begun_at = time.time()

    @property
    def is_streamed(self) -> bool:
        return isinstance(self.body_rcv, StreamedBody)

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        if self.content_length > LARGEST_GATHERED:
            self.body_rcv = StreamedBody(self.content_length, self.channel.server.pull_trigger)

    def received(self, data: bytes) -> int:
        taken = super().received(data)
        if self.is_streamed and not self.error and not self.expect_continue:
            taken += self.body_rcv.received(data[taken:])
            self.channel.body = None if self.body_rcv.completed else self.body_rcv
            self.completed = True
        elif self.chunked and self.body_bytes_received > LARGEST_GATHERED:
            self.error = RequestEntityTooLarge("a body without a length is too large")
            self.completed = True
        return int(taken)


class Task(WSGITask):
    """One request at the application."""

    def start(self) -> None:
        super().start()
        if self.channel.server.is_stopping:
            self.set_close_on_finish()

    @property
    def _is_head(self) -> bool:
        return bool(self.request.command == "HEAD")

    def get_environment(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environment()
        if self._is_head:  # waitress would send the file
            environ.pop("wsgi.file_wrapper", None)
        return environ

    def write(self, data: bytes) -> None:
        super().write(b"" if self._is_head else data)

    def finish(self) -> None:
        if self._is_head:
            self.chunked_response = False
        super().finish()


class Channel(HTTPChannel):
    """A connection that reads a large body while its request is served, and ends when its client hardly moves."""

    task_class = Task
    body: StreamedBody | None = None
    begun_at = 0.0
    is_lingering = False
    moved = 0
    watched: tuple[Patience | None, float] = (None, 0.0)
    watched_since = 0.0

    def parser_class(self, adj: Adjustments) -> Request:
        return Request(adj, self)

    # In the loop

    def readable(self) -> bool:
        if self.is_lingering:
            return True
        if self.body is not None:
            return self.body.has_room and not self.will_close
        return bool(super().readable())

    def received(self, data: bytes) -> bool:
        self.moved += len(data)
        if self.is_lingering:
            return False
        if self.body is not None:
            data = data[self.body.received(data) :]
            if self.body.completed:
                self.body = None
            if not data:
                return True
        return bool(super().received(data))

    def send(self, data: bytes, do_close: bool = True) -> int:
        sent = int(super().send(data, do_close))
        self.moved += sent
        return sent

    def handle_write(self) -> None:
        if self.will_close or not self.close_when_flushed:
            super().handle_write()
            return
        self._flush_exception(self._flush_some)
        if self.will_close:
            self.handle_close()
        elif not self.total_outbufs_len:
            self._linger()

    def _linger(self) -> None:
        """Give the client time to read its answer: closed before its own last bytes were read, it would lose it."""
        self.close_when_flushed = False
        self.is_lingering = True
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)

    def handle_close(self) -> None:
        if self.body is not None:
            self.body.break_off()
        super().handle_close()

    def let_go_if_slow(self, now: float) -> None:
        """End this connection if it keeps us waiting for too long."""
        if self._is_over(now):
            self.will_close = True
            # The loop closes what it can write to, and a client that reads nothing leaves no room to write.
            with contextlib.suppress(OSError):
                self.socket.shutdown(socket.SHUT_RDWR)

    def _is_over(self, now: float) -> bool:
        patience = self._patience()
        if self.watched != (patience, self.begun_at):
            self.watched, self.watched_since, self.moved = (patience, self.begun_at), now, 0
        if patience is None or now - self.watched_since < patience.seconds:
            return False
        is_over = not patience.bytes_a_second or self.moved < patience.bytes_a_second * patience.seconds
        self.watched_since, self.moved = now, 0
        return is_over

    def _patience(self) -> Patience | None:
        """Return how long this client may take for what it does now; ``None`` where it waits for us."""
        if self.is_lingering:
            return LINGERING
        if self.body is not None:
            return self._patience_for_upload(self.body)
        if self.requests:
            # A thread that makes an answer waits here for its client to read.
            return ANSWER if self.total_outbufs_len > self.adj.outbuf_high_watermark else None
        if self.total_outbufs_len:
            return ANSWER
        if self.request is None:
            return IDLE if self.begun_at else SILENT
        return BODY if self.request.headers_finished else HEAD

    def _patience_for_upload(self, body: StreamedBody) -> Patience | None:
        if body.is_unwanted:
            return UNWANTED_BODY
        if not body.has_room:
            return None
        return BODY_WHILE_OTHERS_WAIT if self.server.uploads.queue else BODY

    # In a thread

    def _flush_outbufs_below_high_watermark(self) -> None:
        if self.total_outbufs_len > self.adj.outbuf_high_watermark:
            with self.server.task_dispatcher.standing_in():
                super()._flush_outbufs_below_high_watermark()

    def service(self) -> None:
        is_streamed = bool(self.requests) and self.requests[0].is_streamed
        super().service()
        if is_streamed:  # many threads wait for uploads; each would keep a connection to the database meanwhile
            connections.close_all()


class Server(TcpWSGIServer):
    """One listening socket of one process."""

    channel_class = Channel
    is_stopping = False

    def __init__(self, application: Any, *, uploads: Threads, **more: Any) -> None:
        super().__init__(application, **more)
        self.uploads = uploads

    def add_task(self, task: Channel) -> None:
        """Give pages and uploads threads of their own, so that neither waits for the other."""
        (self.uploads if task.requests[0].is_streamed else self.task_dispatcher).add_task(task)

    def readable(self) -> bool:
        if len(self._map) >= self.adj.connection_limit:
            self._make_room()
        return bool(super().readable())

    def maintenance(self, now: float) -> None:
        for channel in list(self.active_channels.values()):
            channel.let_go_if_slow(now)

    def stop_listening(self) -> None:
        self.is_stopping = True
        self.accepting = False
        self.del_channel()

    def close_idle(self, seconds: float) -> None:
        """Close kept connections on which nothing is under way, nor was for so long."""
        for channel in self._waiting_for_clients():
            if channel.request is None and time.time() - channel.last_activity > seconds:
                channel.will_close = True

    def _waiting_for_clients(self) -> list[Channel]:
        channels = list(self.active_channels.values())
        return [one for one in channels if not one.requests and not one.total_outbufs_len and one.body is None]

    def _make_room(self) -> None:
        """End the tenth of the connections that have kept us waiting for longest."""
        waiting = sorted(self._waiting_for_clients(), key=lambda one: one.begun_at or one.creation_time)
        for channel in waiting[: self.adj.connection_limit // 10]:
            channel.will_close = True  # by the loop: closed here, its number might be another one's within this turn


class WaitressWorker(Worker):
    """A process of the web server: gunicorn starts, watches and replaces it, waitress answers in it."""

    def run(self) -> None:
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        self.map: dict[int, Any] = {}
        pages, uploads = Threads(THREADS), Threads(UPLOAD_THREADS)
        self.servers = [self._server(one.sock, pages, uploads) for one in self.sockets]
        while self.alive and self.ppid == os.getppid():
            self._turn()
        self._finish_what_is_begun()
        sys.exit(0)

    def _server(self, sock: socket.socket, pages: Threads, uploads: Threads) -> Server:
        return Server(
            self.wsgi,
            uploads=uploads,
            dispatcher=pages,
            map=self.map,
            _sock=sock,
            bind_socket=False,
            sockinfo=(sock.family, sock.type, sock.proto, sock.getsockname()),
            adj=adjustments(behind_proxy=self.cfg.forwarded_allow_ips == ["*"]),
        )

    def _turn(self) -> None:
        self.notify()
        wasyncore.loop(timeout=1, map=self.map, use_poll=True, count=1)

    def handle_exit(self, sig: int, frame: Any) -> None:
        super().handle_exit(sig, frame)
        self.servers[0].pull_trigger()

    def _finish_what_is_begun(self) -> None:
        """Answer what was asked already; new questions go to the process that comes after."""
        for server in self.servers:
            server.stop_listening()
        deadline = time.monotonic() + LAST_ANSWERS_SECONDS
        while any(server.active_channels for server in self.servers) and time.monotonic() < deadline:
            for server in self.servers:
                server.maintenance(time.time())
                server.close_idle(LAST_IDLE_SECONDS)
            self._turn()


def adjustments(*, behind_proxy: bool) -> Adjustments:
    """Return waitress's settings; the limits that are ours stand above."""
    trusted = {
        "trusted_proxy": "*",
        "trusted_proxy_count": 1,
        "trusted_proxy_headers": "x-forwarded-for x-forwarded-proto",
    }
    return Adjustments(
        **(trusted if behind_proxy else {}),
        clear_untrusted_proxy_headers=True,
        connection_limit=room_for_connections(),
        cleanup_interval=LOOK_EVERY_SECONDS,
        recv_bytes=64 * 1024,
        max_request_header_size=LARGEST_HEAD,
        max_request_body_size=sys.maxsize,  # the application refuses what is too large, in a sentence
        # Nothing of a request is put on the disk here: a full one must not keep people from reading pages.
        inbuf_overflow=2 * LARGEST_GATHERED,
        outbuf_overflow=16 * 1024 * 1024,
        outbuf_high_watermark=1024 * 1024,
        ident="",
    )


def room_for_connections() -> int:
    """Return how many connections this process may hold, with a margin for files and databases."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + FILES_BESIDE
    if soft < wanted:
        soft = min(wanted, hard) if hard != resource.RLIM_INFINITY else wanted
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return min(MOST_CONNECTIONS, max(soft - FILES_BESIDE, soft // 2))
