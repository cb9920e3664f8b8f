"""What a run told of itself and its data, as it is kept with the experiment and read by pages, checks and programs."""

from dataclasses import dataclass, field
from typing import Any

from experiments.data.splitting.split import SplitFacts
from experiments.errors import gettext_noop
from experiments.sentence import Sentence
from experiments.stored import Part, Stored, unless_absent


@dataclass(frozen=True)
class TableFacts(Part):
    """The table a run learnt from; ``doubts`` say what its result is without columns the data check asks about."""

    rows: int = 0
    labelled: int = 0
    events: int = 0
    event: str = ""
    event_rate: float | None = None
    features: int = 0
    doubts: Sentence | None = None


@dataclass(frozen=True)
class Told(Part):
    """A sentence with what belongs to it."""

    message: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    also: tuple[Sentence, ...] = unless_absent(())

    @property
    def sentence(self) -> Sentence:
        return Sentence(self.message, self.params, self.also)


@dataclass(frozen=True)
class Outlook(Told):
    """Whether more time is worth it, and the seconds from which it no longer is."""

    necessary: float | None = None
    sufficient: float | None = None


@dataclass(frozen=True)
class LeftOut(Told):
    """An algorithm that a run skipped or dropped, and why."""

    learner: str = ""


@dataclass(frozen=True)
class EndedEarly(Told):
    """What a search that was ended on request had measured, and what it dropped."""

    dropped: tuple[LeftOut, ...] = ()

    @property
    def kept(self) -> int:
        """How many families stand in the result."""
        return int(self.params.get("kept", 0))


@dataclass(frozen=True)
class Standing(Part):
    """How much of a result is there that stands before all of it is made."""

    measured: int = 0
    saved: int = 0


@dataclass(frozen=True)
class Repeated(Part):
    """The run that this one repeats, and the hashes of the models it made."""

    experiment: int
    hashes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RunFacts(Stored):
    """What is kept of a run beside its finalists and trials; what a run has not reached yet is absent."""

    what = gettext_noop("the facts of a run")

    split: SplitFacts = SplitFacts()
    data: TableFacts = TableFacts()
    recommended: str = ""
    seconds: float | None = None
    out_of_time_readings: int = 0
    outlook: Outlook | None = None
    ended_early: EndedEarly | None = None
    skipped: tuple[LeftOut, ...] = ()
    standing: Standing | None = unless_absent()
    repeats: Repeated | None = unless_absent()
    continuations: int | None = unless_absent()
