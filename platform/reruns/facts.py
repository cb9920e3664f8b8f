"""What a re-run found, read as attributes."""

from dataclasses import dataclass

from experiments.errors import gettext_noop
from experiments.sentence import Sentence
from experiments.stored import Part, Stored


@dataclass(frozen=True)
class Compared(Part):
    """One thing that the models rest on, in the original run and in the re-run; empty where it was not kept."""

    name: str
    before: str = ""
    now: str = ""

    @property
    def differs(self) -> bool:
        return bool(self.before and self.now) and self.before != self.now


@dataclass(frozen=True)
class RerunFacts(Stored):
    """What was compared, and every difference, the likeliest cause first.

    Attributes
    ----------
    grounds : versions of libraries, cores and system. trials, models : how many there were in the original.
    same_trials, same_models : how many of them came out the same. hashes : of each model.
    """

    what = gettext_noop("a re-run")

    grounds: tuple[Compared, ...] = ()
    trials: int = 0
    same_trials: int = 0
    hashes: tuple[Compared, ...] = ()
    differences: tuple[Sentence, ...] = ()

    @property
    def models(self) -> int:
        return sum(bool(each.before) for each in self.hashes)

    @property
    def same_models(self) -> int:
        return sum(bool(each.before) and each.before == each.now for each in self.hashes)
