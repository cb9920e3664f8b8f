"""Previews the first lines of a file with personal data masked, however the file is read.

A wrong encoding, delimiter or header line hides what identifies a column with personal data: its name, or the look of
its values. So the file is also read as it was found to be, as it was read before, and in the likely encodings; what is
personal in one of these readings is personal in all.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from experiments.errors import BadInput
from experiments.ingest.column_names import NAMELESS
from experiments.ingest.preview import Preview, preview_file
from experiments.ingest.reading import ReadingOptions
from experiments.privacy.masking import masked
from experiments.privacy.personal import kind_of
from experiments.privacy.personal_patterns import PersonalKind, is_a_value, is_label
from experiments.privacy.protection import mask_of

# More lines are read than shown, for a column of names is only told from many.
LINES_READ = 200
ENCODINGS = ("utf-8", "gb18030", "big5", "windows-1252")


@dataclass(frozen=True)
class Held:
    """What a column holds of persons; no kind where a person said so and nothing was recognised."""

    kind: PersonalKind | None
    is_within_text: bool = False


@dataclass(frozen=True)
class KnownColumns:
    """What an earlier reading of a file found.

    Attributes
    ----------
    options : how the file was read. names : of all its columns. personal : what some of them hold of persons.
    """

    options: ReadingOptions = field(default_factory=ReadingOptions)
    names: tuple[str, ...] = ()
    personal: Mapping[str, Held] = field(default_factory=dict)

    def places_in(self, names: Sequence[str]) -> dict[int, Held]:
        """Return what is known by the positions in another list of names: by name, else by position.

        Where neither tells, any column may hold it.
        """
        places: dict[int, Held] = {}
        for name, held in self.personal.items():
            if name in names:
                places[names.index(name)] = held
            elif len(names) == len(self.names):
                places[self.names.index(name)] = held
            else:
                return dict.fromkeys(range(len(names)), Held(None))
        return places


@dataclass(frozen=True)
class _Reading:
    """One way of reading the file, and what is personal in it by position."""

    preview: Preview
    personal: Mapping[int, Held]


def masked_preview(
    path: Path,
    *,
    name: str,
    options: ReadingOptions | None = None,
    is_whole: bool = True,
    known: Sequence[KnownColumns] = (),
    lines: int = 20,
) -> Preview | None:
    """Return the first lines of a file as they may be shown, names of columns included; see ``preview_file``.

    Parameters
    ----------
    known : what earlier readings found, which holds for this one too; the most trusted first.

    Raises
    ------
    BadInput : what is here is no table.
    """
    readings = _Readings(path, name, is_whole, known)
    own = readings.of(options or ReadingOptions(), is_wanted=True)
    if own is None:
        return None
    others = list(readings.others(options or ReadingOptions(), own.preview))
    masking = _Masking(own, others, readings.names_known(options or ReadingOptions()))
    rows = tuple(tuple(masking.row(row)[: len(own.preview.names)]) for row in own.preview.rows[:lines])
    return replace(own.preview, names=masking.names(), rows=rows)


class _Readings:
    """The ways one file is read, each once."""

    def __init__(self, path: Path, name: str, is_whole: bool, known: Sequence[KnownColumns]) -> None:
        self.path, self.name, self.is_whole, self.known = path, name, is_whole, known
        self._done: list[tuple[ReadingOptions, _Reading | None]] = []

    def of(self, options: ReadingOptions, *, is_wanted: bool = False) -> _Reading | None:
        """Read the file one way; where it cannot be, that is only said of the way that is wanted."""
        way = _way(options)
        for done, reading in self._done:
            if done == way:
                return reading
        try:
            preview = preview_file(self.path, name=self.name, options=way, is_whole=self.is_whole, lines=LINES_READ)
        except BadInput:
            if is_wanted:
                raise
            preview = None
        reading = None
        if preview is not None:
            reading = _Reading(preview, {**_found(preview), **self._known_of(way, preview)})
        self._done.append((way, reading))
        return reading

    def others(self, options: ReadingOptions, shown: Preview) -> Iterator[_Reading]:
        """Read the file in the ways that may tell what it holds, the most trusted first."""
        found_out = ReadingOptions(limits=options.limits, sheet=options.sheet)
        before = [replace(each.options, sheet=options.sheet) for each in self.known]
        ways = [*before, found_out, replace(options, header_line=None)]
        trusted = [reading for way in ways if (reading := self.of(way))]
        yield from trusted
        if shown.encoding and (not trusted or shown.encoding != trusted[0].preview.encoding):
            likely = (replace(found_out, encoding=encoding, delimiter=options.delimiter) for encoding in ENCODINGS)
            yield from (reading for way in likely if (reading := self.of(way)))

    def names_known(self, options: ReadingOptions) -> tuple[str, ...]:
        """Return the names that columns have had since the file was read this way."""
        return next((each.names for each in self.known if _way(each.options) == _way(options)), ())

    def _known_of(self, way: ReadingOptions, preview: Preview) -> Mapping[int, Held]:
        # Of another sheet of a workbook it holds too: by name, by position, or for every column.
        as_known = [each for each in self.known if _way(replace(each.options, sheet=way.sheet)) == way]
        return {place: held for each in reversed(as_known) for place, held in each.places_in(preview.names).items()}


def _way(options: ReadingOptions) -> ReadingOptions:
    """Return only what decides on the cells; broken characters are shown as such."""
    return ReadingOptions(
        options.encoding,
        options.delimiter,
        "replace",
        limits=options.limits,
        header_line=options.header_line,
        sheet=options.sheet,
    )


def _found(preview: Preview) -> dict[int, Held]:
    found = {}
    for place, name in enumerate(preview.names):
        cells = [row[place].strip() for row in preview.rows if place < len(row) and row[place].strip()]
        held = kind_of(name, pl.Series(cells)) if cells else None
        if held:
            found[place] = Held(*held)
    return found


class _Masking:
    """What to leave of each cell of one reading, given the others."""

    def __init__(self, own: _Reading, others: Sequence[_Reading], names: Sequence[str]) -> None:
        usual = others[0] if others else own
        self.known_names = names if len(names) == len(own.preview.names) else ()
        self.shown, self.usual_header = own.preview, usual.preview.header_line
        alike = [reading for reading in (*others, own) if _are_alike(reading.preview, self.shown)]
        self.personal = {place: held for reading in reversed(alike) for place, held in reading.personal.items()}
        self.is_foreign = any(reading.preview.encoding != self.shown.encoding for reading in others)
        is_uneven = self.is_foreign and any(len(row) != len(self.shown.names) for row in self.shown.rows)
        # Cells that are cut elsewhere cannot be told by their position.
        self.is_cut_elsewhere = any(
            reading.personal and (is_uneven or not _are_alike(reading.preview, self.shown)) for reading in others
        )

    def row(self, cells: Sequence[str]) -> list[str]:
        fits = len(cells) == len(self.shown.names)
        if self.is_cut_elsewhere or (self.personal and not fits):
            return [_beginning(cell) for cell in cells]
        return [self._cell(cell, place) for place, cell in enumerate(cells)]

    def names(self) -> tuple[str, ...]:
        """Return the names of columns; a line that is no line of names is masked as the rows below it are."""
        shown = self.shown
        if shown.file_format == "parquet" or not shown.header_line:
            return tuple(map(masked, shown.names))
        if shown.header_line == self.usual_header:
            return tuple(self._name(name, place) for place, name in enumerate(shown.names))
        return tuple(
            masked(name) if is_label(name) or NAMELESS.fullmatch(name) else cell
            for name, cell in zip(shown.names, self.row(shown.names), strict=True)
        )

    def _name(self, name: str, place: int) -> str:
        held = self.personal.get(place)
        if held and self.known_names:
            return self.known_names[place]
        return self._cell(name, place) if held and is_a_value(name, held.kind) else masked(name)

    def _cell(self, cell: str, place: int) -> str:
        held = self.personal.get(place)
        if held is None or not cell:
            return masked(cell)
        if self.is_foreign:
            return _beginning(masked(cell))
        return masked(mask_of(cell, held.kind, is_within_text=held.is_within_text))


def _are_alike(one: Preview, other: Preview) -> bool:
    """Return whether two readings cut a row into the same cells."""
    return one.delimiter == other.delimiter and len(one.names) == len(other.names)


def _beginning(cell: str) -> str:
    """Return enough of a cell to see whether it is read rightly."""
    return cell if len(cell) < 2 else f"{cell[:1]}…"
