"""The platform's web server with a tiny application behind it.

python -m tests.jobs.tiny_site PORT [IMPATIENT | PATIENT] [PROXY]
"""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

MEGABYTE = 1 << 20


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
    status, body = ROOMS[environ["PATH_INFO"]](environ)
    pieces = [body] if isinstance(body, bytes) else body
    length = [("Content-Length", str(len(body)))] if isinstance(body, bytes) else []
    start_response(status, [("Content-Type", "text/plain"), *length])
    return iter(pieces)


def page(environ: dict[str, Any]) -> tuple[str, Any]:
    return "200 OK", b"a page"


def count(environ: dict[str, Any]) -> tuple[str, Any]:
    """Read the body as the tus door does, and tell how many bytes came before it ended or broke."""
    seen = 0
    try:
        while piece := environ["wsgi.input"].read(MEGABYTE):
            seen += len(piece)
            Path(f"seen-{environ['QUERY_STRING']}").write_text(str(seen))
    except OSError:
        Path(f"broken-{environ['QUERY_STRING']}").write_text(str(seen))
    return "200 OK", str(seen).encode()


def refuse(environ: dict[str, Any]) -> tuple[str, Any]:
    return "401 Unauthorized", b"not you"


def stream(environ: dict[str, Any]) -> tuple[str, Any]:
    return "200 OK", (b"x" * MEGABYTE for _ in range(40))


def sleep(environ: dict[str, Any]) -> tuple[str, Any]:
    Path("asleep").touch()
    time.sleep(2)
    return "200 OK", b"slept"


def who(environ: dict[str, Any]) -> tuple[str, Any]:
    told = environ["REMOTE_ADDR"], environ["wsgi.url_scheme"], environ.get("HTTP_X_FORWARDED_PROTO", "")
    return "200 OK", " ".join(told).encode()


ROOMS = {"/": page, "/count": count, "/refuse": refuse, "/stream": stream, "/sleep": sleep, "/who": who}


def main() -> None:
    sys.path.insert(0, "platform")
    from jobs import serving
    from jobs.management.commands.web import WebServer, options_for

    if "IMPATIENT" in sys.argv:
        serving.SILENT = serving.HEAD = serving.UNWANTED_BODY = serving.Patience(2)
        # A test that sends something twice a second keeps to five seconds on a busy machine too.
        serving.BODY, serving.ANSWER = serving.Patience(5, 500), serving.Patience(2, 500)
        serving.LOOK_EVERY_SECONDS = 1
    if "PATIENT" in sys.argv:
        serving.SILENT = serving.HEAD = serving.UNWANTED_BODY = serving.Patience(3_600)
        serving.BODY = serving.BODY_WHILE_OTHERS_WAIT = serving.ANSWER = serving.Patience(3_600)

    class TinySite(WebServer):
        def load(self) -> Any:
            return application

    options = options_for(bind="127.0.0.1", port=int(sys.argv[1]), processes=1, behind_proxy="PROXY" in sys.argv)
    del options["post_worker_init"]
    TinySite(options).run()


if __name__ == "__main__":
    main()
