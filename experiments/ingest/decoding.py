"""Finds a text file's encoding by reading all of it, and rewrites what is not plain UTF-8, never dropping a byte."""

import codecs
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from experiments.data.reading_notes import Note
from experiments.errors import BadInput, gettext_noop
from experiments.paths import AnyPath

__all__ = ["EncodingChoice", "encoding_choices"]

CHUNK = 4 << 20
WORKERS = 2
# Bytes of a character in UTF-8 after its first.
LONGEST_REST = 3
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

# What a person may choose where the file does not say; the last reads any bytes at all.
ENCODINGS = (
    *("utf-8", "utf-8-sig", "gb18030", "big5", "utf-16", "utf-16-le", "utf-16-be", "utf-32"),
    *("windows-1252", "iso-8859-15", "latin-1"),
)
OnBrokenBytes = Literal["refuse", "replace"]
SAMPLE_LINES = 3
ENOUGH_CHARACTERS = 200_000
LONGEST_SAMPLE = 120
COMMON_SHARE = 0.8

BROKEN_BYTES = gettext_noop(
    "Line %(line)s of %(file)s contains bytes that are not text: byte %(byte)s of the file (value %(value)s) fits "
    "neither UTF-8 nor GB18030. Correct that line in the source system and export the file as UTF-8."
)
BROKEN_IN_ENCODING = gettext_noop(
    "Line %(line)s of %(file)s contains a broken character: byte %(byte)s of the file (value %(value)s) does not "
    "fit the rest, which is %(encoding)s. Correct that line, or export the file again as UTF-8."
)
ZERO_BYTES = gettext_noop(
    "Line %(line)s of %(file)s contains zero bytes from byte %(byte)s on: the file is damaged or not a text table. "
    "Export it again and upload the new file."
)


TWO_ENCODINGS = gettext_noop(
    "The file %(file)s is not UTF-8, and can be read both as GB18030 (Chinese) and as Windows-1252 (Western "
    "European). Choose the one that shows the names correctly; line %(line)s is the first that differs."
)
NO_MARK = gettext_noop(
    "The file %(file)s is not %(encoding)s: it lacks the mark that such a file begins with. Choose another "
    "encoding, or let it be detected."
)
UNKNOWN_ENCODING = gettext_noop("%(encoding)s is not a known encoding. Choose one of %(known)s.")
REPLACED = gettext_noop(
    "%(count)s broken characters were replaced by �, as chosen. The first is in line %(line)s, at byte %(byte)s of "
    "%(file)s, which was read as %(encoding)s."
)


class BrokenText(BadInput):
    """Bytes that are not text, with the choices there are besides repairing the file.

    ``choices`` holds JSON-ready ``{"encoding", "on_broken_bytes", "broken", "sample"}``, the most likely first:
    arguments for another try, how many characters each would replace, and the first lines that differ in it.
    """

    def __init__(self, message: str, choices: list[dict[str, Any]], **params: Any) -> None:
        super().__init__(message, **params)
        self.choices = choices


@dataclass(frozen=True)
class DecodedText:
    """A UTF-8 text file and what it was before."""

    path: Path
    encoding: str
    has_odd_quotes: bool
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class EncodingChoice:
    """What a file would be in one encoding.

    Attributes
    ----------
    broken : characters that would be replaced. sample : the first lines that are not plain ASCII, as they would read.

    Examples
    --------
    >>> EncodingChoice("gb18030", "refuse", 0, ("城市",)).broken
    0
    """

    encoding: str
    on_broken_bytes: OnBrokenBytes
    broken: int
    sample: tuple[str, ...]


@dataclass(frozen=True)
class _Flaw:
    byte: int
    line: int
    value: str


@dataclass(frozen=True)
class _Reading:
    """What one strict pass over the file saw."""

    flaw: _Flaw | None
    lines: int = 0
    quotes: int = 0


