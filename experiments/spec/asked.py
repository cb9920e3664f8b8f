"""How each thing of a question is asked for: its range, words and default, for pages, programs and commands alike."""

import math
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass, replace
from typing import Any

from experiments.errors import gettext_noop

__all__ = ["Asked", "Range"]

WHOLE_NUMBER = gettext_noop("Enter a whole number from %(least)s to %(most)s, for example %(example)s.")
ANY_NUMBER = gettext_noop("Enter a number from %(least)s to %(most)s, for example %(example)s.")
WHOLE_OR_NOTHING = gettext_noop(
    "Enter a whole number from %(least)s to %(most)s, for example %(example)s, or leave it empty for no limit."
)
NUMBER_OR_NOTHING = gettext_noop(
    "Enter a number from %(least)s to %(most)s, for example %(example)s, or leave it empty for no limit."
)


@dataclass(frozen=True)
class Range:
    """The numbers that may be asked for.

    Examples
    --------
    >>> 5 in Range(2, 20, 5, is_whole=True), 5.5 in Range(2, 20, 5, is_whole=True)
    (True, False)
    """

    least: float
    most: float
    example: float
    is_whole: bool = False
    may_be_empty: bool = False

    def __contains__(self, value: object) -> bool:
        if value is None:
            return self.may_be_empty
        if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
            return False
        return self.least <= value <= self.most and (not self.is_whole or float(value).is_integer())

    @property
    def ends(self) -> tuple[float, float]:
        """The least and the most, as whole numbers where only these may be asked for."""
        return (int(self.least), int(self.most)) if self.is_whole else (self.least, self.most)

    @property
    def in_percent(self) -> "Range":
        """The same range, asked for in percent."""
        return Range(100 * self.least, 100 * self.most, 100 * self.example, may_be_empty=self.may_be_empty)

    @property
    def rule(self) -> dict[str, Any]:
        """Return the sentence that says what may be entered, as ``{"message", "params"}``."""
        messages = {
            (True, False): WHOLE_NUMBER, (False, False): ANY_NUMBER, (True, True): WHOLE_OR_NOTHING,
            (False, True): NUMBER_OR_NOTHING,
        }  # fmt: skip
        numbers = {"least": spelled(self.least), "most": spelled(self.most), "example": spelled(self.example)}
        return {"message": messages[self.is_whole, self.may_be_empty], "params": numbers}


@dataclass(frozen=True)
class Asked:
    """One thing that is asked of a run.

    Attributes
    ----------
    name : of the field. part : of the spec that holds it, such as ``budget``; empty for the spec itself.
    label, help : for whoever is asked, in English; the platform translates them.
    default : what is asked where nobody says anything, as a spec has it.
    numbers : which may be asked for, or ``choices`` : names, of which one.
    most_letters : of a text; 0 for one that names something of the table.
    said : what a limit is called within a sentence.

    Examples
    --------
    >>> Asked("folds", "validation", "Folds", "", 5, Range(2, 20, 5, is_whole=True)).told
    'Folds'
    """

    name: str
    part: str
    label: str
    help: str
    default: Any
    numbers: Range | None = None
    choices: tuple[str, ...] = ()
    most_letters: int = 0
    said: str = ""

    @property
    def told(self) -> str:
        """What a program or a command is told of it, which shows no label beside."""
        return f"{self.label}. {self.help}" if self.help else self.label

    @property
    def rule(self) -> dict[str, Any]:
        """Return the sentence that says which numbers may be entered, as ``{"message", "params"}``."""
        assert self.numbers is not None
        # Only of a limit does an empty field mean that there is none.
        return (self.numbers if self.part == "limits" else replace(self.numbers, may_be_empty=False)).rule


def asked(
    *,
    label: str,
    help: str = "",
    numbers: Range | None = None,
    choices: tuple[str, ...] = (),
    most_letters: int = 0,
    said: str = "",
) -> dict[str, Any]:
    """Return what a field of a spec says of how it is asked for; see ``Asked``."""
    return {
        "label": label, "help": help, "numbers": numbers, "choices": choices, "most_letters": most_letters,
        "said": said,
    }  # fmt: skip


def things_asked(spec: type, part: str = "", default: Any = None) -> dict[str, Asked]:
    """Return everything that a spec asks for, by name, the parts of its parts among them."""
    found: dict[str, Asked] = {}
    for one in fields(spec):
        value = getattr(default, one.name) if default is not None else _default_of(one)
        if is_dataclass(value):
            found |= things_asked(type(value), one.name, value)
        else:
            words: Mapping[str, Any] = one.metadata
            found[one.name] = Asked(name=one.name, part=part, default=value, **words)
    return found


def spelled(value: Any) -> str:
    """Return a value as a sentence shows it."""
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.10g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _default_of(one: Any) -> Any:
    if one.default_factory is not MISSING:
        return one.default_factory()
    return None if one.default is MISSING else one.default
