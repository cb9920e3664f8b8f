"""What a model is set against on the page on whom to choose: the run's other finalists, and champions of other runs."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from training.models import LeaderboardRow
from training.words import learner_name


@dataclass(frozen=True)
class Rival:
    """A finalist that a model can be set against, by the name it is shown with and the key an address has of it."""

    key: str
    name: str
    row: LeaderboardRow
    is_champion: bool = False


Source = Callable[[LeaderboardRow], Iterable[Rival]]
_sources: dict[str, Source] = {}


def register(name: str, source: Source) -> None:
    """Have finalists of other runs offered beside a run's own; an app does so in ``AppConfig.ready``."""
    _sources[name] = source


def rivals_of(row: LeaderboardRow) -> list[Rival]:
    """Return whom a model can be set against: the recommended model of its run first, champions of others last."""
    own = row.experiment.leaderboard.exclude(pk=row.pk).exclude(model_path="").order_by("-is_recommended", "rank")
    found = [Rival(each.candidate, learner_name(each.candidate), each) for each in own]
    return found + [rival for source in _sources.values() for rival in source(row)]


def rival_asked(row: LeaderboardRow, asked: Mapping[str, str]) -> Rival | None:
    """Return the one that an address names, else the first."""
    rivals = rivals_of(row)
    return next((each for each in rivals if each.key == asked.get("against")), rivals[0] if rivals else None)