def decode_text(
    path: Path,
    *,
    name: str,
    work: Path,
    encoding: str | None = None,
    on_broken_bytes: OnBrokenBytes = "refuse",
) -> DecodedText:
    """Return a UTF-8 file; the original itself where it already is one.

    The order is: byte order mark, strict UTF-8, GB18030 (which contains GBK and GB2312).

    Parameters
    ----------
    encoding : one of ``ENCODINGS``, to overrule what is found.
    on_broken_bytes : "replace" puts � for what is no character of the encoding, and says how often.

    Raises
    ------
    BrokenText : bytes that are not text; the sentence names byte (counted from 1) and line.
    BadInput : an encoding that is not known.
    """
    given = _chosen(path, encoding, name) if encoding else _by_first_bytes(path)
    used = given or "utf-8"
    quotes = _quotes_of_utf8(path) if used in ("utf-8", "utf-8-sig") else None
    if quotes is not None:
        return DecodedText(path, used, quotes % 2 == 1)
    rewritten = work / "text.csv"
    reading = _read_strictly(path, used) if used in ("utf-8", "utf-8-sig") else _rewrite(path, used, rewritten)
    if given is None and reading.flaw and reading.flaw.value != "00":
        used, reading = _try_others(path, reading, name, on_broken_bytes, rewritten)
    if reading.flaw:
        if on_broken_bytes == "refuse":
            raise _refusal(path, reading.flaw, used, name)
        return _replaced(path, reading.flaw, used, name, rewritten)
    has_odd_quotes = reading.quotes % 2 == 1
    if used in ("utf-8", "utf-8-sig"):
        return DecodedText(path, used, has_odd_quotes)
    return DecodedText(rewritten, used, has_odd_quotes)


def encoding_choices(path: AnyPath) -> list[EncodingChoice]:
    r"""Return how a text file would read in each likely encoding, that with the fewest broken characters first.

    Windows-1252 and Latin-1 read nearly any bytes, so they come after what fits as well.

    Parameters
    ----------
    path : of the file.

    Returns
    -------
    list of EncodingChoice

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.csv"
    >>> _ = path.write_bytes("城市,年龄\n杭州,30\n".encode("gb18030"))
    >>> encoding_choices(path)[0].encoding
    'gb18030'
    """
    path = Path(path)
    likely = ("utf-8", "gb18030", "big5", "windows-1252", "latin-1")
    choices = [_choice(path, encoding) for encoding in likely]
    return sorted((choice for choice in choices if choice), key=lambda choice: choice.broken)


def _choice(path: Path, encoding: str) -> EncodingChoice | None:
    broken = 0
    sample: list[str] = []
    for text in _replacing(path, encoding):
        broken += text.count("\ufffd") + text.count("\0")
        if len(sample) < SAMPLE_LINES:
            lines = (line for line in text.splitlines() if not line.isascii())
            sample += [line[:LONGEST_SAMPLE] for line, _ in zip(lines, range(SAMPLE_LINES), strict=False)]
    return EncodingChoice(encoding, "replace" if broken else "refuse", broken, tuple(sample[:SAMPLE_LINES]))


def _chosen(path: Path, encoding: str, name: str) -> str:
    """Return the encoding a person chose; UTF-16 and UTF-32 need a byte order mark or a recognisable order."""
    known = _known(encoding)
    if known in ("utf-16", "utf-32"):
        found = _by_first_bytes(path) or ""
        if not found.startswith(known):
            raise BadInput(NO_MARK, file=name, encoding=known.upper())
        return found
    return known


def _known(encoding: str) -> str:
    try:
        wanted = codecs.lookup(encoding).name
    except (LookupError, ValueError):
        wanted = ""
    for known in ENCODINGS:
        if codecs.lookup(known).name in (wanted, {"gbk": "gb18030", "gb2312": "gb18030"}.get(wanted)):
            return known
    raise BadInput(UNKNOWN_ENCODING, encoding=encoding, known=", ".join(ENCODINGS))


