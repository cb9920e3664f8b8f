"""How customers' reasons came out: who has one, and why the others have none."""

from dataclasses import asdict, astuple, dataclass
from typing import Self

from experiments.errors import gettext_noop
from experiments.sentence import Sentence

__all__ = ["ReasonCounts"]

# Who has a reason and why the others have none, in one sentence wherever it is told: the numbers add up to all.
ALL_GIVEN = gettext_noop("All %(rows)s customers have a reason.")
SOME_NOTHING = gettext_noop(
    "%(given)s of %(rows)s customers have a reason; for the other %(nothing)s no value raises the probability above "
    "that of the customers they are compared with."
)
SOME_WITHHELD = gettext_noop(
    "%(given)s of %(rows)s customers have a reason; for the other %(withheld)s only protected columns raise the "
    "probability, and these are never given as a reason."
)
SOME_OF_BOTH = gettext_noop(
    "%(given)s of %(rows)s customers have a reason; for %(nothing)s no value raises the probability above that of the "
    "customers they are compared with, and for %(withheld)s only protected columns do, which are never given as a "
    "reason."
)
OUTWEIGHED = gettext_noop(
    "For %(outweighed)s of the %(given)s with a reason a protected column weighs more; the reasons are those that "
    "come after it."
)


@dataclass(frozen=True)
class ReasonCounts:
    """How customers' reasons came out.

    Attributes
    ----------
    rows : customers. nothing : for whom no value raises the margin.
    withheld : for whom only protected columns do. masked : for whom a protected column weighs most.

    Examples
    --------
    >>> ReasonCounts(rows=3, nothing=1).plus(ReasonCounts(rows=2)).rows
    5
    """

    rows: int = 0
    nothing: int = 0
    withheld: int = 0
    masked: int = 0

    @property
    def given(self) -> int:
        """Customers with a reason."""
        return self.rows - self.nothing - self.withheld

    def to_dict(self) -> dict[str, int]:
        """Return the counts as JSON-ready plain data."""
        return {"given": self.given, **asdict(self)}

    def plus(self, other: "ReasonCounts") -> "ReasonCounts":
        """Return the counts of both."""
        return ReasonCounts(*(one + more for one, more in zip(astuple(self), astuple(other), strict=True)))


@dataclass(frozen=True)
class ReasonsTold:
    """How customers' reasons came out, in words: who has one, and what outweighs them."""

    given: Sentence
    outweighed: Sentence | None

    @classmethod
    def of(cls, counts: ReasonCounts) -> Self:
        """Tell the counts.

        Examples
        --------
        >>> told = ReasonsTold.of(ReasonCounts(rows=200, nothing=29, withheld=36, masked=40))
        >>> str(told.given)[:61]
        '135 of 200 customers have a reason; for 29 no value raises th'
        >>> told.outweighed.params["outweighed"]
        '4'
        """
        nothing, withheld = counts.nothing, counts.withheld
        # Of whom only a protected column speaks, of them it also weighs most.
        outweighed = max(counts.masked - withheld, 0)
        params = {name: f"{count:,}" for name, count in {**counts.to_dict(), "outweighed": outweighed}.items()}
        messages = {
            (False, False): ALL_GIVEN, (True, False): SOME_NOTHING, (False, True): SOME_WITHHELD,
            (True, True): SOME_OF_BOTH,
        }  # fmt: skip
        message = messages[nothing > 0, withheld > 0]
        return cls(
            Sentence(message, params),
            Sentence(OUTWEIGHED, params) if outweighed else None,
        )
