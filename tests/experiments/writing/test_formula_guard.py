"""What leaves as a table runs in no spreadsheet, and what was guarded is given back as it was."""

import csv
import importlib
import io
import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.writing.formula_guard import csv_lines, guarded, guarded_frame, is_formula, unguarded

FORMULAS = [
    "=1+1", "＝1+1", "﹦1+1", "+1+1", "＋cmd|' /C calc'!A0", "-2+3", "－2+3", "﹣SUM(A1)", "@SUM(A1)",
    "＠SUM(A1)", "﹫x",
    " =1+1", "\u3000＝1+1", "\u00a0=1",
    "\ufeff=1", "\u200b=1", "\x00=1", "\t1", "\r1", "\n1", "-2-3%", "+86-138", "--1",
    "-2024-01-15", "=", "@", "=-5", "+A1",
]  # fmt: skip
HARMLESS = [
    "", " ", "A1", "客户", "-5", "+5", "－５", "＋12.5%", "-1,234.50", "-1e-05", "+8613800000000", "-.5", "-", "+",
    "--", "---", "＋－",
    "1=1", "a@b.cn", "'", "it's", "－", "10E3", "000123", "% of", "—", "−5", "#N/A",
]  # fmt: skip


@pytest.mark.parametrize("text", FORMULAS)
def test_what_a_spreadsheet_would_run_gets_a_quote_whatever_the_width_of_its_sign(text):
    assert is_formula(text)
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", HARMLESS)
def test_numbers_with_a_sign_and_all_other_texts_stay_as_they_are(text):
    assert not is_formula(text)
    assert guarded(text) == text


def test_every_text_is_given_back_by_taking_the_guard_off():
    for text in [*FORMULAS, *HARMLESS]:
        for quotes in ("", "'", "''"):
            assert unguarded(guarded(quotes + text)) == quotes + text


def test_no_guarded_text_is_a_formula_and_no_two_texts_are_guarded_alike():
    random = np.random.default_rng(5)
    texts = {"".join(random.choice(list("=＝-－+@＠' \t\u30001a"), 4)) for _ in range(4_000)}
    safe = {guarded(text) for text in texts}
    assert not any(is_formula(text) for text in safe)
    assert len(safe) == len(texts)


def test_cells_that_are_no_text_are_left_alone():
    assert [guarded(cell) for cell in (-5, -0.5, None, True)] == [-5, -0.5, None, True]


def test_names_of_columns_are_guarded_like_their_cells():
    frame = pd.DataFrame(
        {"＝cmd": ["＠A1", "C1", ""], "-5": [-0.1, 0.2, 0.3], "day": pd.to_datetime(["2024-01-01"] * 3)}
    )
    safe = guarded_frame(frame)
    assert list(safe.columns) == ["'＝cmd", "-5", "day"]
    assert safe["'＝cmd"].tolist() == ["'＠A1", "C1", ""]
    assert safe["-5"].tolist() == [-0.1, 0.2, 0.3]
    assert list(frame.columns) == ["＝cmd", "-5", "day"]


def test_a_table_leaves_as_lines_whose_headings_and_cells_are_guarded():
    text = "".join(csv_lines([["=head", "n"], ["＝1", -1], ["a\n=b", None]]))
    assert text.startswith("\ufeff'=head,n\r\n'＝1,-1\r\n")
    assert list(csv.reader(io.StringIO(text[1:], newline="")))[2] == ["a\n=b", ""]


def test_no_table_leaves_past_the_guard():
    root = Path(__file__).parents[3]
    writes = re.compile(r"csv\.(Dict)?[wW]riter\(|(?<!guarded_frame\(frame\))\.to_csv\(|write_csv\(|to_excel\(")
    places = {
        path.relative_to(root).as_posix()
        for wing in ("experiments", "platform")
        for path in (root / wing).rglob("*.py")
        if writes.search(path.read_text(encoding="utf-8"))
    }
    # A workbook is turned into a CSV that only the reader sees; a whole table is guarded part by part, each different
    # text once (tests/api/test_joins_and_databases.py), and so is a list of chosen customers (tests/scenarios).
    reading, parts = (
        "experiments/ingest/workbook.py",
        {"platform/datasets/table_file.py", "platform/scenarios/exports.py"},
    )
    # Rows of an export are read back by its own programs to the last sign; probabilities are numbers; what the
    # stand-alone program writes for people bears a guard of its own, since nothing else goes with it.
    exports = {f"experiments/exports/{file}" for file in ("formats/bundle.py", "formats/mlflow.py", "runtime/score.py")}
    assert places == {"experiments/writing/formula_guard.py", reading, *parts, *exports}


def test_the_program_of_a_bundle_guards_what_it_writes_for_people(monkeypatch):
    monkeypatch.setattr("sys.path", [*sys.path])  # the program puts its own folder there
    score = importlib.import_module("experiments.exports.runtime.score")
    assert [score._guarded(text) for text in ("=1+1: x", "＝1", " @A1", "age: 30 to 40", "")] == [
        "'=1+1: x", "'＝1", "' @A1", "age: 30 to 40", "",
    ]  # fmt: skip
