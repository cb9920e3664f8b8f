"""Keeps of the parts of an .xlsx, while they are checked, which sheets there are and where their cells lie."""

import html
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from experiments.ingest.sheet_extent import SheetExtent, between_cells

# The table of contents of a workbook is short; more of it is not looked at.
LONGEST_CONTENTS = 4 << 20


@dataclass
class Contents:
    """What is kept of the parts of a workbook while they are checked."""

    parts: dict[str, SheetExtent] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    targets: dict[str, str] = field(default_factory=dict)

    def see(self, part: str, pieces: Iterator[bytes]) -> None:
        """Look over one part; every piece of it is taken."""
        if part == "xl/workbook.xml":
            self.names = dict(_attributes_of(b"sheet", _beginning(pieces), "name", "id"))
        elif part == "xl/_rels/workbook.xml.rels":
            self.targets = dict(_attributes_of(b"Relationship", _beginning(pieces), "Id", "Target"))
        elif part.startswith("xl/") and "sheet" in part and part.endswith(".xml"):
            extent = self.parts.setdefault(part, SheetExtent())
            for piece in between_cells(pieces):
                extent.add(piece)
        else:
            for _ in pieces:
                pass

    def part_of(self, sheet: str) -> str:
        """Return where in the archive a sheet is."""
        target = self.targets.get(self.names.get(sheet, ""), "")
        return target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))

    def extents(self) -> dict[str, SheetExtent]:
        """Return the extents by the names of the sheets."""
        return {name: self.parts[part] for name in self.names if (part := self.part_of(name)) in self.parts}


def _beginning(pieces: Iterator[bytes]) -> bytes:
    read = b""
    for piece in pieces:
        if len(read) < LONGEST_CONTENTS:
            read += piece
    return read


def _attributes_of(tag: bytes, xml: bytes, key: str, value: str) -> Iterator[tuple[str, str]]:
    """Yield two attributes of every such element, prefixes left out."""
    for element in re.findall(rb"<(?:\w+:)?" + tag + rb"\s([^>]*)>", xml):
        found = {
            name.decode().rpartition(":")[2]: html.unescape(text.decode("utf-8", "replace"))
            for name, text in (
                (name, double or single)
                for name, double, single in re.findall(rb"([\w:]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", element)
            )
        }
        if key in found and value in found:
            yield found[key], found[value]
