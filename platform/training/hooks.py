"""What is asked here of the apps above: each registers its answers when it is ready."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from experiments.sentence import Sentence

if TYPE_CHECKING:  # imported by every AppConfig, before there are models
    from training.models import Experiment

Keeps = Callable[["Experiment"], Sentence | None]
LetsGo = Callable[["Experiment"], list[str]]
_keeps: dict[str, Keeps] = {}
_lets_go: dict[str, LetsGo] = {}
_without_part: dict[str, tuple[str, ...]] = {}


def register(
    app: str, *, keeps: Keeps | None = None, lets_go: LetsGo | None = None, acts_without_part: Iterable[str] = ()
) -> None:
    """Have an app asked.

    Parameters
    ----------
    keeps : tells why an experiment cannot be deleted, where something of the app rests on it.
    lets_go : stops the app's work on an experiment that is thrown away, and returns the keys of its folders.
    acts_without_part : acts on an experiment by which nobody gets a part in its models.
    """
    if keeps is not None:
        _keeps[app] = keeps
    if lets_go is not None:
        _lets_go[app] = lets_go
    _without_part[app] = tuple(acts_without_part)


def kept(experiment: "Experiment") -> Sentence | None:
    """Return the first reason for which an experiment cannot be deleted."""
    return next((why for keeps in _keeps.values() if (why := keeps(experiment))), None)


def let_go(experiment: "Experiment") -> list[str]:
    """Have every app stop its work on an experiment; return the keys of the folders that go with it."""
    return [key for lets_go in _lets_go.values() for key in lets_go(experiment)]


def acts_without_part() -> list[str]:
    """Return the acts on experiments that do not count as work on their models."""
    return [act for acts in _without_part.values() for act in acts]
