"""How a fit failed, told without a cell of the table: the kind of error, our own frames, the place that raised."""

import re
import traceback
from collections.abc import Collection
from pathlib import Path

OWN = Path(__file__).resolve().parents[2]
# Of a library the last folders of the path say enough; the first are the machine's.
PARTS_OF_A_LIBRARY = 3
HIDDEN = "…"
# The apostrophe of "can't" opens nothing; what is opened and never closed is hidden to the end of its line.
QUOTED = re.compile(r"(?<![A-Za-z]{2})(?P<mark>['\"`])(?P<text>.*?)(?P<end>(?P=mark)(?![A-Za-z])|$)", re.MULTILINE)


def message_of(error: BaseException, *, columns: Collection[str] = ()) -> str:
    """Return the kind of an error and its words; what they quote may be a cell, unless a column is called so."""

    def hide(found: re.Match[str]) -> str:
        text = found["text"]
        return f"{found['mark']}{text if text in columns else HIDDEN}{found['end']}"

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
