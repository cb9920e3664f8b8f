"""Scores leave without what a dictionary keeps back, in every format; who may see personal data gets the whole."""

import io
from typing import Any

import pandas as pd
import pytest
from django.urls import reverse

from accounts.services import create_token
from audit.models import AuditEntry
from common.storage import local_path
from dictionary.models import DictionaryEntry
from registry.models import ModelVersion
from scoring.models import Headings, ScoringJob
from scoring.services import Wanted
from tests.scoring.test_scoring import scored, upload

pytestmark = pytest.mark.database


def keep_back(version: ModelVersion, column: str, **flags: Any) -> None:
    experiment = version.leaderboard_row.experiment
    defaults = {"set_by": experiment.owner, **flags}
    DictionaryEntry.objects.update_or_create(dataset=experiment.version.dataset, name=column, defaults=defaults)


def read(body: bytes, file_format: str) -> pd.DataFrame:
    if file_format == "xlsx":
        return pd.read_excel(io.BytesIO(body), dtype={"customer": str}, engine="openpyxl")
    if file_format == "parquet":
        return pd.read_parquet(io.BytesIO(body))
    return pd.read_csv(io.BytesIO(body), encoding="utf-8-sig", dtype={"customer": str})


def taken(client: Any, scoring_job: ScoringJob, file_format: str) -> pd.DataFrame:
    answer = client.get(reverse("scoring_file", args=[scoring_job.pk, file_format]))
    assert f".{file_format}" in answer["Content-Disposition"]
    return read(b"".join(answer.streaming_content), file_format)


def reasons(frame: pd.DataFrame) -> pd.Series:
    return frame.filter(like="reason_").astype(object).fillna("").stack().reset_index(drop=True)


@pytest.mark.parametrize("flags", [{"is_sensitive": True}, {"is_protected": True}])
def test_ids_and_values_that_are_kept_back_leave_in_no_format(
    champion: ModelVersion, analyst: Any, admin: Any, next_month: Any, run_jobs: Any, client_of: Any, flags: Any
) -> None:
    scoring_job = scored(analyst, champion, upload(next_month(40)), run_jobs)
    plain = pd.read_parquet(local_path(scoring_job.files["parquet"]))
    told = reasons(plain)
    quoted = told[told.str.startswith("Monthly income is ")]
    assert len(quoted) > 0
    keep_back(champion, "customer", **flags)
    keep_back(champion, "income", **flags)
    for file_format in ("csv", "parquet", "xlsx"):
        found = taken(client_of(analyst), scoring_job, file_format)
        assert found["customer"].tolist() == [f"****{name[-2:]}" for name in plain["customer"]]
        assert found["probability"].round(9).tolist() == plain["probability"].round(9).tolist()
        left, known = reasons(found), quoted[quoted != "Monthly income is not known"]
        assert not set(known) & set(left)
        assert (left == "Monthly income is ***").sum() == len(known)
        others = told[~told.isin(known)]
        assert left[left != "Monthly income is ***"].tolist() == others.tolist()
        whole = client_of(admin).get(reverse("scoring_file", args=[scoring_job.pk, file_format]))
        assert b"".join(whole.streaming_content) == local_path(scoring_job.files[file_format]).read_bytes()
    recorded = AuditEntry.objects.filter(action="scoring_job.downloaded").order_by("pk")
    facts = [(one.actor.username, one.details["ids_masked"], one.details["hidden"]) for one in recorded]
    assert facts == 3 * [(analyst.username, True, ["income"]), (admin.username, False, [])]


def test_programs_and_pages_are_told_the_same(
    champion: ModelVersion, analyst: Any, next_month: Any, run_jobs: Any, client_of: Any, client: Any
) -> None:
    scoring_job = scored(analyst, champion, upload(next_month(20)), run_jobs, wanted=Wanted(headings=Headings.WORDS))
    browser, page = client_of(analyst), reverse("scoring_detail", args=[scoring_job.pk])
    assert "the files mask IDs" not in browser.get(page).content.decode()
    keep_back(champion, "customer", is_sensitive=True)
    assert "the files mask IDs" in browser.get(page).content.decode()
    _token, secret = create_token(analyst, "programs")
    address = f"/api/v1/scoring-jobs/{scoring_job.pk}/scores.csv"
    answer = client.get(address, headers={"Authorization": f"Bearer {secret}"})
    found = read(b"".join(answer.streaming_content), "csv")
    assert found.iloc[:, 0].str.startswith("****").all()
    whole = pd.read_csv(local_path(scoring_job.files["csv"]), encoding="utf-8-sig")
    assert found.columns.tolist() == whole.columns.tolist()
    assert found.iloc[:, 1:].equals(whole.iloc[:, 1:])
