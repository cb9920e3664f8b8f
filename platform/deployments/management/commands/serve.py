"""Scores in real time: the process that has the models of all deployments open and answers programs."""

import logging
import os
import socket
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from accounts.api import BearerToken
from common import addresses
from experiments.processes.fork_server import ENVIRONMENT
from experiments.processes.forked_child import limit_memory
from jobs.children import bind_grandchild, die_with_parent
from jobs.management.commands.web import WebServer, options_for
from serving.pointers import REAL_TIME, Whereabouts, write_whereabouts

log = logging.getLogger(__name__)
URLCONFS = ("api.urls", "deployments.open_inference_urls")
ROUTERS = ("deployments.api.scoring.router",)
# Requests of programs carry a key and need no session, page or form.
MIDDLEWARE = (
    "django.middleware.security.SecurityMiddleware",
    "api.failures.ApiFailuresMiddleware",
    "common.middleware.StorableTextMiddleware",
    "django.middleware.locale.LocaleMiddleware",
)
# Beyond what its libraries hold: the models of all deployments.
MOST_MEMORY = 3 << 30
# A key that is revoked, and a person who leaves a workspace, are answered for so long at the most.
SECONDS_OF_KEYS = 2.0
WAITING_CONNECTIONS = 256


class Command(BaseCommand):
    help = "Run the process that scores in real time, at XIAOYU_BIND and XIAOYU_SERVE_PORT."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        die_with_parent()
        os.environ.update({name: value for name, value in ENVIRONMENT.items() if name.endswith("_NUM_THREADS")})
        addresses.answer_only(urlconfs=URLCONFS, routers=ROUTERS)
        settings.MIDDLEWARE = [*MIDDLEWARE]
        environment = settings.ENVIRONMENT
        listener = _listening(environment.bind, environment.serve_port)
        host, port = listener.getsockname()[:2]
        write_whereabouts(Whereabouts(int(port), "", host=reached_at(environment.bind)), REAL_TIME)
        log.info("scores in real time at %s:%s", host, port)
        given = options_for(
            bind=environment.bind, port=port, processes=environment.serve_processes,
            behind_proxy=environment.behind_proxy,
        )  # fmt: skip
        own = {
            # Handed over: who listens from now on closes it, too.
            "bind": f"fd://{listener.detach()}",
            "proc_name": "xiaoyu-serve",
            "graceful_timeout": 8,
            "post_fork": lambda server, worker: bind_grandchild(),
            "post_worker_init": lambda worker: begin(),
            "worker_exit": lambda server, worker: end(),
        }
        WebServer({**given, **own}).run()


def begin() -> None:
    """Open the models before the first request is taken: until then it waits at the door."""
    from deployments.live.answering import Scorer, serve_here
    from deployments.live.loaded import Loaded

    BearerToken.remembers_for = SECONDS_OF_KEYS
    limit_memory(MOST_MEMORY)
    scorer = Scorer(Loaded())
    scorer.start()
    serve_here(scorer)


def end() -> None:
    """Write down what was counted, when the last answer has been given."""
    from deployments.live.answering import scorer_here

    scorer = scorer_here()
    if scorer is not None:
        scorer.stop()


def reached_at(bind: str) -> str:
    """Return where processes of this machine reach what listens there: at every address also means at its own."""
    return {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(bind, bind)  # noqa: S104 - compared only


def _listening(bind: str, port: int) -> socket.socket:
    """Return the socket; where its port is taken by others, one at any port, which the web server finds out."""
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((bind, port))
    except OSError:
        listener.bind((bind, 0))
        log.warning("port %s is taken: scores in real time are given at %s", port, listener.getsockname()[1])
    listener.listen(WAITING_CONNECTIONS)
    listener.set_inheritable(True)
    return listener
