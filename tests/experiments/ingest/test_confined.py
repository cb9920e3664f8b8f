"""Whatever a file holds, its reader goes on living: it is read in a child with little memory and time."""

import gzip
import io
import zipfile
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from experiments.errors import BadInput
from experiments.ingest import confined
from experiments.ingest.confined import Confinement, cells_confined, preview_confined
from tests.experiments.ingest.workbooks import workbook

ROWS = "cust_id,income\n" + "".join(f"{number},{number * 10}\n" for number in range(300))


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine a small file may take a while, too."""
    monkeypatch.setattr(confined, "Confinement", lambda: Confinement(seconds=300))


def in_little(monkeypatch: pytest.MonkeyPatch, **limits: float) -> None:
    monkeypatch.setattr(confined, "Confinement", lambda: Confinement(**limits))


def test_a_file_is_shown_as_it_is_shown_without_a_child(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(ROWS)
    shown = preview_confined(path, name="rows.csv", lines=3)
    assert (shown.file_format, shown.names, shown.rows[0]) == ("csv", ("cust_id", "income"), ("0", "0"))
    assert len(shown.rows) == 3


def test_a_sheet_that_asks_for_all_memory_costs_only_its_child(tmp_path: Path) -> None:
    # Written so that no look at its extent can see the cell.
    path = tmp_path / "corner.xlsx"
    path.write_bytes(workbook({"Sheet": "<row r='1'><c r='A1'><v>1</v></c></row>"
                                        "<row r='1048576'><c a='>' r='XFD1048576'><v>1</v></c></row>"}))  # fmt: skip
    with pytest.raises(BadInput, match=r"corner\.xlsx") as refused:
        preview_confined(path, name="corner.xlsx")
    assert "memory" in str(refused.value)
    assert preview_confined(_written(tmp_path), name="rows.csv") is not None


@pytest.mark.slow
def test_a_file_that_needs_more_memory_than_it_may_have_is_refused_in_a_sentence(tmp_path, monkeypatch) -> None:
    path = tmp_path / "wide.parquet"
    pq.write_table(pa.table({"a": pa.array(["x" * 10_000_000] * 40).dictionary_encode()}), path)
    in_little(monkeypatch, memory_bytes=200 << 20, seconds=300)
    with pytest.raises(BadInput, match=r"wide\.parquet took more than 0\.195 GB of memory"):
        preview_confined(path, name="wide.parquet")


def test_a_file_that_takes_too_long_is_refused_in_a_sentence(tmp_path, monkeypatch) -> None:
    preview_confined(_written(tmp_path), name="rows.csv")
    in_little(monkeypatch, memory_bytes=1 << 30, seconds=0.0)
    with pytest.raises(BadInput, match=r"rows\.csv took more than 0 seconds"):
        preview_confined(_written(tmp_path), name="rows.csv")


def test_a_bomb_of_gzip_shows_its_first_lines_and_no_more(tmp_path: Path) -> None:
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" + b"0,0\n" * 20_000_000, 1))
    assert preview_confined(path, name="bomb.csv.gz").names == ("a", "b")


@pytest.mark.parametrize("start", [b"PAR1", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x1f\x8b"])
def test_broken_bytes_of_any_kind_are_no_crash(tmp_path: Path, start: bytes) -> None:
    path = tmp_path / "broken"
    path.write_bytes(start + bytes(range(256)) * 40 + start)
    with suppress(BadInput):
        preview_confined(path, name="broken")
    assert preview_confined(_written(tmp_path), name="rows.csv") is not None


@pytest.mark.slow
def test_a_reader_that_was_killed_is_there_again(tmp_path: Path) -> None:
    preview_confined(_written(tmp_path), name="rows.csv")
    confined._reader._fork_server._process.kill()
    confined._reader._fork_server._process.wait()
    assert preview_confined(_written(tmp_path), name="rows.csv").names == ("cust_id", "income")


def test_a_file_that_is_gone_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        preview_confined(tmp_path / "gone.csv", name="gone.csv")


def test_cells_come_as_they_stand_and_no_more_than_asked_for() -> None:
    assert cells_confined("字段,备注\nage,'=1\n".encode("gb18030"), name="d.csv", most_rows=9) == [
        ["字段", "备注"],
        ["age", "'=1"],
    ]
    assert len(cells_confined(ROWS.encode(), name="d.csv", most_rows=5)) == 5


def test_a_dictionary_that_unpacks_to_more_than_it_may_is_refused() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/media/image.bin", bytes(100 << 20))
    with pytest.raises(BadInput, match=r"d\.xlsx"):
        cells_confined(packed.getvalue(), name="d.xlsx", most_rows=9)


def _written(folder: Path) -> Path:
    path = folder / "rows.csv"
    path.write_text(ROWS)
    return path
