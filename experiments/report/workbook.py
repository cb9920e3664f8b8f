"""A report as an Excel workbook: every table a sheet, every chart a native one beside its numbers."""

import io
from datetime import datetime
from typing import Any

import xlsxwriter

from experiments.charts.theme import PALETTES
from experiments.report.content import Block, Cell, Chart, Document, Form, Heading, Points, Table, Text, letters

COLOURS = PALETTES["light"]
NUMBER_FORMATS: dict[Form, str] = {
    "count": "#,##0", "percent": "0.0%", "percent2": "0.00%", "d1": "#,##0.0", "d2": "#,##0.00", "d3": "#,##0.000",
    "d4": "#,##0.0000",
}  # fmt: skip
# Along an axis round numbers stand, which need fewer decimals.
AXIS_FORMATS: dict[Form, str] = {
    form: "0%" if form.startswith("percent") else "#,##0" if form == "count" else "General" for form in NUMBER_FORMATS
}
KINDS: dict[str, dict[str, str]] = {
    "curves": {"type": "scatter", "subtype": "straight"},
    "lines": {"type": "line"},
    "columns": {"type": "column"},
    "bars": {"type": "bar"},
}
WIDEST, NARROWEST = 60.0, 9.0
FIRST_ROW = 3


def xlsx_of(document: Document) -> bytes:
    """Return a report as a workbook."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    # The date of the report is the only one in it.
    made_on = datetime.fromisoformat(document.made_on)
    book.set_properties({"title": document.title, "subject": document.subtitle, "created": made_on})
    writer = _Writer(book, document)
    writer.write()
    book.close()
    return out.getvalue()


class _Writer:
    """The workbook while it is written: its formats, and the sheets by number."""

    def __init__(self, book: Any, document: Document) -> None:
        self.book, self.document, self.words = book, document, document.words
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self._contents = book.add_worksheet(self.words["contents"])

    def write(self) -> None:
        shown = [
            (chapter, block)
            for chapter in self.document.chapters
            for block in chapter.blocks
            if isinstance(block, Table | Chart)
        ]
        self._texts()
        names = [f"{number:02d} {_sheet_name(block.title)}"[:31] for number, (_chapter, block) in enumerate(shown, 1)]
        self._list(shown, names)
        for (_chapter, block), name in zip(shown, names, strict=True):
            sheet = self.book.add_worksheet(name)
            back = f"internal:'{self.words['contents']}'!A1"
            sheet.write_url(0, 0, back, self.format(font_color=COLOURS["brand"]), self.words["back"])
            sheet.write_string(1, 0, block.title, self.format(bold=True, font_size=12))
            if isinstance(block, Table):
                self._table(sheet, block)
            else:
                self._chart(sheet, block, name)

    def format(self, **look: Any) -> Any:
        """Return the workbook's format of a look, made once."""
        key = tuple(sorted(look.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format({"font_name": "Arial", "font_size": 10, "valign": "top", **look})
        return self._formats[key]

    def _list(self, shown: list[tuple[Any, Any]], names: list[str]) -> None:
        """Write the first sheet: title, facts, and a line for every sheet that leads to it."""
        sheet, bold = self._contents, self.format(bold=True)
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 1, 60)
        sheet.set_column(2, 2, 34)
        sheet.write_string(0, 0, self.document.title, self.format(bold=True, font_size=16))
        sheet.write_string(1, 0, self.document.subtitle, self.format(font_size=12))
        facts = [*self.document.facts, (self.words["made_on"], self.document.made_on)]
        for place, (name, value) in enumerate(facts, 3):
            sheet.write_string(place, 0, name, bold)
            sheet.write_string(place, 1, value, self.format())
        first = 4 + len(facts)
        for column, word in enumerate(("chapter", "table", "sheet")):
            sheet.write_string(first, column, self.words[word], self._header)
        for row, ((chapter, block), name) in enumerate(zip(shown, names, strict=True), first + 1):
            sheet.write_string(row, 0, chapter.title, self.format())
            sheet.write_string(row, 1, block.title, self.format())
            link = self.format(font_color=COLOURS["brand"], underline=1)
            sheet.write_url(row, 2, f"internal:'{name}'!A1", link, name)

    @property
    def _header(self) -> Any:
        return self.format(bold=True, bottom=1, text_wrap=True, bg_color=COLOURS["sunken"])

    def _texts(self) -> None:
        """Write what is said in sentences, chapter by chapter, on a sheet of its own."""
        sheet = self.book.add_worksheet(self.words["text"])
        sheet.set_column(0, 0, 30)
        sheet.set_column(1, 1, 110)
        row = 0
        for chapter in self.document.chapters:
            for text in [one for block in chapter.blocks for one in _said(block)]:
                sheet.write_string(row, 0, chapter.title, self.format(bold=True))
                sheet.write_string(row, 1, text, self.format(text_wrap=True))
                row += 1

    def _table(self, sheet: Any, table: Table) -> None:
        for column, word in enumerate(table.header):
            sheet.write_string(FIRST_ROW, column, word, self._header)
            wide = max([letters(word), *(letters(row[column].text) for row in table.rows)])
            sheet.set_column(column, column, min(WIDEST, max(NARROWEST, wide + 2)))
        for place, cells in enumerate(table.rows, FIRST_ROW + 1):
            for column, cell in enumerate(cells):
                self._cell(sheet, place, column, cell, is_bold=place - FIRST_ROW - 1 == table.chosen)
        sheet.freeze_panes(FIRST_ROW + 1, 1)
        if table.rows:
            sheet.autofilter(FIRST_ROW, 0, FIRST_ROW + len(table.rows), len(table.header) - 1)

    def _cell(self, sheet: Any, row: int, column: int, cell: Cell, *, is_bold: bool) -> None:
        look: dict[str, Any] = {"bold": True} if is_bold else {}
        if cell.tone == "few":
            look |= {"font_color": COLOURS["text-3"], "italic": True}
        if cell.is_number and cell.value is not None:
            sheet.write_number(
                row, column, float(cell.value), self.format(num_format=NUMBER_FORMATS[cell.form], **look)
            )
        elif cell.value is None or cell.value == "":
            sheet.write_blank(row, column, None, self.format(**look))
        else:
            sheet.write_string(row, column, str(cell.value), self.format(text_wrap=True, **look))

    def _chart(self, sheet: Any, chart: Chart, name: str) -> None:
        drawn = self.book.add_chart(KINDS[chart.kind])
        column = 0
        for one in chart.series:
            where = [one.x, one.y] if chart.kind == "curves" else [chart.categories, one.y]
            titles, forms = (chart.x_title or " ", one.name), (chart.x_form, chart.y_form)
            for offset, (values, title, form) in enumerate(zip(where, titles, forms, strict=True)):
                self._numbers(sheet, column + offset, title, values, form)
            last = FIRST_ROW + len(one.y)
            drawn.add_series({
                "name": [name, FIRST_ROW, column + 1],
                "categories": [name, FIRST_ROW + 1, column, last, column],
                "values": [name, FIRST_ROW + 1, column + 1, last, column + 1],
                **_look(chart, one.colour, one.is_dashed),
            })  # fmt: skip
            column += 2
        _axes(drawn, chart)
        sheet.insert_chart(FIRST_ROW, column + 1, drawn)

    def _numbers(self, sheet: Any, column: int, title: str, values: Any, form: Form) -> None:
        sheet.write_string(FIRST_ROW, column, title, self._header)
        sheet.set_column(column, column, min(WIDEST, max(14.0, *(letters(str(one)) + 2 for one in values), 14.0)))
        for row, value in enumerate(values, FIRST_ROW + 1):
            if isinstance(value, str):
                sheet.write_string(row, column, value, self.format())
            elif value is not None:
                sheet.write_number(row, column, value, self.format(num_format=NUMBER_FORMATS[form]))


def _said(block: Block) -> list[str]:
    """Return the sentences of a block."""
    if isinstance(block, Points):
        return list(block.texts)
    return [block.text] if isinstance(block, Text | Heading) else []


def _look(chart: Chart, colour: str, is_dashed: bool) -> dict[str, Any]:
    if chart.kind in ("columns", "bars"):
        return {"fill": {"color": COLOURS[colour]}, "gap": 40}
    dash = {"dash_type": "dash"} if is_dashed else {}
    marker = {"type": "circle", "size": 4} if chart.kind == "lines" else {"type": "none"}
    return {"line": {"color": COLOURS[colour], "width": 2, **dash}, "marker": marker}


def _axes(drawn: Any, chart: Chart) -> None:
    grid = {"visible": True, "line": {"color": COLOURS["grid"]}}
    numbers = {"num_format": AXIS_FORMATS[chart.y_form], "major_gridlines": grid}
    if chart.kind == "bars":
        # The first category stands at the top.
        drawn.set_y_axis({"reverse": True, "label_position": "low"})
        drawn.set_x_axis({"name": chart.x_title, "crossing": "max", **numbers})
    else:
        places = {"num_format": AXIS_FORMATS[chart.x_form]} if chart.kind == "curves" else {}
        drawn.set_x_axis({"name": chart.x_title, "label_position": "low", **places, **_ends(chart)})
        drawn.set_y_axis({"name": chart.y_title, **numbers})
    drawn.set_title({"name": chart.title, "name_font": {"size": 12}})
    drawn.set_legend({"none": True} if len(chart.series) < 2 else {"position": "bottom"})
    drawn.set_size({"width": 720, "height": 380 if chart.kind != "bars" else 140 + 26 * len(chart.categories)})


def _ends(chart: Chart) -> dict[str, float]:
    """Return where an axis of shares ends: Excel would go on to 120 %."""
    xs = [x for one in chart.series for x in one.x]
    return {"min": 0.0, "max": 1.0} if chart.x_form == "percent" and xs and max(xs) == 1.0 else {}


def _sheet_name(title: str) -> str:
    """Return a title as the name of a sheet, in which some signs may not stand."""
    return "".join(" " if letter in "[]:*?/\\'" else letter for letter in title)
