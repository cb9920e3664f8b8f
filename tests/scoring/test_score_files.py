"""How scores leave: as CSV or Excel, under names or words, with a dictionary beside them; and what a file must hold."""

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.services import create_token
from experiments.scoring import batch as batch_scoring
from experiments.scoring.formats import FORMATS
from experiments.writing import workbooks as workbook_writing
from registry.models import ModelVersion
from scoring.columns import _Facts, _probability, asked_of, score_columns
from scoring.models import ScoringJob
from scoring.services import Wanted
from scoring.words import shown_cover
from tests.scoring.test_scoring import scored, upload


def sheet_of(scoring_job: ScoringJob, settings: Any) -> list[tuple[Any, ...]]:
    book = openpyxl.load_workbook(Path(settings.MEDIA_ROOT) / scoring_job.files["xlsx"])
    return [tuple(cell.value for cell in row) for row in book.worksheets[0].iter_rows()]


def test_the_form_asks_for_the_id_and_the_original_columns_only(
    champion: ModelVersion, analyst: Any, client_of: Any
) -> None:
    asked = asked_of(champion)

    assert (asked[0].name, asked[0].is_id) == ("customer", True)
    assert {column.name for column in asked} == {"customer", "age", "income", "job"}
    page = client_of(analyst).get(reverse("scoring_new"))
    assert "Monthly income" in page.content.decode()
    empty = client_of(analyst).get(reverse("scoring_template", args=[champion.pk])).content.decode("utf-8-sig")
    assert empty.strip().split(",") == [column.name for column in asked]


def test_excel_holds_every_score_and_ids_as_text_that_no_spreadsheet_runs(
    champion: ModelVersion, analyst: Any, next_month: Any, run_jobs: Any, settings: Any
) -> None:
    frame = next_month(50)
    ids = ["007", "=1+1", "@SUM(A1)", "12345678901234567890", *frame["customer"].tolist()[4:]]
    frame["customer"] = ids
    scoring_job = scored(analyst, champion, upload(frame), run_jobs, wanted=Wanted("xlsx"))

    header, *rows = sheet_of(scoring_job, settings)
    assert header[:4] == ("customer", "probability", "score", "band")
    assert [row[0] for row in rows] == ids
    book = openpyxl.load_workbook(Path(settings.MEDIA_ROOT) / scoring_job.files["xlsx"])
    cells = [row[0] for row in book.worksheets[0].iter_rows(min_row=2)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.number_format for cell in cells} == {"@"}
    whole = pd.read_parquet(Path(settings.MEDIA_ROOT) / scoring_job.files["parquet"])
    assert [row[1] for row in rows] == whole["probability"].tolist()


def test_headings_are_words_of_the_starter_s_language_where_that_is_asked_for(
    champion: ModelVersion, analyst: Any, next_month: Any, run_jobs: Any, settings: Any
) -> None:
    with translation.override("zh-hans"):
        chinese = scored(analyst, champion, upload(next_month(20)), run_jobs, wanted=Wanted("xlsx", "words"))
    plain = scored(analyst, champion, upload(next_month(20)), run_jobs)

    text = (Path(settings.MEDIA_ROOT) / chinese.files["csv"]).read_text(encoding="utf-8-sig")
    assert next(csv.reader(io.StringIO(text)))[:5] == ["客户号", "事件概率", "得分（百分位）", "等级", "评分卡总分"]
    assert sheet_of(chinese, settings)[0][1:4] == ("事件概率", "得分（百分位）", "等级")
    named = (Path(settings.MEDIA_ROOT) / plain.files["csv"]).read_text(encoding="utf-8-sig")
    assert named.startswith("customer,probability,score,band")
    assert list(pd.read_parquet(Path(settings.MEDIA_ROOT) / chinese.files["parquet"]))[1] == "probability"


