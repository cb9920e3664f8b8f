"""The models and samples of tables that are open: few at a time, the longest unused is let go first."""

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any

from common.storage import local_path
from experiments.artifact.manifest import read_recorded
from experiments.artifact.model import ModelArtifact
from experiments.scoring.one_customer.finding import sample_of
from experiments.scoring.one_customer.surroundings import MOST_ROWS, Surroundings

MOST_MODELS = 4
MOST_SURROUNDINGS = 6


class OpenModels:
    """Models by folder and hash; what is asked for again is there at once."""

    def __init__(self, *, most_models: int = MOST_MODELS) -> None:
        self._most_models = most_models
        # Held for a moment only, to look and to put: what opens long has a lock of its own, and only who asks for the
        # same waits for it.
        self._lock = Lock()
        self._opening: dict[Any, Lock] = {}
        self._models: OrderedDict[Any, ModelArtifact] = OrderedDict()
        self._surroundings: OrderedDict[Any, Surroundings] = OrderedDict()

    def model(self, asked: dict[str, Any]) -> ModelArtifact:
        """Return the model of ``{"folder", "hash", "seal"}``, verified when it is opened."""
        key = (asked["folder"], asked["hash"], asked.get("seal", ""))
        return self._kept(self._models, key, self._most_models, lambda: _load(local_path(asked["folder"]), key))

    def surroundings(self, asked: dict[str, Any], table: str) -> Surroundings:
        """Return a sample of a table below MEDIA_ROOT as a model reads it; what it costs is paid once."""
        artifact = self.model(asked)
        key = (asked["folder"], asked["hash"], table)
        return self._kept(
            self._surroundings, key, MOST_SURROUNDINGS,
            lambda: Surroundings.of(artifact, sample_of(local_path(table), rows=MOST_ROWS)),
        )  # fmt: skip

    def let_go(self) -> None:
        """Close everything, so that there is memory again."""
        with self._lock:
            self._models.clear()
            self._surroundings.clear()

    def _kept(self, kept: OrderedDict[Any, Any], key: Any, most: int, make: Callable[[], Any]) -> Any:
        place = (id(kept), key)
        with self._lock:
            if key in kept:
                kept.move_to_end(key)
                return kept[key]
            opening = self._opening.setdefault(place, Lock())
        with opening:
            with self._lock:
                if key in kept:  # Whoever had the lock before has opened it.
                    kept.move_to_end(key)
                    return kept[key]
            try:
                made = make()
                with self._lock:
                    kept[key] = made
                    while len(kept) > most:
                        kept.popitem(last=False)
                return made
            finally:
                with self._lock:
                    self._opening.pop(place, None)


def _load(folder: Path, key: tuple[str, str, str]) -> ModelArtifact:
    read_recorded(folder, key[1], seal=key[2])
    return ModelArtifact.load(folder)
