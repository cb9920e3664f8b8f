"""Ids leave as they came in, to the last character, and no score depends on how they look."""

import csv
from datetime import date
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from experiments import ExperimentSpec, ModelArtifact, SearchBudget, run_experiment
from experiments.__main__ import main
from experiments.ingest.reading import ReadingOptions, ingest_file, ingest_files
from experiments.ingest.table import read_parquet, read_table
from experiments.scoring.batch import ROWS_A_CHUNK, score_file
from experiments.writing.formula_guard import guarded, unguarded
from tests.experiments.customers import customers

ROWS = 4
KINDS = {
    "plain": ["600001", "600002", "600003", "600004"],
    "a gap": ["600001", "", "600003", "600004"],
    "a long gap": ["622202123456789", "", "622202123456791", "622202123456792"],
    "a year and a number": ["20240115", "20240116", "20240201", "20240202"],
    "a moment": ["20240115093000", "20240115093001", "20240115093002", "20240115093003"],
    "a month": ["202401", "202402", "202403", "202404"],
    "a day": ["2024-01-15", "2024-01-16", "2024-01-17", "2024-01-18"],
    "day first": ["10-11-2024", "11-11-2024", "12-11-2024", "01-02-2024"],
    "slashes": ["1/2/2024", "3/4/2024", "5/6/2024", "13/7/2024"],
    "days since 1900": ["45001", "45002", "45003", "45004"],
    "exponents": ["10E3", "1E4", "77E2", "5e10"],
    "percent": ["1%", "2%", "3％", "4%"],
    "full width": ["１２３", "０１２", "１２．５", "－５"],
    "points": ["1.10", "1.1", "2.50", "3.0"],
    "decimal commas": ["1,10", "1,1", "2,50", "3,0"],
    "thousands": ["1,001", "1,002", "2,003", "2,004"],
    "ten thousands": ["1万", "2万", "3亿", "4千"],
    "money": ["￥1", "$2", "3元", "4 RMB"],
    "minus": ["-5", "-6", "-7", "-8"],
    "plus": ["+5", "+6", "+8613800000000", "+0"],
    "minus behind": ["5-", "6-", "(7)", "−8"],
    "zeros": ["000123", "000124", "0", "00"],
    "long": ["6222021234567890123", "6222021234567890124", "6222021234567890125", "99999999999999999999999999"],
    "ruined": ["6.22202E+18", "6.22202e+18", "1E+400", "-1e-400"],
    "words for nothing": ["Null", "NA", "--", "空"],
    "more words for nothing": ["NULL", "N/A", "nan", "None"],
    "not a number": ["NaN", "inf", "-inf", "Infinity"],
    "yes and no": ["Y", "N", "Y", "N"],
    "true and false": ["true", "FALSE", "True", "false"],
    "one and nought": ["1", "0", "1", "0"],
    "spaces": [" A1", "A1 ", "A 1", "A1"],
    "spaces round numbers": [" 1", "1 ", "\u30001", "1"],
    "tabs": ["\tA1", "A1\t", "A\t1", "A1"],
    "blanks": ["", "A1", "   ", "A2"],
    "quotes": ['a"b', "'a'", '"', "a'"],
    "breaks": ["a\nb", "a,b", "a;b", "a|b"],
    "formulas": ["=1+1", "＝1+1", "@A1", "'=x"],
    "signs only": ["-", "+", "/", "."],
    "hexadecimal": ["0x1F", "1e5f", "DEADBEEF", "0b11"],
    "letters": ["客户001", "ÄÖ", "é", "\U0001f600"],
    "grouped digits": ["6222 0212 3456 7890", "6222 0212 3456 7891", "1 234", "1_000"],
    "mixed": ["1", "A1", "2024-01-15", "1.0"],
}


