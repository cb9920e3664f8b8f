"""How customers' reasons came out: who has one, and why the others have none."""

from collections.abc import Mapping
from dataclasses import asdict, astuple, dataclass
from typing import Any, Self

from experiments.errors import gettext_noop

__all__ = ["ReasonCounts"]

# Who has a reason and why the others have none, in one sentence wherever it is told: the numbers add up to all.
ALL_GIVEN = gettext_noop("All %(rows)s customers have a reason.")
SOME_NOTHING = gettext_noop(
    "%(given)s of %(rows)s customers have a reason; for the other %(nothing)s no value raises the probability above "
    "the average."
)
SOME_WITHHELD = gettext_noop(
    "%(given)s of %(rows)s customers have a reason; for the other %(withheld)s only protected columns raise the "
    "probability, and these are never given as a reason."
)
SOME_OF_BOTH = gettext_noop(
    "%(given)s of %(rows)s customers have a reason; for %(nothing)s no value raises the probability above the average, "
    "and for %(withheld)s only protected columns do, which are never given as a reason."
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
    """How customers' reasons came out, in words: ``{message, params}`` of who has one, and of what outweighs them."""

    given: dict[str, Any]
    outweighed: dict[str, Any] | None

    @classmethod
    def of(cls, counts: Mapping[str, int]) -> Self:
        """Tell what ``ReasonCounts.to_dict`` gave.

        Examples
        --------
        >>> told = ReasonsTold.of({"rows": 200, "given": 135, "nothing": 29, "withheld": 36, "masked": 40})
        >>> (told.given["message"] % told.given["params"])[:61]
        '135 of 200 customers have a reason; for 29 no value raises th'
        >>> told.outweighed["params"]["outweighed"]
        '4'
        """
        nothing, withheld = (counts.get(name, 0) for name in ("nothing", "withheld"))
        # Where only protected columns raise the score, one of them also weighs most.
        outweighed = max(counts.get("masked", 0) - withheld, 0)
        params = {name: f"{count:,}" for name, count in {**counts, "outweighed": outweighed}.items()}
        messages = {
            (False, False): ALL_GIVEN, (True, False): SOME_NOTHING, (False, True): SOME_WITHHELD,
            (True, True): SOME_OF_BOTH,
        }  # fmt: skip
        message = messages[nothing > 0, withheld > 0]
        return cls(
            {"message": message, "params": params},
            {"message": OUTWEIGHED, "params": params} if outweighed else None,
        )
