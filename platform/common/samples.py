"""What apps bring into the sample workspace: each says in ``AppConfig.ready`` what it does once those below it did."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.module_loading import import_string

from common.declared import Declared

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Loader:
    """A function that brings what is not there yet, and may be called again."""

    path: str
    weight: int

    def load(self, *about: object) -> None:
        """Bring it; a room that stays empty keeps no other from being filled."""
        load: Callable[..., None] = import_string(self.path)
        try:
            load(*about)
        except Exception:
            log.exception("%s brought nothing into the sample workspace", self.path)


_loaders: Declared[Loader] = Declared()


def register(path: str, *, weight: int) -> None:
    """Have a function without arguments called by ``manage.py load_samples``; the lighter comes first."""
    _loaders.add(path, Loader(path, weight))


def loaders() -> list[Loader]:
    """Return the loaders of all apps in their order."""
    return list(_loaders)