@pytest.fixture(scope="module")
def model_dir(tmp_path_factory) -> Path:
    """A small model, trained on ids that read as dates."""
    folder = tmp_path_factory.mktemp("ids")
    table = customers(600, seed=3)
    table["id"] = [f"{20_240_101 + number % 28}" if number < 28 else f"{number:06d}" for number in range(len(table))]
    budget = SearchBudget(None, 1)
    spec = ExperimentSpec("bad", "yes", id_column="id", budget=budget, learners=("linear",), feature_effort="off")
    result = run_experiment(spec, table, work_dir=folder)
    return next(row.model_dir for row in result.finalists if row.candidate == "linear")


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return customers(ROWS, seed=9).drop(columns=["id", "bad"])


@pytest.fixture(scope="module")
def expected(model_dir, rows) -> pd.DataFrame:
    return ModelArtifact.load(model_dir).score(rows).frame


def write_rows(path: Path, ids: list, rows: pd.DataFrame) -> Path:
    """Write ids before the rows, each cell as it stands."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", *rows.columns])
        writer.writerows([id_, *row] for id_, row in zip(ids, rows.itertuples(index=False), strict=True))
    return path


def as_csv_holds(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return [row[0] for row in csv.reader(stream)][1:]


def check_scores(found: Path, expected: pd.DataFrame) -> None:
    scored = pd.read_parquet(found)
    np.testing.assert_array_equal(scored["probability"], expected["probability"])
    assert scored["band"].tolist() == expected["band"].tolist()
    assert scored["reason_1"].tolist() == expected["reason_1"].tolist()


@pytest.mark.slow
@pytest.mark.parametrize("ids", KINDS.values(), ids=KINDS.keys())
def test_ids_are_carried_as_written_and_change_no_score(model_dir, rows, expected, tmp_path, ids):
    source = write_rows(tmp_path / "rows.csv", ids, rows)
    summary = score_file(model_dir, source, out_csv=tmp_path / "out.csv", out_parquet=tmp_path / "out.parquet")

    assert pd.read_parquet(tmp_path / "out.parquet")["id"].fillna("").tolist() == ids
    written = as_csv_holds(tmp_path / "out.csv")
    assert written == [guarded(id_) for id_ in ids]
    assert [unguarded(id_) for id_ in written] == ids
    check_scores(tmp_path / "out.parquet", expected)
    blank = [id_ for id_ in ids if not id_.strip()]
    named = pd.Series([id_ for id_ in ids if id_.strip()]).value_counts()
    assert summary.ids == {
        "column": "id", "expected": "id", "blank": len(blank), "repeated": int((named > 1).sum()),
        "repeated_rows": int(named[named > 1].sum()),
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("ids", KINDS.values(), ids=KINDS.keys())
def test_a_single_row_keeps_its_id_too(model_dir, rows, expected, tmp_path, ids):
    source = write_rows(tmp_path / "rows.csv", ids[2:3], rows.iloc[2:3])
    score_file(model_dir, source, out_csv=None, out_parquet=tmp_path / "out.parquet")
    assert pd.read_parquet(tmp_path / "out.parquet")["id"].fillna("").tolist() == ids[2:3]
    check_scores(tmp_path / "out.parquet", expected.iloc[2:3])


@pytest.mark.slow
@pytest.mark.parametrize("ids", KINDS.values(), ids=KINDS.keys())
def test_texts_in_a_workbook_are_ids_as_they_stand(model_dir, rows, expected, tmp_path, ids):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["id", *rows.columns])
    for place, (id_, row) in enumerate(zip(ids, rows.itertuples(index=False), strict=True), start=2):
        sheet.append([None, *(None if cell != cell else cell for cell in row)])
        cell = sheet.cell(row=place, column=1)
        cell.value, cell.data_type = (id_, "s") if id_ else (None, "n")
    book.save(tmp_path / "rows.xlsx")
    score_file(model_dir, tmp_path / "rows.xlsx", out_csv=None, out_parquet=tmp_path / "out.parquet")
    carried = pd.read_parquet(tmp_path / "out.parquet")["id"].fillna("").tolist()
    assert carried == [*ids]
    check_scores(tmp_path / "out.parquet", expected)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ids", "carried"),
    [
        (pa.array(["20240115", "10E3", None, " 1%"]), ["20240115", "10E3", None, " 1%"]),
        (pa.array([600001, None, 600003, -4], pa.int64()), [600001, None, 600003, -4]),
        (pa.array([20240115, 20240116, 20240117, 1], pa.int32()), [20240115, 20240116, 20240117, 1]),
        (pa.array([2**64 - 1, 1, 2, 3], pa.uint64()), [str(2**64 - 1), "1", "2", "3"]),
        (pa.array([600001.0, None, 600003.0, 1.5]), ["600001", None, "600003", "1.5"]),
        (pa.array([date(2024, 1, 15)] * 4), [pd.Timestamp("2024-01-15")] * 4),
        (pa.array([None] * 4, pa.string()), [None] * 4),
        (pa.array([None] * 4, pa.null()), [None] * 4),
    ],
    ids=["texts", "numbers with a gap", "dates in numbers", "the largest", "floats", "dates", "empty", "of no type"],
)  # fmt: skip
def test_a_parquet_file_keeps_ids_with_their_type(model_dir, rows, expected, tmp_path, ids, carried):
    table = pa.Table.from_pandas(rows, preserve_index=False).add_column(0, "id", ids)
    pq.write_table(table, tmp_path / "rows.parquet")
    score_file(model_dir, tmp_path / "rows.parquet", out_csv=tmp_path / "out.csv", out_parquet=tmp_path / "out.parquet")
    assert pq.read_table(tmp_path / "out.parquet")["id"].to_pylist() == carried
    assert "600001.0" not in (tmp_path / "out.csv").read_text()
    check_scores(tmp_path / "out.parquet", expected)


@pytest.mark.slow
def test_rows_keep_their_order_and_ids_their_text_over_many_chunks(model_dir, rows, tmp_path):
    many = ROWS_A_CHUNK + 10
    table = rows.iloc[np.arange(many) % ROWS].reset_index(drop=True)
    # Nothing in the first chunk tells what comes behind it.
    ids = ["", *(f"{number}" for number in range(many - 3, 0, -1)), "007", "007"]
    score_file(
        model_dir,
        write_rows(tmp_path / "rows.csv", ids, table),
        out_csv=None,
        out_parquet=tmp_path / "out.parquet",
        reasons=0,
    )
    assert pd.read_parquet(tmp_path / "out.parquet")["id"].fillna("").tolist() == ids


@pytest.mark.slow
def test_the_command_says_which_ids_are_missing_or_come_again(model_dir, rows, tmp_path, capsys):
    def told(ids: list[str] | None) -> str:
        source = tmp_path / "rows.csv"
        if ids is None:
            rows.to_csv(source, index=False)
        else:
            write_rows(source, ids, rows)
        assert main(["score", str(model_dir), str(source), "--out", str(tmp_path / "out.csv")]) == 0
        return capsys.readouterr().out

    assert "Every row has its own ID: id.\n" in told(["1", "01", "1.0", "A"])
    found = told(["A", "", "A", "A"])
    assert "! 1 row has no ID: id. The scores are in the order of the file's rows.\n" in found
    assert (
        "! 1 ID occurs more than once, in 3 rows altogether: id. Each of these rows was scored separately.\n" in found
    )
    assert "! The file has no column id: the scores carry row numbers in place of IDs. " in told(None)


@pytest.mark.parametrize("ids", KINDS.values(), ids=KINDS.keys())
def test_a_table_keeps_ids_of_which_it_is_told(tmp_path, ids):
    source = write_rows(tmp_path / "rows.csv", ids, pd.DataFrame({"x": range(ROWS)}))
    options = ReadingOptions(as_written=("id",))
    ingest_files([(source, "rows.csv")], tmp_path / "table.parquet", options=options)
    assert read_parquet(tmp_path / "table.parquet")["id"].fillna("").tolist() == ids


DISTINCT = {name: ids for name, ids in KINDS.items() if len(set(ids)) == ROWS}


@pytest.mark.parametrize("column", ["cust_id", "客户号", "loan_no", "ID"])
@pytest.mark.parametrize("ids", DISTINCT.values(), ids=DISTINCT.keys())
def test_a_column_named_as_ids_is_kept_as_written_without_being_told(tmp_path, ids, column):
    write_rows(tmp_path / "rows.csv", ids, pd.DataFrame({"x": range(ROWS)}))
    text = (tmp_path / "rows.csv").read_text(encoding="utf-8").replace("id,x", f"{column},x", 1)
    (tmp_path / "rows.csv").write_text(text, encoding="utf-8", newline="")
    found = read_table(tmp_path / "rows.csv")[column]
    texts = ["" if pd.isna(id_) else f"{id_:.0f}" if isinstance(id_, (int, float)) else id_ for id_ in found]
    assert texts == ids


def test_late_rows_that_are_no_plain_numbers_keep_all_ids_as_written(tmp_path):
    ids = [str(number) for number in range(30_000)] + ["007", " 8", "20240115"]
    write_rows(tmp_path / "rows.csv", ids, pd.DataFrame({"x": range(len(ids))})).rename(tmp_path / "late.csv")
    assert read_table(tmp_path / "late.csv")["id"].tolist() == ids


def test_ids_are_numbers_only_where_they_are_written_as_such(tmp_path):
    def type_of(ids: list[str]) -> str:
        write_rows(tmp_path / "rows.csv", ids, pd.DataFrame({"x": range(len(ids))}))
        return ingest_file(tmp_path / "rows.csv", tmp_path / "table.parquet").columns[0].type

    assert type_of(["1", "", "-3"]) == type_of(["20240115", "20240116"]) == type_of(["202401", "202402"]) == "numeric"
    assert "numeric" not in [
        type_of(ids) for ids in (["1", "01"], ["1", "+2"], ["1", " 2"], ["1", "NA"], ["9" * 16, "1"])
    ]


def test_groups_and_amounts_of_a_similar_name_are_read_as_numbers(tmp_path):
    frame = pd.DataFrame({"open_acct_num": ["3.0", "1,200", "5%"] * 40, "region_id": ["1.0", "2.0"] * 60})
    frame.to_csv(tmp_path / "rows.csv", index=False)
    found = read_table(tmp_path / "rows.csv")
    assert found["open_acct_num"].tolist() == [3.0, 1200.0, 0.05] * 40
    assert found["region_id"].tolist() == [1.0, 2.0] * 60


@pytest.mark.slow
@pytest.mark.parametrize("name", ["score", "reason_1"])
def test_ids_called_like_a_column_of_the_scores_stand_beside_it(rows, tmp_path, name):
    table = customers(600, seed=3).rename(columns={"id": name})
    spec = ExperimentSpec(
        "bad", "yes", id_column=name, budget=SearchBudget(None, 1), learners=("linear",), feature_effort="off"
    )
    result = run_experiment(spec, table, work_dir=tmp_path / "run")
    folder = next(row.model_dir for row in result.finalists if row.candidate == "linear")
    ids = ["0017", "A 2", "", "4"]
    source = tmp_path / "new.csv"
    rows.assign(**{name: ids}).to_csv(source, index=False)
    summary = score_file(
        folder,
        source,
        out_csv=tmp_path / "out.csv",
        out_parquet=tmp_path / "out.parquet",
        out_xlsx=tmp_path / "out.xlsx",
    )

    scored = pd.read_parquet(tmp_path / "out.parquet")
    assert scored[f"{name}_id"].fillna("").tolist() == ids
    assert scored["score"].between(-2000, 3000).all()
    assert scored["reason_1"].str.len().gt(4).any()
    assert as_csv_holds(tmp_path / "out.csv") == ids
    header = [cell.value for cell in openpyxl.load_workbook(tmp_path / "out.xlsx").active[1]]
    assert header.count(name) == 1
    assert header[0] == f"{name}_id"
    assert summary.ids["column"] == name
