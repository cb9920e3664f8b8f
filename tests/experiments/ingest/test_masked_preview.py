"""The first lines of a file show no person, whichever way somebody has the file read."""

from pathlib import Path
from random import Random

import pytest

from experiments.errors import BadInput
from experiments.ingest.decoding import ENCODINGS
from experiments.ingest.masked_preview import Held, KnownColumns, masked_preview
from experiments.ingest.preview import Preview
from experiments.ingest.reading import ReadingOptions
from tests.experiments import people

ROWS = 120
RARE = "蹇逄亓綦麴"  # Family names that are in no list.
GIVEN = "子墨一诺梓涵雨桐"
WAYS = [(None, None), (None, 0), (None, 3), (";", 2), ("|", 0)]


class Planted:
    """A table of made-up people, a third of them with names that nobody would take for one."""

    def __init__(self) -> None:
        random = Random(7)
        self.names = [
            random.choice(RARE if place % 3 == 0 else people.FAMILY) + "".join(random.choice(GIVEN) for _ in range(2))
            for place in range(ROWS)
        ]
        # Few of the cells of this column are numbers: only its name tells.
        self.phones = [people.mobile(random) for _ in range(ROWS)]
        self.homes = [people.address(random) for _ in range(ROWS)]
        phones = [phone if place % 3 == 0 else "无" for place, phone in enumerate(self.phones)]
        self.rows = [
            f"{name},{20 + place % 50},{phone},{home},东区"
            for place, (name, phone, home) in enumerate(zip(self.names, phones, self.homes, strict=True))
        ]
        self.text = "\n".join(["姓名,age,手机,住址,branch", *self.rows]) + "\n"

    @property
    def values(self) -> list[str]:
        return [*self.names, *self.phones, *self.homes]

    def seen_in(self, preview: Preview, *, written: str = "utf-8", read: str = "utf-8") -> list[str]:
        """Return the values that are shown, or can be told from what is shown by reading it back."""
        shown = "\n".join("\n".join(row) for row in (preview.names, *preview.rows))
        turned = [value.encode(written.removesuffix("-sig")).decode(read, "ignore") for value in self.values]
        return [
            value
            for value, other in zip(self.values, turned, strict=True)
            if value in shown or (len(other) > 2 and other[:-1] in shown)
        ]


@pytest.fixture
def planted() -> Planted:
    return Planted()


@pytest.fixture
def file(planted: Planted, tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(planted.text, encoding="utf-8")
    return path


def test_the_usual_reading_shows_names_of_columns_and_masks_people(planted: Planted, file: Path) -> None:
    preview = masked_preview(file, name=file.name)

    assert preview is not None
    assert preview.names == ("姓名", "age", "手机", "住址", "branch")
    assert len(preview.rows) == 20
    assert preview.rows[0][0] == planted.names[0][0] + "**"
    assert (preview.rows[0][1], preview.rows[0][4]) == ("20", "东区")
    assert planted.seen_in(preview) == []


@pytest.mark.parametrize("header_line", [0, 1, 2, 3, 10])
def test_no_line_of_names_shows_a_customer(planted: Planted, file: Path, header_line: int) -> None:
    preview = masked_preview(file, name=file.name, options=ReadingOptions(header_line=header_line))

    assert preview is not None
    assert planted.seen_in(preview) == []
    assert preview.rows[1][1].isdigit()
    assert all("*" not in name or not name.startswith("c") for name in preview.names)


@pytest.mark.parametrize("written", ["utf-8-sig", "gb18030", "utf-16-le"])
@pytest.mark.slow
def test_no_encoding_delimiter_or_line_of_names_shows_what_another_hides(
    planted: Planted, tmp_path: Path, written: str
) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(planted.text.encode(written))
    shown = 0
    for encoding in ENCODINGS:
        for delimiter, header_line in WAYS:
            options = ReadingOptions(encoding=encoding, delimiter=delimiter, header_line=header_line)
            try:
                preview = masked_preview(file, name=file.name, options=options)
            except BadInput:
                continue
            assert preview is not None
            shown += 1
            assert planted.seen_in(preview, written=written, read=encoding) == [], (encoding, delimiter, header_line)
    assert shown > 20


def test_a_remark_shows_neither_number_nor_name_nor_address(tmp_path: Path) -> None:
    remark = "联系吴强磊13912345678住广东省深圳市科技园南路225号"
    (tmp_path / "a.csv").write_text(f"备注,y\n{remark},1\n{remark},0\n{remark},1\n", encoding="utf-8")

    preview = masked_preview(tmp_path / "a.csv", name="a.csv")

    assert preview is not None
    assert preview.rows[0] == ("联系吴**139****5678住广东省深圳****", "1")


def test_what_an_earlier_reading_knew_holds_for_every_later_one(tmp_path: Path) -> None:
    text = "c1;c2\n" + "".join(f"{'蹇逄亓綦'[n % 4]}子墨;{n}\n" for n in range(40))
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    known = KnownColumns(names=("c1", "c2"), personal={"c1": Held(None)})

    for options in (None, ReadingOptions(header_line=0), ReadingOptions(header_line=4), ReadingOptions(delimiter="|")):
        preview = masked_preview(tmp_path / "a.csv", name="a.csv", options=options, known=[known])
        assert preview is not None
        assert "子墨" not in str(preview)
    unknown = masked_preview(tmp_path / "a.csv", name="a.csv")
    assert unknown is not None
    assert "子墨" in str(unknown)


def test_a_file_that_says_which_person_is_the_name_of_a_column_shows_a_part(tmp_path: Path) -> None:
    random = Random(3)
    names = [people.name(random) for _ in range(60)]
    text = "报表,\n" + "".join(f"{name},城区{n % 3}\n" for n, name in enumerate(names))
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")

    preview = masked_preview(tmp_path / "a.csv", name="a.csv", options=ReadingOptions(header_line=2))

    assert preview is not None
    assert names[0] not in preview.names


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_an_encoding_that_needs_a_mark_is_refused_where_there_is_none(file: Path, encoding: str) -> None:
    with pytest.raises(BadInput, match="lacks the mark"):
        masked_preview(file, name=file.name, options=ReadingOptions(encoding=encoding))
