"""How a fit failed, told without a cell of the table: the kind of error, our own frames, the place that raised."""

import re
import traceback
from collections.abc import Collection
from pathlib import Path

OWN = Path(__file__).resolve().parents[2]
# Of a library the last folders of the path say enough; the first are the machine's.
PARTS_OF_A_LIBRARY = 3
HIDDEN = "…"
# From a mark that opens to its like that closes, or to the end where none does. An apostrophe within a word is no mark:
# of "can't read 'Wang'" and of "O'Brien" all that is quoted is hidden.
QUOTED = re.compile(
    r"(?<![A-Za-z0-9])(?P<kind>[bru]{0,2})(?P<mark>['\"`])(?P<text>.*?)(?P<end>(?P=mark)(?![A-Za-z0-9])|\Z)",
    re.DOTALL,
)


def message_of(error: BaseException, *, columns: Collection[str] = ()) -> str:
    """Return the kind of an error and its words; what they quote may be a cell, unless a column is called so."""

    def hide(found: re.Match[str]) -> str:
        mark, text = found["mark"], found["text"]
        return f"{found['kind']}{mark}{text if text in columns else HIDDEN}{mark}"

    words = QUOTED.sub(hide, str(error))
    return f"{type(error).__name__}: {words}".rstrip(": ")


def frames_of(error: BaseException) -> str:
    """Return the lines of our own code an error came through, and where it was raised; never what variables held."""
    found = traceback.extract_tb(error.__traceback__)
    own = [_line(frame) for frame in found if _is_own(frame)]
    if found and not _is_own(found[-1]):
        last = found[-1]
        own.append(f"{'/'.join(Path(last.filename).parts[-PARTS_OF_A_LIBRARY:])}:{last.lineno}, in {last.name}")
    return "\n".join(own)


def _is_own(frame: traceback.FrameSummary) -> bool:
    return Path(frame.filename).is_relative_to(OWN / "experiments")


def _line(frame: traceback.FrameSummary) -> str:
    place = Path(frame.filename).relative_to(OWN).as_posix()
    return f"{place}:{frame.lineno}, in {frame.name}: {frame.line}"
