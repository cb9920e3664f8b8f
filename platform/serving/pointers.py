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


def _file() -> Path:
    return Path(settings.VAR) / "model-server.json"


def write_whereabouts(found: Whereabouts) -> None:
    """Leave word where the server listens; the file appears whole, readable by nobody else."""
    draft = _file().with_suffix(f".{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(asdict(found), stream)
    draft.replace(_file())


def read_whereabouts() -> Whereabouts | None:
    """Return where the server listens; nothing where none has ever started."""
    try:
        return Whereabouts(**json.loads(_file().read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
