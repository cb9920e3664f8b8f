"""Charts of a Word file as Word's own, each with the workbook of its numbers behind it, so that they can be edited."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from io import BytesIO
from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from lxml import etree
from pptx.chart.chart import Chart as Look
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.chart.xlsx import CategoryWorkbookWriter, XyWorkbookWriter
from pptx.chart.xmlwriter import ChartXmlWriter
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_MARKER_STYLE, XL_TICK_LABEL_POSITION
from pptx.enum.dml import MSO_LINE
from pptx.oxml import parse_xml
from pptx.util import Pt
from xlsxwriter import Workbook

from experiments.charts.theme import PALETTES
from experiments.report.content import Chart, Series, speakable
from experiments.report.word_template import LATIN
from experiments.report.workbook import AXIS_FORMATS, NUMBER_FORMATS

COLOURS = PALETTES["light"]
CHART_TYPE = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SPACE = "http://schemas.openxmlformats.org/drawingml/2006/chart"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
# One inch in the unit of drawings.
INCH = 914_400
WIDTH, HEIGHT, BAR_HEIGHT = 6.3, 3.0, 0.27
KINDS = {
    "curves": XL_CHART_TYPE.XY_SCATTER_LINES_NO_MARKERS,
    "lines": XL_CHART_TYPE.LINE_MARKERS,
    "columns": XL_CHART_TYPE.COLUMN_CLUSTERED,
    "bars": XL_CHART_TYPE.BAR_CLUSTERED,
}


class _Plainly:
    """Writes the numbers behind a chart: texts are never formulas, and the file has the report's date alone."""

    made_on: datetime

    @contextmanager
    def _open_worksheet(self, xlsx_file: Any) -> Iterator[tuple[Workbook, Any]]:
        book = Workbook(xlsx_file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
        book.set_properties({"created": self.made_on})
        yield book, book.add_worksheet()
        book.close()


class _Categories(_Plainly, CategoryWorkbookWriter):
    pass


class _Points(_Plainly, XyWorkbookWriter):
    pass


class ChartParts:
    """Puts charts into the package of a Word file."""

    def __init__(self, document_part: Any, made_on: str) -> None:
        self._document, self._made_on = document_part, datetime.fromisoformat(made_on)
        self._count = 0

    def add(self, chart: Chart) -> tuple[str, int, int]:
        """Put a chart into the package; return the id of its relation, and its size."""
        data = _data_of(chart)
        self._count += 1
        part = Part(self._named("charts/chart", "xml"), CHART_TYPE, b"", self._document.package)
        numbers = Part(
            self._named("embeddings/chart", "xlsx"), WORKBOOK_TYPE, self._numbers(chart, data), self._document.package
        )
        part._blob = _xml_of(chart, data, part.relate_to(numbers, RELATIONSHIP_TYPE.PACKAGE))
        height = 0.9 + BAR_HEIGHT * len(chart.categories) if chart.kind == "bars" else HEIGHT
        return self._document.relate_to(part, RELATIONSHIP_TYPE.CHART), int(WIDTH * INCH), int(height * INCH)

    def _named(self, name: str, extension: str) -> PackURI:
        return PackURI(f"/word/{name}_report_{self._count}.{extension}")

    def _numbers(self, chart: Chart, data: Any) -> bytes:
        writer: Any = (_Points if chart.kind == "curves" else _Categories)(data)
        writer.made_on = self._made_on
        out = BytesIO()
        with writer._open_worksheet(out) as (book, sheet):
            writer._populate_worksheet(book, sheet)
        return out.getvalue()


def _data_of(chart: Chart) -> Any:
    form = NUMBER_FORMATS[chart.y_form]
    if chart.kind == "curves":
        points = XyChartData(number_format=form)
        for one in chart.series:
            series = points.add_series(speakable(one.name))
            for x, y in zip(one.x, one.y, strict=True):
                if y is not None:
                    series.add_data_point(x, y)
        return points
    data = CategoryChartData(number_format=form)
    data.categories = [speakable(name) for name in chart.categories]
    for one in chart.series:
        data.add_series(speakable(one.name), list(one.y))
    return data


def _xml_of(chart: Chart, data: Any, relation: str) -> bytes:
    space = parse_xml(ChartXmlWriter(KINDS[chart.kind], data).xml.encode())
    _dress(Look(space, None), chart)
    for old in space.findall(f"{{{SPACE}}}externalData"):
        space.remove(old)
    behind = etree.SubElement(space, f"{{{SPACE}}}externalData", {f"{{{RELATION}}}id": relation})
    etree.SubElement(behind, f"{{{SPACE}}}autoUpdate", {"val": "0"})
    written: bytes = etree.tostring(space, xml_declaration=True, encoding="UTF-8", standalone=True)
    return written


def _dress(look: Any, chart: Chart) -> None:
    """Give a chart the house's colours, titles and number formats."""
    look.has_title = False
    look.font.size, look.font.name = Pt(9), LATIN
    look.font.color.rgb = RGBColor.from_string(COLOURS["text-2"][1:])
    look.has_legend = len(chart.series) > 1
    if look.has_legend:
        look.legend.position, look.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    plot = look.plots[0]
    for drawn, one in zip(plot.series, chart.series, strict=True):
        _colour(drawn, one, chart)
    if chart.kind in ("columns", "bars"):
        plot.gap_width = 40
    _axes(look, chart)


def _colour(drawn: Any, series: Series, chart: Chart) -> None:
    colour = RGBColor.from_string(COLOURS[series.colour][1:])
    if chart.kind in ("columns", "bars"):
        drawn.format.fill.solid()
        drawn.format.fill.fore_color.rgb = colour
        drawn.invert_if_negative = False
        return
    drawn.smooth = False
    drawn.format.line.color.rgb, drawn.format.line.width = colour, Pt(1.75)
    if series.is_dashed:
        drawn.format.line.dash_style = MSO_LINE.DASH
    if chart.kind == "lines":
        drawn.marker.style, drawn.marker.size = XL_MARKER_STYLE.CIRCLE, 5
        drawn.marker.format.fill.solid()
        drawn.marker.format.fill.fore_color.rgb = colour


def _axes(look: Any, chart: Chart) -> None:
    values, places = look.value_axis, look.category_axis
    values.tick_labels.number_format, values.tick_labels.number_format_is_linked = AXIS_FORMATS[chart.y_form], False
    values.major_gridlines.format.line.color.rgb = RGBColor.from_string(COLOURS["grid"][1:])
    places.has_major_gridlines = False
    places.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    if chart.kind == "bars":
        # The first category stands at the top, the numbers below.
        places.reverse_order = True
        values.tick_label_position = XL_TICK_LABEL_POSITION.HIGH
        _title(values, chart.x_title)
        return
    if chart.kind == "curves":
        places.tick_labels.number_format = AXIS_FORMATS[chart.x_form]
        places.tick_labels.number_format_is_linked = False
        if chart.x_form == "percent" and max(x for one in chart.series for x in one.x) == 1.0:
            places.minimum_scale, places.maximum_scale = 0.0, 1.0
    _title(places, chart.x_title)
    _title(values, chart.y_title)


def _title(axis: Any, text: str) -> None:
    axis.has_title = bool(text)
    if text:
        frame = axis.axis_title.text_frame
        frame.text = speakable(text)
        frame.paragraphs[0].runs[0].font.size = Pt(9)
        frame.paragraphs[0].runs[0].font.bold = False
