"""The web server: processes of gunicorn in which waitress answers, set up from the environment."""

import logging
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.core.wsgi import get_wsgi_application
from gunicorn.app.base import BaseApplication

from jobs.children import bind_grandchild, die_with_parent

log = logging.getLogger(__name__)
# What takes long to import and is wanted by the first page and the first data check.
WANTED_SOON = (settings.ROOT_URLCONF, "scipy.stats")


class WebServer(BaseApplication):
    """Gunicorn told by a dictionary in place of a command line."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return get_wsgi_application()


class Command(BaseCommand):
    help = "Run the web server at XIAOYU_BIND and XIAOYU_PORT."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        die_with_parent()
        environment = settings.ENVIRONMENT
        WebServer(
            options_for(
                bind=environment.bind,
                port=environment.port,
                processes=environment.web_processes,
                behind_proxy=environment.behind_proxy,
            )
        ).run()


def options_for(*, bind: str, port: int, processes: int, behind_proxy: bool) -> dict[str, Any]:
    """Return gunicorn's settings; how requests are received and answered is told in ``jobs.serving``."""
    host = f"[{bind}]" if ":" in bind else bind
    return {
        "bind": f"{host}:{port}",
        "worker_class": "jobs.serving.WaitressWorker",
        "workers": processes,
        "timeout": 120,
        "graceful_timeout": 5,
        "loglevel": "warning",
        "proc_name": "xiaoyu-web",
        "forwarded_allow_ips": "*" if behind_proxy else "127.0.0.1",
        "post_fork": lambda server, worker: bind_grandchild(),
        "post_worker_init": lambda worker: warm_up(),
    }


def warm_up() -> None:
    """Import what the first to ask would wait for, before there are threads, which meet half-made modules."""
    for name in WANTED_SOON:
        try:
            import_module(name)
        except Exception:
            log.exception("%s could not be imported beforehand", name)
