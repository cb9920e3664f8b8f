"""Draws a join as boxes with lines: where each box stands and how each line runs."""

from collections.abc import Mapping
from dataclasses import dataclass

from catalog.models import DatasetVersion
from experiments.joins import JoinedTable, JoinSpec

BOX_WIDTH, BOX_HEIGHT = 226, 64
GAP_X, GAP_Y = 150, 20
MARGIN = 6
LONGEST_WORDS = 24
LONGEST_KEY = 21


@dataclass(frozen=True)
class Box:
    """A table."""

    name: str
    x: int
    y: int
    rows: int
    time: str
    relation: str
    anchor: str

    @property
    def title(self) -> str:
        return shortened(self.name, LONGEST_WORDS)

    @property
    def text_x(self) -> int:
        return self.x + 12

    @property
    def first_line(self) -> int:
        return self.y + 25

    @property
    def second_line(self) -> int:
        return self.y + 46


@dataclass(frozen=True)
class Line:
    """A key: from the right side of the parent's box to the left side of the child's."""

    path: str
    words: str
    x: int
    y: int
    is_many: bool


@dataclass(frozen=True)
class Diagram:
    """All boxes and lines, and how large the drawing is."""

    boxes: list[Box]
    lines: list[Line]
    width: int
    height: int
    box_width: int = BOX_WIDTH
    box_height: int = BOX_HEIGHT

    @property
    def names(self) -> list[str]:
        """The tables that are joined, the base first."""
        return [box.name for box in self.boxes]


def draw(spec: JoinSpec, versions: Mapping[str, DatasetVersion]) -> Diagram:
    """Return the drawing of a join: the base at the left, each table to the right of its parent."""
    places = _places(spec)
    boxes = [
        _box(spec.base, places, versions, spec.time_column, "base"),
        *(_box(table.name, places, versions, table.time_column, table.relation) for table in spec.in_order()),
    ]
    lines = [_line(table, places) for table in spec.in_order()]
    return Diagram(
        boxes=boxes,
        lines=lines,
        width=max(box.x for box in boxes) + BOX_WIDTH + MARGIN,
        height=max(box.y for box in boxes) + BOX_HEIGHT + MARGIN,
    )


def _places(spec: JoinSpec) -> dict[str, tuple[int, int]]:
    """Give each table a column by its distance from the base, and a row: a parent stands beside its first child."""
    places: dict[str, tuple[int, int]] = {}
    next_row = 0

    def place(name: str, depth: int) -> None:
        nonlocal next_row
        children = spec.children(name)
        first = next_row
        for child in children:
            place(child.name, depth + 1)
        places[name] = (MARGIN + depth * (BOX_WIDTH + GAP_X), MARGIN + first * (BOX_HEIGHT + GAP_Y))
        next_row = max(next_row, first + 1)

    place(spec.base, 0)
    return places


def _box(
    name: str,
    places: Mapping[str, tuple[int, int]],
    versions: Mapping[str, DatasetVersion],
    time: str | None,
    relation: str,
) -> Box:
    x, y = places[name]
    rows = versions[name].row_count if name in versions else 0
    anchor = "base" if relation == "base" else f"t{list(versions).index(name)}"
    return Box(name, x, y, rows, shortened(time or "", LONGEST_WORDS - 8), relation, anchor)


def _line(table: JoinedTable, places: Mapping[str, tuple[int, int]]) -> Line:
    (x1, y1), (x2, y2) = places[table.parent], places[table.name]
    start, end = (x1 + BOX_WIDTH, y1 + BOX_HEIGHT // 2), (x2, y2 + BOX_HEIGHT // 2)
    bend = start[0] + 18
    path = f"M{start[0]} {start[1]} H{bend} V{end[1]} H{end[0]}"
    theirs, ours = table.keys[0] if table.keys else ("?", "?")
    words = shortened(ours if theirs == ours else f"{theirs} = {ours}", LONGEST_KEY)
    return Line(path, words, bend + 6, end[1] - 6, table.relation == "many")


def shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