def _by_first_bytes(path: Path) -> str | None:
    with path.open("rb") as stream:
        head = stream.read(4096)
    for mark, encoding in BOMS:
        if head.startswith(mark):
            return encoding
    # UTF-16 without a mark: half of the bytes of Latin letters and digits are zero, always the same half.
    half = max(1, len(head) // 2)
    if head[1::2].count(0) > 0.4 * half and head[::2].count(0) < 0.05 * half:
        return "utf-16-le"
    if head[::2].count(0) > 0.4 * half and head[1::2].count(0) < 0.05 * half:
        return "utf-16-be"
    return _wide_without_mark(head)


def _wide_without_mark(head: bytes) -> str | None:
    """Recognise UTF-16 of Chinese text: its few zero bytes are the upper halves of delimiters and line ends."""
    head = head[: len(head) // 2 * 2]
    for encoding, upper in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        is_upper = upper.count(0) >= 2 and upper.count(0) >= 0.9 * head.count(0)
        if is_upper and _reads_as_chinese(head.decode(encoding, "ignore")):
            return encoding
    return None


def _reads_as_chinese(text: str) -> bool:
    beyond = [character for character in text if not character.isascii()]
    known = len("".join(beyond).encode("gb2312", "ignore")) // 2
    return bool(beyond) and known >= COMMON_SHARE * len(beyond) and "\n" in text


def _quotes_of_utf8(path: Path) -> int | None:
    """Return the number of quote marks of a flawless UTF-8 file, or ``None``; many times faster than decoding it."""
    starts = range(0, path.stat().st_size, CHUNK)
    total = 0
    with ThreadPoolExecutor(WORKERS) as pool:
        for quotes in pool.map(lambda start: _quotes_within(path, start), starts):
            if quotes is None:
                pool.shutdown(wait=False, cancel_futures=True)
                return None
            total += quotes
    return total


def _quotes_within(path: Path, start: int) -> int | None:
    """Count the quote marks of the characters that begin in one chunk, or return ``None`` where one is no UTF-8."""
    with path.open("rb") as stream:
        stream.seek(start)
        chunk = stream.read(CHUNK + LONGEST_REST)
    begin, end = 0, min(CHUNK, len(chunk))
    # A character cut by the end of a chunk is checked with that chunk.
    while start and begin < min(LONGEST_REST, end) and chunk[begin] & 0xC0 == 0x80:
        begin += 1
    while end < len(chunk) and chunk[end] & 0xC0 == 0x80:
        end += 1
    if b"\0" in chunk or not _is_utf8(memoryview(chunk)[begin:end]):
        return None
    return chunk.count(b'"', begin, end)


def _is_utf8(text: memoryview) -> bool:
    ends = pa.py_buffer(np.array([0, len(text)], dtype=np.int32))
    try:
        pa.StringArray.from_buffers(1, ends, pa.py_buffer(text)).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _rewrite(path: Path, encoding: str, target: Path) -> _Reading:
    """Read strictly and write what was read as UTF-8, up to the first flaw."""
    with target.open("wb") as out:
        return _read_strictly(path, encoding, lambda text: out.write(text.encode()))


def _read_strictly(path: Path, encoding: str, on_text: Callable[[str], object] = lambda text: None) -> _Reading:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    done = lines = quotes = 0
    for chunk in _chunks(path):
        pending = len(decoder.getstate()[0])
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            return _Reading(_flaw_at(done - pending, lines, error, encoding), lines)
        if "\0" in text:
            line = lines + text.count("\n", 0, text.index("\0")) + 1
            at = done - pending + len(text[: text.index("\0")].encode(encoding.removesuffix("-sig")))
            return _Reading(_Flaw(at + 1, line, "00"), lines)
        lines += text.count("\n")
        quotes += text.count('"')
        done += len(chunk)
        on_text(text)
    return _Reading(None, lines, quotes)


def _chunks(path: Path) -> Iterator[bytes]:
    """Yield the file in pieces, none of which ends between \\r and \\n, and an empty one at the end."""
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            # The zero belongs to the \r of UTF-16; pieces stay whole characters there, for CHUNK is even.
            if chunk[-1:] in (b"\r", b"\0"):
                chunk += stream.read(3)
            yield chunk
    yield b""


def _flaw_at(offset: int, lines: int, error: UnicodeDecodeError, encoding: str) -> _Flaw:
    before = error.object[: error.start].decode(encoding.removesuffix("-sig"), "replace")
    unit = 2 if encoding.startswith("utf-16") else 1
    value = error.object[error.start : error.start + unit].hex().upper()
    return _Flaw(byte=offset + error.start + 1, line=lines + before.count("\n") + 1, value=value)


def _try_others(
    path: Path, as_utf8: _Reading, name: str, on_broken_bytes: OnBrokenBytes, rewritten: Path
) -> tuple[str, _Reading]:
    if _is_mostly_utf8(path):
        # GB18030 would read a UTF-8 file with one broken character too, as nonsense.
        return "utf-8", as_utf8
    as_gb = _rewrite(path, "gb18030", rewritten)
    if as_gb.flaw is None:
        if not _looks_chinese(path):
            choices = [_choice(path, encoding) for encoding in ("windows-1252", "gb18030")]
            raise BrokenText(TWO_ENCODINGS, _plain(choices), file=name, line=as_utf8.flaw.line if as_utf8.flaw else 1)
        return "gb18030", as_gb
    if on_broken_bytes == "replace" and not _looks_chinese(path):
        return "utf-8", as_utf8
    if on_broken_bytes == "replace":
        return "gb18030", as_gb
    flaw = max((as_utf8.flaw, as_gb.flaw), key=lambda flaw: flaw.byte if flaw else 0)
    raise _refusal(path, flaw, "", name)  # type: ignore[arg-type]


def _looks_chinese(path: Path) -> bool:
    """Return whether at least half of what GB18030 makes of the bytes are common Chinese characters and signs.

    An accented letter of Windows-1252 followed by a plain one is a rare Chinese character in GB18030.
    """
    common = others = 0
    for text in _replacing(path, "gb18030"):
        if text.isascii():
            continue
        beyond = [character for character in text[:CHUNK] if ord(character) > 127]
        known = len("".join(beyond).encode("gb2312", "ignore")) // 2
        common += known
        others += len(beyond) - known
        if common + others > ENOUGH_CHARACTERS:
            break
    return common >= others


def _is_mostly_utf8(path: Path) -> bool:
    """Return whether whole UTF-8 characters outnumber the flaws ten to one."""
    whole = flaws = 0
    size = path.stat().st_size
    for number, text in enumerate(_replacing(path, "utf-8")):
        if not text.isascii():
            broken = text.count("\ufffd")
            flaws += broken
            whole += len(text) - len(text.encode("ascii", "ignore")) - broken
        # At two bytes a character or more, the rest cannot make up for so many flaws.
        if whole + max(0, size - number * CHUNK) / 2 < 10 * flaws:
            return False
    return whole > 10 * flaws


def _refusal(path: Path, flaw: _Flaw, encoding: str, name: str) -> BrokenText:
    params = {"file": name, "line": flaw.line, "byte": flaw.byte}
    if flaw.value == "00":
        return BrokenText(ZERO_BYTES, _plain([_choice(path, encoding or "utf-8")]), **params)
    choices = _plain(encoding_choices(path))
    if encoding and all(choice["encoding"] != encoding for choice in choices):
        choices = [*_plain([_choice(path, encoding)]), *choices]
    if encoding:
        return BrokenText(BROKEN_IN_ENCODING, choices, **params, value=flaw.value, encoding=encoding.upper())
    return BrokenText(BROKEN_BYTES, choices, **params, value=flaw.value)


def _plain(choices: Iterable[EncodingChoice | None]) -> list[dict[str, Any]]:
    return [{**asdict(choice), "sample": list(choice.sample)} for choice in choices if choice]


def _replaced(path: Path, flaw: _Flaw, encoding: str, name: str, target: Path) -> DecodedText:
    """Write the file anew with � for what is no character, and note how often."""
    broken = quotes = 0
    with target.open("wb") as out:
        for text in _replacing(path, encoding):
            mended = text.replace("\0", "\ufffd")
            broken += mended.count("\ufffd")
            quotes += mended.count('"')
            out.write(mended.encode())
    params = {"count": broken, "line": flaw.line, "byte": flaw.byte, "file": name, "encoding": encoding.upper()}
    return DecodedText(target, encoding, quotes % 2 == 1, (Note(REPLACED, params, "warning"),))


def _replacing(path: Path, encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    for chunk in _chunks(path):
        yield decoder.decode(chunk, final=not chunk)
