"""What a run tells about itself while it works: plain events for any listener."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

__all__ = ["BudgetOutlook", "ResultStands", "Said", "Skipped", "StageStarted", "Tick", "TrialFinished"]

STAGES = ("prepare", "first_model", "search", "full_folds", "explain")


@dataclass(frozen=True)
class StageStarted:
    """A named phase began; ``stage`` is one of ``STAGES``.

    Examples
    --------
    >>> StageStarted("search").stage
    'search'
    """

    stage: str


@dataclass(frozen=True)
class Said:
    """A sentence for the log: ``message`` is a translation key with ``%(name)s`` places for ``params``.

    Examples
    --------
    >>> Said("%(count)s rows", {"count": 2}).params["count"]
    2
    """

    message: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TrialFinished:
    """A trial ended, well or badly; see ``experiments.search.trial.TrialRecord`` for the fields.

    Examples
    --------
    >>> from experiments.search.trial import TrialRecord
    >>> TrialFinished(TrialRecord(1, "linear", "flaml", "finished")).trial.learner
    'linear'
    """

    trial: Any


@dataclass(frozen=True)
class Skipped:
    """A learner or a step was left out; ``message`` and ``params`` say why, as in ``Said``.

    Examples
    --------
    >>> Skipped("catboost", "There was no time left.").learner
    'catboost'
    """

    learner: str
    message: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Tick:
    """The run is alive.

    Attributes
    ----------
    elapsed : seconds so far. fraction : of the whole work done, 0 to 1.
    left : seconds it is expected to take from now; None while nothing is known to tell by.

    Examples
    --------
    >>> Tick(elapsed=3.0, fraction=0.25, left=9.0).left
    9.0
    """

    elapsed: float
    fraction: float
    left: float | None = None


@dataclass(frozen=True)
class ResultStands:
    """A run that was asked to finish has a result to use, while the rest of it is still being made.

    Told once the leaderboard stands, and again whenever another of its models is saved, the recommended one first.
    ``result`` is an ``experiments.ExperimentResult``; finalists that are not saved yet have no folder.

    Examples
    --------
    >>> ResultStands(result=None).result is None
    True
    """

    result: Any


@dataclass(frozen=True)
class BudgetOutlook:
    """Whether more time is worth it; told when it changes, see ``experiments.search.outlook``.

    Attributes
    ----------
    necessary_seconds : what the run takes until every family has shown once what it is worth.
    sufficient_seconds : what it takes until no family is expected to get better soon.
    message, params : the verdict, as in ``Said``.

    Examples
    --------
    >>> BudgetOutlook(30.0, 120.0, "More time would help.").sufficient_seconds
    120.0
    """

    necessary_seconds: float
    sufficient_seconds: float
    message: str
    params: dict[str, Any] = field(default_factory=dict)


Event = StageStarted | Said | TrialFinished | Skipped | Tick | BudgetOutlook | ResultStands
OnProgress = Callable[[Event], None]


def ignore(event: Event) -> None:
    """Listen to nothing."""