def test_rows_without_ids_carry_their_number_through_every_chunk_and_format(
    champion: ModelVersion, analyst: Any, next_month: Any, run_jobs: Any, settings: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(batch_scoring, "ROWS_A_CHUNK", 20)
    frame = next_month(50)
    with_ids = scored(analyst, champion, upload(frame), run_jobs)
    bare = scored(analyst, champion, upload(frame.drop(columns="customer")), run_jobs, wanted=Wanted("xlsx", "words"))

    parquet = pd.read_parquet(Path(settings.MEDIA_ROOT) / bare.files["parquet"])
    assert parquet["row_number"].tolist() == list(range(1, 51))
    named = pd.read_parquet(Path(settings.MEDIA_ROOT) / with_ids.files["parquet"])
    assert "row_number" not in named
    assert parquet["probability"].tolist() == named["probability"].tolist()
    header, *rows = sheet_of(bare, settings)
    assert (header[0], [row[0] for row in rows]) == ("Row number", list(range(1, 51)))
    text = (Path(settings.MEDIA_ROOT) / bare.files["csv"]).read_text(encoding="utf-8-sig")
    assert [line.split(",")[0] for line in text.splitlines()] == ["Row number", *map(str, range(1, 51))]
    assert [column.name for column in score_columns(bare)][:2] == ["row_number", "probability"]


@pytest.mark.parametrize(("asked", "is_told"), [("xlsx", True), ("csv", False)])
def test_a_list_that_no_sheet_holds_is_csv_only_and_says_so_where_excel_was_asked_for(
    champion: ModelVersion, analyst: Any, next_month: Any, run_jobs: Any, monkeypatch: Any, asked: str, is_told: bool
) -> None:
    monkeypatch.setitem(FORMATS, "xlsx", replace(FORMATS["xlsx"], most_rows=40, unasked_rows=40))

    scoring_job = scored(analyst, champion, upload(next_month(41)), run_jobs, wanted=Wanted(asked))

    assert (scoring_job.state, sorted(scoring_job.files)) == ("finished", ["csv", "parquet"])
    told = " ".join(line.sentence for line in shown_cover(scoring_job.summary))
    assert ("An Excel sheet holds 40 rows and this table has 41" in told) == is_told


def test_a_format_of_the_engine_s_table_is_written_listed_and_downloaded(
    champion: ModelVersion,
    analyst: Any,
    next_month: Any,
    run_jobs: Any,
    client_of: Any,
    settings: Any,
    monkeypatch: Any,
) -> None:
    monkeypatch.setitem(FORMATS, "bars", replace(FORMATS["csv"], name="bars", label="Bars", is_for_reading=False))

    scoring_job = scored(analyst, champion, upload(next_month(20)), run_jobs)

    place = reverse("scoring_file", args=[scoring_job.pk, "bars"])
    page = client_of(analyst).get(reverse("scoring_detail", args=[scoring_job.pk])).content.decode()
    assert f'<a href="{place}" download>Bars</a>' in page
    answer = client_of(analyst).get(place)
    assert answer["Content-Disposition"].endswith('.bars"')
    assert answer.getvalue() == (Path(settings.MEDIA_ROOT) / scoring_job.files["csv"]).read_bytes()


def test_the_dictionary_tells_meaning_unit_range_and_the_version_of_the_model(
    champion: ModelVersion, analyst: Any, next_month: Any, run_jobs: Any, client_of: Any
) -> None:
    scoring_job = scored(analyst, champion, upload(next_month(30)), run_jobs)

    answer = client_of(analyst).get(reverse("scoring_dictionary", args=[scoring_job.pk]))
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert [row["Column"] for row in rows][:4] == ["customer", "probability", "score", "band"]
    low, high = scoring_job.summary["ranges"]["probability"]
    assert rows[1]["Range"] == f"0–1; in this file {low:.6f} to {high:.6f}"
    assert "answered = yes" in rows[1]["Meaning"]
    assert all(f"{champion}, model hash {champion.artifact_hash[:12]}" in row["Model"] for row in rows)
    book = client_of(analyst).get(reverse("scoring_dictionary_xlsx", args=[scoring_job.pk])).getvalue()
    assert openpyxl.load_workbook(io.BytesIO(book)).worksheets[0].max_row == len(rows) + 1


def test_the_api_takes_format_and_headings_and_gives_excel_and_dictionary(
    champion: ModelVersion, analyst: Any, stranger: Any, next_month: Any, run_jobs: Any
) -> None:
    key = {"HTTP_AUTHORIZATION": f"Bearer {create_token(analyst, 'test')[1]}"}
    asked = {
        "model_id": champion.registered_model_id,
        "file_format": "xlsx",
        "headings": "words",
        "language": "zh-hans",
    }
    sent = Client().post("/api/v1/scoring-jobs", {**asked, "file": upload(next_month(20))}, **key)
    assert sent.status_code == 202, sent.content
    run_jobs()

    place = f"/api/v1/scoring-jobs/{sent.json()['id']}"
    assert Client().get(place, **key).json()["has_xlsx"] is True
    book = Client().get(f"{place}/scores.xlsx", **key)
    assert openpyxl.load_workbook(io.BytesIO(book.getvalue())).worksheets[0]["B1"].value == "事件概率"
    meanings = Client().get(f"{place}/dictionary", **key).json()
    assert meanings[1]["name"] == "probability"
    assert meanings[1]["heading"] == "事件概率"
    columns = Client().get(f"/api/v1/models/{champion.registered_model_id}/columns-to-score", **key).json()
    assert columns[0]["name"] == "customer"
    theirs = {"HTTP_AUTHORIZATION": f"Bearer {create_token(stranger, 'test')[1]}"}
    for path in (f"{place}/scores.xlsx", f"{place}/dictionary", f"{place}/dictionary.csv"):
        assert Client().get(path, **theirs).status_code == 404


def test_a_text_longer_than_a_cell_and_signs_that_xml_has_not_leave_a_workbook_that_opens(tmp_path: Path) -> None:
    texts = pd.Series(["x" * 40_000, "bell\x07", "_x0041_", "\ud800", None], dtype=object)
    frame = pd.DataFrame({"a": texts, "n": [1.5, float("nan"), 3, 4, 5]})
    with workbook_writing.open_sheet(tmp_path / "book.xlsx", "t", ["a", "n"]) as sheet:
        sheet.write(frame)

    assert (tmp_path / "book.xlsx").stat().st_size < 8_000
    rows = list(openpyxl.load_workbook(tmp_path / "book.xlsx").worksheets[0].iter_rows(values_only=True))
    assert len(rows[1][0]) == 32_767
    assert rows[3][0] == "_x005F_x0041_" or rows[3][0] == "_x0041_"
    assert [row[1] for row in rows[1:]] == [1.5, None, 3, 4, 5]


def test_reasons_tell_a_code_by_what_the_dictionary_says_it_means(
    champion: ModelVersion, analyst: Any, next_month: Any, run_jobs: Any, settings: Any
) -> None:
    scoring_job = scored(analyst, champion, upload(next_month(300)), run_jobs, wanted=Wanted(language="zh-hans"))

    texts = (
        pd.read_parquet(Path(settings.MEDIA_ROOT) / scoring_job.files["parquet"])
        .filter(like="reason_")
        .stack()
        .tolist()
    )
    assert "job 为护士" in texts
    assert "job 为 nurse" not in texts


@pytest.mark.parametrize(
    ("facts", "meaning"),
    [
        ({"event_name": "bad loans"}, "Calibrated probability of “bad loans”: bad_flag = 1"),
        ({}, "Calibrated probability that the event happens: bad_flag = 1"),
    ],
)
def test_the_probability_is_told_in_the_bank_s_own_words_for_its_event(facts: dict[str, str], meaning: str) -> None:
    manifest = {"facts": {"spec": {"target": "bad_flag", "event": "1"}, **facts}}
    known = _Facts(ScoringJob(summary={}), "default", manifest)

    with translation.override("en"):
        assert _probability(known).meaning == meaning
