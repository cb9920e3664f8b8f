"""Bytes that are no text are named, and there is a choice; nothing is ever dropped in silence."""

import pytest

from experiments.errors import BadInput
from experiments.ingest import decoding
from experiments.ingest.decoding import BrokenText, encoding_choices
from experiments.ingest.reading import ingest_file
from experiments.ingest.table import read_parquet

CHINESE = "城市,y\n" + "北京市,1\n上海市,0\n" * 20
BROKEN = CHINESE.encode() + "广州".encode()[:-1] + b",1\n"
WESTERN = "name,city\nMüller,Köln\nJosé,Málaga\nAnna,Graz\n".encode("windows-1252")


def sentences(report) -> list[str]:
    return [note.message % note.params for note in report.notes]


def test_a_refusal_says_what_may_be_chosen_instead(write, tmp_path):
    with pytest.raises(BrokenText) as caught:
        ingest_file(write(BROKEN), tmp_path / "table.parquet")
    choices = {choice["encoding"]: choice for choice in caught.value.choices}
    assert choices["utf-8"] == {
        "encoding": "utf-8", "on_broken_bytes": "replace", "broken": 1, "sample": ["城市,y", "北京市,1", "上海市,0"],
    }  # fmt: skip
    assert choices["latin-1"]["on_broken_bytes"] == "refuse"


def test_broken_bytes_are_replaced_where_that_is_chosen_and_counted(ingest, tmp_path):
    report = ingest(BROKEN, on_broken_bytes="replace")
    assert sentences(report)[0] == (
        "1 broken characters were replaced by �, as chosen. The first is in line 42, at byte 493 of "
        "customers.csv, which was read as UTF-8."
    )
    assert (report.notes[0].severity, report.row_count) == ("warning", 41)
    assert read_parquet(tmp_path / "table.parquet")["城市"].iloc[-1] == "广�"


def test_zero_bytes_are_replaced_where_that_is_chosen(ingest, tmp_path):
    report = ingest(b"a,y\nx\0y,0\nz,1\n", on_broken_bytes="replace")
    assert read_parquet(tmp_path / "table.parquet")["a"].tolist() == ["x�y", "z"]
    assert sentences(report)[0].startswith("1 broken characters were replaced by �")


def test_nothing_is_replaced_where_nothing_is_broken(ingest):
    assert sentences(ingest(CHINESE, on_broken_bytes="replace")) == []


def test_western_letters_are_not_taken_for_chinese_but_offered(write, tmp_path):
    with pytest.raises(BrokenText) as caught:
        ingest_file(write(WESTERN), tmp_path / "table.parquet")
    offered = {choice["encoding"]: choice for choice in caught.value.choices}
    assert (offered["windows-1252"]["broken"], offered["windows-1252"]["sample"]) == (0, ["Müller,Köln", "José,Málaga"])


@pytest.mark.parametrize("encoding", ["windows-1252", "cp1252", "latin-1"])
def test_a_western_file_is_read_as_chosen(ingest, tmp_path, encoding):
    report = ingest(WESTERN, encoding=encoding)
    assert read_parquet(tmp_path / "table.parquet")["name"].tolist() == ["Müller", "José", "Anna"]
    assert sentences(report)[0].startswith("The file is not UTF-8; it was read as ")


def test_where_two_encodings_make_sense_the_person_chooses(refusal):
    content = "name,city\nMüller,Köln\nBühler,Würzburg\n".encode("windows-1252")
    assert refusal(content) == (
        "The file customers.csv is not UTF-8, and can be read both as GB18030 (Chinese) and as "
        "Windows-1252 (Western European). Choose the one that shows the names correctly; line 2 is the "
        "first that differs."
    )


def test_an_encoding_that_does_not_fit_is_refused_at_its_first_flaw(refusal):
    assert refusal(WESTERN, encoding="utf-8").startswith(
        "Line 2 of customers.csv contains a broken character: byte 12 "
    )


def test_an_unknown_encoding_is_refused(refusal):
    assert refusal("a\n1\n", encoding="klingon").startswith("klingon is not a known encoding. Choose one of utf-8")


def test_gbk_may_be_chosen_by_its_own_name(ingest):
    assert ingest(CHINESE.encode("gbk"), encoding="gbk").encoding == "gb18030"


def test_choices_stand_in_the_order_of_their_flaws(write):
    choices = encoding_choices(write(CHINESE.encode("gb18030")))
    assert [choice.broken for choice in choices] == sorted(choice.broken for choice in choices)
    assert (choices[0].encoding, choices[0].sample[0]) == ("gb18030", "城市,y")


def test_the_choice_is_an_expected_failure():
    assert issubclass(BrokenText, BadInput)


@pytest.mark.parametrize("chunk", [7, 8, 9, 10])
def test_characters_cut_by_the_end_of_a_piece_are_whole(write, tmp_path, monkeypatch, chunk):
    monkeypatch.setattr(decoding, "CHUNK", chunk)
    content = 'a,城市\n1,"北京😀"\n2,é\n'
    report = ingest_file(write(content), tmp_path / "table.parquet")
    assert (report.encoding, report.notes) == ("utf-8", ())
    with pytest.raises(BrokenText):
        ingest_file(write(content.encode() + b"3,\xe4"), tmp_path / "table.parquet")
