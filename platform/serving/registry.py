"""What the model server can be asked: each app says so in ``AppConfig.ready``, by a dotted path."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

# From the open models and what is asked to what is answered, all of it plain.
Operation = Callable[[Any, dict[str, Any]], dict[str, Any]]

_paths: dict[str, str] = {}


def register(name: str, path: str) -> None:
    """Have the function at a dotted path answer what is asked by this name."""
    _paths[name] = path


def operation_of(name: str) -> Operation | None:
    """Return what answers a question of this name; only the model server loads it."""
    path = _paths.get(name)
    if path is None:
        return None
    module, _, function = path.rpartition(".")
    found: Operation = getattr(import_module(module), function)
    return found


def paths() -> list[str]:
    """Return the dotted paths of all that can be asked, to be loaded beforehand."""
    return sorted(_paths.values())
