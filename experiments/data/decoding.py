"""Finds a text file's encoding by reading all of it, and rewrites what is not plain UTF-8, never dropping a byte."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from experiments.errors import BadInput, gettext_noop

CHUNK = 4 << 20
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

BROKEN_BYTES = gettext_noop(
    "Line %(line)s of %(file)s holds bytes that are not text: byte %(byte)s of the file (value %(value)s) fits neither "
    "UTF-8 nor GB18030. Open the file where it was made, mend that line, and export it as UTF-8."
)
BROKEN_IN_ENCODING = gettext_noop(
    "Line %(line)s of %(file)s holds a broken character: byte %(byte)s of the file (value %(value)s) does not fit the "
    "rest, which is %(encoding)s. Mend that line, or export the file again as UTF-8."
)
ZERO_BYTES = gettext_noop(
    "Line %(line)s of %(file)s holds zero bytes, from byte %(byte)s on: the file is damaged, or not a text table. "
    "Export it again and upload the new file."
)


@dataclass(frozen=True)
class DecodedText:
    """A UTF-8 text file and what it was before."""

    path: Path
    encoding: str
    has_odd_quotes: bool


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


def decode_text(path: Path, *, name: str, work: Path, encoding: str | None = None) -> DecodedText:
    """Return a UTF-8 file; the original itself where it already is one.

    The order is: byte order mark, strict UTF-8, GB18030 (which contains GBK and GB2312). ``encoding`` forces another.

    Raises
    ------
    BadInput : bytes that are not text; the sentence names byte (counted from 1) and line.
    """
    encoding = encoding or _by_first_bytes(path) or "utf-8"
    reading = _read_strictly(path, encoding)
    if reading.flaw and encoding == "utf-8" and reading.flaw.value != "00":
        encoding, reading = _try_gb18030(path, reading, name)
    if reading.flaw:
        raise _refusal(reading.flaw, encoding, name)
    has_odd_quotes = reading.quotes % 2 == 1
    if encoding in ("utf-8", "utf-8-sig"):
        return DecodedText(path, encoding, has_odd_quotes)
    rewritten = work / "text.csv"
    _rewrite(path, encoding, rewritten)
    return DecodedText(rewritten, encoding, has_odd_quotes)


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
    return None


def _read_strictly(path: Path, encoding: str) -> _Reading:
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
    value = error.object[error.start : error.start + 1].hex().upper()
    return _Flaw(byte=offset + error.start + 1, line=lines + before.count("\n") + 1, value=value)


def _try_gb18030(path: Path, as_utf8: _Reading, name: str) -> tuple[str, _Reading]:
    as_gb = _read_strictly(path, "gb18030")
    if _is_mostly_utf8(path):
        # GB18030 would read a UTF-8 file with one broken character too, as nonsense.
        raise _refusal(as_utf8.flaw, "UTF-8", name)  # type: ignore[arg-type]
    if as_gb.flaw is None:
        return "gb18030", as_gb
    flaw = max((as_utf8.flaw, as_gb.flaw), key=lambda flaw: flaw.byte if flaw else 0)
    raise _refusal(flaw, "", name)  # type: ignore[arg-type]


def _is_mostly_utf8(path: Path) -> bool:
    """Tell whether whole UTF-8 characters outnumber the flaws ten to one."""
    whole = flaws = 0
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    for chunk in _chunks(path):
        text = decoder.decode(chunk, final=not chunk)
        if not text.isascii():
            broken = text.count("\ufffd")
            flaws += broken
            whole += len(text) - len(text.encode("ascii", "ignore")) - broken
    return whole > 10 * flaws


def _refusal(flaw: _Flaw, encoding: str, name: str) -> BadInput:
    params = {"file": name, "line": flaw.line, "byte": flaw.byte}
    if flaw.value == "00":
        return BadInput(ZERO_BYTES, **params)
    if encoding:
        return BadInput(BROKEN_IN_ENCODING, **params, value=flaw.value, encoding=encoding.upper())
    return BadInput(BROKEN_BYTES, **params, value=flaw.value)


def _rewrite(path: Path, encoding: str, target: Path) -> None:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    with target.open("wb") as out:
        for chunk in _chunks(path):
            text = decoder.decode(chunk, final=not chunk)
            out.write(text.encode())
