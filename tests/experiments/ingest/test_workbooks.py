"""A workbook of any shape: the right sheet, none of the cells that lie about, and a sentence on what is wrong."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from experiments.errors import BadInput
from experiments.ingest import preview
from experiments.ingest.preview import preview_file
from experiments.ingest.reading import IngestReport, ReadingOptions, ingest_files
from tests.experiments.ingest.workbooks import rows_xml, workbook

Read = Callable[..., tuple[IngestReport, pl.DataFrame]]
CUSTOMERS = [
    ["cust_id", "income", "bad"],
    *([number, 1000 + number * 7 % 313, int(number % 5 == 0)] for number in range(1, 301)),
]
CODES = [["code", "name", "flag"], *([number, f"branch {number}", number % 2] for number in range(1, 41))]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def do(content: bytes | str, name: str = "rows.xlsx", **options: Any) -> tuple[IngestReport, pl.DataFrame]:
        source, table = tmp_path / name, tmp_path / "table.parquet"
        source.write_bytes(content.encode() if isinstance(content, str) else content)
        report = ingest_files([(source, name)], table, options=ReadingOptions(**options))
        return report, pl.read_parquet(table)

    return do


def sentences(report: IngestReport) -> str:
    return " ".join(str(BadInput(note.message, **note.params)) for note in report.notes)


def cell(name: str, value: object = 1) -> str:
    row = name.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return f'<row r="{row}"><c r="{name}"><v>{value}</v></c></row>'


@pytest.mark.parametrize("place", ["XFD1048576", "XFD400", "A1048576", "ZZ90000", "AZ310", "B700000"])
def test_a_stray_cell_is_left_aside_with_its_name(read: Read, place: str) -> None:
    report, table = read(workbook({"S": rows_xml(CUSTOMERS) + cell(place)}))
    assert (table.height, table.columns) == (300, ["cust_id", "income", "bad"])
    row = place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    named = place if place[0] not in "AB" or place.startswith("AZ") else f"A{row}"
    assert named in sentences(report)
    assert "were not read" in sentences(report)


def test_a_stray_cell_beside_the_first_row_is_left_aside_too(read: Read) -> None:
    rows = rows_xml(CUSTOMERS).replace("</row>", '<c r="XFD1"><v>1</v></c></row>', 1)
    report, table = read(workbook({"S": rows}))
    assert table.columns == ["cust_id", "income", "bad"]
    assert "XFD1" in sentences(report)


def test_a_remark_below_the_table_is_no_row(read: Read) -> None:
    report, table = read(workbook({"S": rows_xml(CUSTOMERS) + rows_xml([["as of 2025-06"]], first=304)}))
    assert table.height == 300
    assert table["cust_id"].dtype == pl.Int64
    assert "A304" in sentences(report)


def test_a_column_with_a_name_stays_however_few_its_cells(read: Read) -> None:
    rows = [
        [*row, None, "remark" if place == 0 else "x" if place == 7 else None] for place, row in enumerate(CUSTOMERS)
    ]
    _, table = read(workbook({"S": rows_xml(rows)}))
    assert "remark" in table.columns


def test_rows_parted_by_blank_ones_are_all_read(read: Read) -> None:
    rows = "".join(rows_xml([row], first=3 * place + 1) for place, row in enumerate(CUSTOMERS))
    report, table = read(workbook({"S": rows}))
    assert table.height == 300
    assert report.notes == ()


def test_cells_spread_over_the_whole_sheet_are_refused_before_anything_is_given_memory(read: Read) -> None:
    rows = "".join(
        f'<row r="{row}"><c r="A{row}"><v>1</v></c><c r="XFD{row}"><v>2</v></c></row>'
        for row in range(1, 1_048_577, 97)
    )
    with pytest.raises(BadInput, match=r"16,384 columns, but only 21,622 cells are filled"):
        read(workbook({"S": rows}))


def test_formats_without_values_are_no_cells(read: Read) -> None:
    formats = "".join(
        f'<row r="{row}"><c r="A{row}" s="0"/><c r="ZZ{row}" s="0"></c></row>' for row in range(302, 2_000)
    )
    report, table = read(workbook({"S": rows_xml(CUSTOMERS) + formats}))
    assert (table.shape, report.notes) == ((300, 3), ())


def test_cells_that_do_not_say_where_they_stand_are_read_in_their_order(read: Read) -> None:
    rows = "".join(f"<row>{''.join(f'<c><v>{value}</v></c>' for value in row)}</row>" for row in CUSTOMERS[1:])
    head = "".join(f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in "abc")
    _, table = read(workbook({"S": f"<row>{head}</row>{rows}"}))
    assert (table.height, table.columns) == (300, ["a", "b", "c"])


@pytest.mark.parametrize(
    ("sheets", "hidden"),
    [
        ({"码表": CODES, "客户": CUSTOMERS}, ["码表"]),
        ({"big": CUSTOMERS * 3, "客户": CUSTOMERS}, ["big"]),
        ({"说明": [["remark"]] * 900, "客户": CUSTOMERS}, []),
        ({"数据字典": [["field", "meaning", "source"]] * 900, "客户": CUSTOMERS}, []),
        ({"small": CODES, "客户": CUSTOMERS}, []),
        ({"客户": CUSTOMERS, "Readme": CODES * 30}, []),
    ],
)
def test_the_largest_sheet_that_is_shown_and_explains_nothing_is_read(read: Read, sheets, hidden) -> None:
    report, table = read(workbook({name: rows_xml(rows) for name, rows in sheets.items()}, hidden))
    assert (report.sheet, table.height) == ("客户", 300)
    assert report.sheets == tuple(sheets)
    others = [name for name in sheets if name != "客户"]
    assert all(name in sentences(report) for name in others)
    assert ("hidden" in sentences(report)) is bool(hidden)


def test_the_sheet_that_a_person_chose_is_read(read: Read) -> None:
    content = workbook({"码表": rows_xml(CODES), "客户": rows_xml(CUSTOMERS)}, hidden=["码表"])
    report, table = read(content, sheet=" 码表 ")
    assert (report.sheet, table.height, report.notes) == ("码表", 40, ())
    with pytest.raises(BadInput, match=r"no sheet named 流水\. It has: 码表, 客户"):
        read(content, sheet="流水")
    with pytest.raises(
        BadInput, match=r"The sheet empty of rows\.xlsx is empty. Choose one of the filled sheets: 客户"
    ):
        read(workbook({"empty": "", "客户": rows_xml(CUSTOMERS)}), sheet="empty")


def test_a_workbook_whose_filled_sheets_are_all_hidden_says_so(read: Read) -> None:
    report, _ = read(workbook({"客户": rows_xml(CUSTOMERS), "empty": ""}, hidden=["客户"]))
    assert "hidden" in sentences(report)


def test_two_tables_of_like_size_are_a_warning(read: Read) -> None:
    report, _ = read(workbook({"2024": rows_xml(CUSTOMERS), "2025": rows_xml([*CUSTOMERS, [301, 1, 1]])}))
    assert report.sheet == "2025"
    assert [note.severity for note in report.notes] == ["warning"]


def test_formulas_without_values_are_counted_by_column(read: Read) -> None:
    rows = [[*row, "=B2/1000" if place else "k"] for place, row in enumerate(CUSTOMERS)]
    report, table = read(workbook({"S": rows_xml(rows)}))
    assert table["k"].null_count() == 300
    assert "without a calculated value on sheet S: 300, in columns D" in sentences(report)


def test_formulas_with_values_are_read_without_a_word(read: Read, tmp_path: Path) -> None:
    rows = rows_xml(CUSTOMERS).replace("<v>1007</v>", "<f>A2*7+1000</f><v>1007</v>")
    report, table = read(workbook({"S": rows}))
    assert (table.height, report.notes) == (300, ())
    written = openpyxl.Workbook()
    for row in [*CUSTOMERS, [301, "=A2*2", 0]]:
        written.active.append(row)
    written.save(tmp_path / "openpyxl.xlsx")
    report, _ = read((tmp_path / "openpyxl.xlsx").read_bytes())
    assert "without a calculated value on sheet Sheet: 1, in columns B" in sentences(report)


def test_a_sheet_filled_to_its_last_row_was_probably_cut_off(read: Read) -> None:
    rows = rows_xml([["a", "b"]]) + rows_xml([[1, 2]] * 1_576, first=1_047_001)
    report, _ = read(workbook({"S": rows}))
    assert "filled to row 1,048,576" in sentences(report)
    assert "cut off" in sentences(report)


def test_a_text_as_long_as_a_sheet_was_probably_cut_off(read: Read) -> None:
    report, table = read("a,b\n" + "1,2\n" * 1_048_575, "rows.csv")
    assert table.height == 1_048_575
    assert "exactly 1,048,576 lines" in sentences(report)


def test_the_preview_shows_the_sheet_that_would_be_read_and_names_the_others(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "rows.xlsx"
    path.write_bytes(workbook({"码表": rows_xml(CODES), "客户": rows_xml(CUSTOMERS)}, hidden=["码表"]))
    shown = preview_file(path, name="rows.xlsx")
    assert (shown.sheet, shown.sheets, shown.names) == ("客户", ("码表", "客户"), ("cust_id", "income", "bad"))
    assert preview_file(path, name="rows.xlsx", options=ReadingOptions(sheet="码表")).names == ("code", "name", "flag")
    monkeypatch.setattr(preview, "ROWS_OF_A_SHEET", 9)
    assert len(preview_file(path, name="rows.xlsx").rows) == 8


TOTAL_ROWS: list[list[Sequence[object]]] = [
    [["合计", None, 60]],
    [["总 计：", None, 60]],
    [["Grand Total", None, 60]],
    [["Total", 315_000, 60]],
    [["平均", 1_050.5, None]],
    [["小计", None, 60], ["合计", None, 60]],
    [[None, "Totals:", 60]],
    [["合计（300户）", None, 60]],
    [["共300户", None, 60]],
    [["Total amount 300", None, 60]],
]


@pytest.mark.parametrize("totals", TOTAL_ROWS)
@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_rows_of_totals_are_left_out_and_told(read: Read, totals: list[Sequence[object]], kind: str) -> None:
    report, table = read(*_written([*CUSTOMERS, *totals], kind))
    assert table.height == 300
    assert table["cust_id"].dtype == pl.Int64
    assert f"were left out: {len(totals)}" in sentences(report)


def test_rows_of_totals_amid_the_table_go_with_the_last_one(read: Read) -> None:
    rows = [
        *CUSTOMERS[:100],
        ["北京分行小计", None, 20],
        *CUSTOMERS[100:],
        ["上海分行小计", None, 40],
        ["总计", None, 60],
    ]
    report, table = read(*_written(rows, "csv"))
    assert table.height == 300
    assert "were left out: 3 (" in sentences(report)


def test_rows_of_totals_are_kept_where_a_person_says_so(read: Read) -> None:
    report, table = read(*_written([*CUSTOMERS, ["合计", None, 60]], "csv"), totals="keep")
    assert table.height == 301
    assert "totals" not in sentences(report)


@pytest.mark.parametrize(
    "rows",
    [
        [["kind", "x"], *([("Total", "Partial")[n % 2], n] for n in range(100))],
        [["kind", "x"], *([("Partial", "Theft", "Fire")[n % 3], n] for n in range(99)), ["Total", 5]],
        [["id", "note"], *([n, "ok"] for n in range(99)), [99, "total"]],
        [["name", "x"], ["Total", 1], ["合计", 2]],
    ],
)
def test_a_value_that_is_called_like_a_total_is_no_total(read: Read, rows: list[list[object]]) -> None:
    report, table = read(*_written(rows, "csv"))
    assert table.height == len(rows) - 1
    assert report.notes == ()


def _written(rows: Sequence[Sequence[object]], kind: str) -> tuple[bytes | str, str]:
    if kind == "xlsx":
        return workbook({"S": rows_xml(rows)}), "rows.xlsx"
    return "".join(",".join("" if cell is None else str(cell) for cell in row) + "\n" for row in rows), "rows.csv"


def test_a_formula_that_calculated_an_empty_text_has_its_value(read: Read) -> None:
    kept = '<f>IF(A2>0,"","x")</f><v></v></c></row>'
    rows = rows_xml([[*row, "=X" if place else "k"] for place, row in enumerate(CUSTOMERS)])
    rows = rows.replace("<f>X</f></c></row>", kept).replace('"><f>IF', '" t="str"><f>IF')
    report, table = read(workbook({"S": rows}))
    assert table["k"].null_count() == 300
    assert "without a calculated value" not in sentences(report)


@pytest.mark.parametrize("further", [2, 40, 16_381])
def test_a_text_saved_from_a_sheet_with_a_cell_far_beside_its_table_has_only_the_columns_of_the_table(
    read: Read, further: int
) -> None:
    lines = [",".join(map(str, row)) + "," * further for row in CUSTOMERS]
    report, table = read("\n".join([*lines[:-1], lines[-1] + "1"]) + "\n", "rows.csv")
    assert (table.height, table.columns) == (300, ["cust_id", "income", "bad"])
    assert f"{further:,} columns at the end have no name" in sentences(report)


def test_a_nameless_column_that_holds_something_stays(read: Read) -> None:
    rows = [[*row, None, f"remark {place}" if place else None, None] for place, row in enumerate(CUSTOMERS)]
    _, table = read(*_written(rows, "csv"))
    assert table.columns == ["cust_id", "income", "bad", "column_4", "column_5"]
