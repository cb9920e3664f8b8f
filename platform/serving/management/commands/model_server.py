"""The model server: keeps models open, so that a page that asks about one customer after the other need not wait."""

import logging
import os
import secrets
import signal
import threading
from importlib import import_module
from typing import Any

from django.core.management.base import BaseCommand

from experiments.processes.fork_server import ENVIRONMENT
from experiments.processes.forked_child import limit_memory
from jobs.children import die_with_parent
from serving import registry
from serving.pointers import Whereabouts, write_whereabouts
from serving.server import ModelServer

log = logging.getLogger(__name__)
# Beyond what its libraries hold: a handful of models and samples of tables.
MOST_MEMORY = 2 << 30


class Command(BaseCommand):
    help = "Run the process that keeps models open for what-if and explanations."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        die_with_parent()
        os.environ.update({name: value for name, value in ENVIRONMENT.items() if name.endswith("_NUM_THREADS")})
        load_ahead()
        limit_memory(MOST_MEMORY)
        with ModelServer(secrets.token_urlsafe(32)) as server:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
            threading.Thread(target=server.watch_for_endless, daemon=True).start()
            write_whereabouts(Whereabouts(server.port, server.secret))
            server.serve_forever(poll_interval=0.2)


def load_ahead() -> None:
    """Load what answers, and the library of the usual model, so that the first to ask does not wait for them."""
    for path in (*registry.paths(), "lightgbm.Booster"):
        try:
            import_module(path.rpartition(".")[0])
        except Exception:
            log.exception("%s could not be loaded beforehand", path)
