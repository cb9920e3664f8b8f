"""Where the model server listens and the secret it asks for: a file that only this platform's own account can read."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings


@dataclass(frozen=True)
class Whereabouts:
    """A port of this machine, and the secret without which nothing is answered there."""

    port: int
    secret: str
    host: str = "127.0.0.1"


# What is asked there: of single customers by pages, of scores by programs.
FOR_PAGES, REAL_TIME = "model-server", "real-time-server"


def _file(door: str) -> Path:
    return Path(settings.VAR) / f"{door}.json"


def write_whereabouts(found: Whereabouts, door: str = FOR_PAGES) -> None:
    """Leave word where the server listens; the file appears whole, readable by nobody else."""
    draft = _file(door).with_suffix(f".{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(asdict(found), stream)
    draft.replace(_file(door))


def read_whereabouts(door: str = FOR_PAGES) -> Whereabouts | None:
    """Return where the server listens; nothing where none has ever started."""
    try:
        return Whereabouts(**json.loads(_file(door).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
