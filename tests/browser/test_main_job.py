"""Steps 1 to 9 with the real worker: the bank file in Chinese as three people, the Taiwan file in English."""

import io
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.browser import main_job
from tests.browser.main_job import Question
from tests.browser.person import PASSWORD, Person

SAMPLES = Path(__file__).resolve().parents[2] / "platform" / "catalog" / "samples"

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1800)]


def sample(name: str) -> pd.DataFrame:
    [file] = SAMPLES.glob(f"{name}*.csv.gz")
    return pd.read_csv(file)


def test_three_people_take_the_bank_file_to_scores_in_chinese(open_person: Any, tmp_path: Path) -> None:
    rows = sample("bank_marketing")
    rows.to_csv(tmp_path / "营销响应.csv", index=False, encoding="gb18030", sep=";")
    next_month = rows.drop(columns=["y"]).sample(2_000, random_state=7)
    next_month[next_month.columns[::-1]].assign(extra=1).to_csv(tmp_path / "next_month.csv", index=False)
    question = Question("response", tmp_path / "营销响应.csv", "y", "yes", "电话营销响应", "trials", 8)

    analyst: Person = open_person("analyst", language="zh-CN")
    address = main_job.upload_and_check(analyst, question)
    analyst.see("11.27%")
    assert "需确认：影响很大" in analyst.text()
    assert "duration" in analyst.text("[data-finding*='leak'], .ck")
    main_job.plan_and_start(analyst, question)
    main_job.watch_until_done(analyst, address)

    assert_result_is_told(analyst, "推荐")
    analyst.go(f"{address}why/")
    assert_reasons_are_drawn(analyst)
    analyst.go(f"{address}result/")
    main_job.submit(analyst, "电话营销响应模型")
    analyst.go("/approvals/")
    assert not analyst.has("form[data-decision-form]")

    colleague: Person = open_person("modeler", language="zh-CN")
    colleague.go(f"{address}result/")
    colleague.see("电话营销响应")

    approver: Person = open_person("approver", language="zh-CN")
    main_job.approve(approver, "电话营销响应模型", PASSWORD)
    approver.go("/audit/")
    approver.see("电话营销响应模型")

    scores = pd.read_csv(io.StringIO(main_job.score(analyst, tmp_path / "next_month.csv", "电话营销响应模型")))
    assert len(scores) == 2_000
    assert {"probability", "score", "band", "reason_1", "reason_4"} <= set(scores.columns)
    assert scores["probability"].between(0, 1).all()
    assert "extra" in analyst.text()
    assert not [line for person in (analyst, colleague, approver) for line in person.complaints()]


def test_an_analyst_takes_the_taiwan_file_to_scores_in_english(open_person: Any, tmp_path: Path) -> None:
    rows = sample("taiwan_credit")
    target = rows.columns[-1]
    rows.to_csv(tmp_path / "taiwan.csv", index=False)
    rows.drop(columns=[target]).head(1_500).to_csv(tmp_path / "book.csv", index=False)
    question = Question("default", tmp_path / "taiwan.csv", target, "1", "Card default", "trials", 8)

    analyst: Person = open_person("analyst")
    address = main_job.upload_and_check(analyst, question)
    analyst.see("22.12%")
    main_job.plan_and_start(analyst, question)
    main_job.watch_until_done(analyst, address)
    assert_result_is_told(analyst, "Recommended")
    analyst.go(f"{address}why/")
    assert_reasons_are_drawn(analyst)
    analyst.go(f"{address}result/")
    main_job.submit(analyst, "Card default score")
    main_job.approve(open_person("approver"), "Card default score", PASSWORD)

    scores = pd.read_csv(io.StringIO(main_job.score(analyst, tmp_path / "book.csv", "Card default score")))
    assert len(scores) == 1_500
    assert "ID" in scores.columns
    # For default a higher score is safer.
    assert scores["score"].corr(scores["probability"], method="spearman") < -0.99


def assert_result_is_told(person: Person, recommended: str) -> None:
    """The winner, the leaderboard with a scorecard and a baseline, and the first two curves are on the page."""
    person.wait(lambda: len(person.all("figure.chart svg.main-svg")) >= 2, "the charts were not drawn")
    told = person.text()
    assert recommended in told
    for word in ("AUC", "KS", "LightGBM"):
        assert word in told
    assert re.search(r"0\.[5-9]\d\d", told)


def assert_reasons_are_drawn(person: Person) -> None:
    """Each part of the page draws its own charts."""
    address = person.browser.current_url
    for part, count in (("factors", 1), ("factor", 2), ("customer", 1)):
        person.browser.get(f"{address}?part={part}")
        person.wait(
            lambda count=count: len(person.all("figure.chart svg.main-svg")) >= count, f"{part}: no charts were drawn"
        )
