"""How the bins of a saved card did on rows that it did not learn from."""

from dataclasses import dataclass

from experiments.errors import gettext_noop
from experiments.stored import Part, Stored


@dataclass(frozen=True)
class BinSeen(Part):
    """What one bin of a card as saved holds of training rows and of the rows set aside."""

    rows: int
    event_rate: float | None
    unseen_rows: int
    unseen_rate: float | None


@dataclass(frozen=True)
class CardSeen(Stored):
    """The event rates of a saved card on rows that it did not learn from, by column and bin.

    Attributes
    ----------
    sample : ``held_out`` or ``out_of_time``. unseen_iv : information value of each column there.
    """

    what = gettext_noop("event rates of a scorecard")

    sample: str
    columns: dict[str, tuple[BinSeen, ...]]
    unseen_iv: dict[str, float]
