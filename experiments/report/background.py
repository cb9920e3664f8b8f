"""What a report tells beyond a model's own folder: what the bank has on record of it, handed over by who asks."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from experiments.comparison.evidence import Swap
from experiments.scoring.sensitivity import StressRow
from experiments.strategy.stakes import Stakes

__all__ = ["Background", "ColumnOnRecord", "ReRun", "SignOff", "Source", "Step", "Swapped"]


@dataclass(frozen=True)
class Source:
    """A dataset version that was learnt from, or one of the files and tables it was made of.

    Examples
    --------
    >>> Source("Loans", "v2", rows=1000).rows
    1000
    """

    name: str
    version: str = ""
    rows: int | None = None
    columns: int | None = None
    made: str = ""
    made_on: str = ""
    sha256: str = ""


@dataclass(frozen=True)
class Step:
    """A step of the sample's waterfall: what was left out, and what remained.

    Examples
    --------
    >>> Step("All rows", rows=1000, events=300).events
    300
    """

    name: str
    rows: int
    events: int | None = None


@dataclass(frozen=True)
class ColumnOnRecord:
    """What dictionary, profile and data check know of a column; ``verdict`` is why it was left out, or that it was not.

    Examples
    --------
    >>> ColumnOnRecord("age", type="Number").type
    'Number'
    """

    name: str
    label: str = ""
    meaning: str = ""
    type: str = ""
    role: str = ""
    missing: float | None = None
    information_value: float | None = None
    single_auc: float | None = None
    verdict: str = ""


@dataclass(frozen=True)
class SignOff:
    """Who had a part in the model, in which role, what they decided and said.

    Examples
    --------
    >>> SignOff("Author", "Lin", "asked for approval", "2026-05-01").person
    'Lin'
    """

    role: str
    person: str
    decision: str = ""
    on: str = ""
    comment: str = ""


@dataclass(frozen=True)
class ReRun:
    """A run that was made again exactly: by whom, when, on which machine, and what came of it in a sentence.

    Examples
    --------
    >>> ReRun("Lin", "2026-05-01", "server-2", "Same result.", is_independent=True).is_independent
    True
    """

    person: str
    on: str
    machine: str
    told: str
    is_independent: bool


@dataclass(frozen=True)
class Swapped:
    """A comparison with the champion on the same rows: the champion's name, what was found, and measures of both.

    ``measures`` holds name, this model's value, the champion's, and the difference with the ends of its interval.
    ``swap`` is who changes sides on these ``rows``, the champion being the first; ``amount`` the column of its amounts.

    Examples
    --------
    >>> Swapped("Loans v1", ("No significant difference.",)).champion
    'Loans v1'
    """

    champion: str
    told: Sequence[str] = ()
    measures: Sequence[tuple[str, float | None, float | None, float | None, float | None, float | None]] = ()
    swap: Swap | None = None
    rows: int = 0
    amount: str = ""


@dataclass(frozen=True)
class Background:
    """All that a platform knows of a model; whatever is empty is told as not on record.

    Parameters
    ----------
    name : of the model, such as a version of the registry. purpose, limits_of_use, expires_on : as approved.
    sample : sentences on which customers were chosen, in the report's language. waterfall : the steps of it.
    reruns : of the run, newest first. stressed : what missing sources and noise did to the model on unseen rows.
    checked : name of a check, its state and its sentence. why_no_swap : why there is no comparison with a champion.
    stakes : money per customer chosen, where it was given.
    unshown : columns of which no customer's value is told. secret : columns of which no values are told at all.
    made_on : date of the report; today where it is not given.

    Examples
    --------
    >>> Background(purpose="Cards").purpose
    'Cards'
    """

    name: str = ""
    purpose: str = ""
    limits_of_use: str = ""
    expires_on: str = ""
    sample: Sequence[str] = ()
    waterfall: Sequence[Step] = ()
    sources: Sequence[Source] = ()
    columns: Sequence[ColumnOnRecord] = ()
    checked: Sequence[tuple[str, str, str]] = ()
    sign_offs: Sequence[SignOff] = ()
    reruns: Sequence[ReRun] = ()
    stressed: Sequence[StressRow] = ()
    swapped: Swapped | None = None
    why_no_swap: str = ""
    stakes: Stakes | None = None
    unshown: Collection[str] = ()
    secret: Collection[str] = ()
    made_on: date | None = None
