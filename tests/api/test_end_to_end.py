"""From a file to scores by the HTTP API alone, with the real engine, as three people."""

import hashlib
import io
from typing import Any

import pandas as pd
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from audit.models import AuditEntry
from tests.api.conftest import post
from tests.conftest import PASSWORD
from tests.scoring.conftest import customers


def as_file(frame: pd.DataFrame, name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, frame.to_csv(index=False).encode())


@pytest.mark.slow
def test_a_file_becomes_an_approved_model_that_scores_next_month(
    caller: Any, analyst: Any, modeler: Any, admin: Any, stranger: Any, run_jobs: Any
) -> None:
    client = caller(analyst)
    dataset = client.post("/api/v1/datasets", {"file": as_file(customers(1500), "customers.csv"), "name": "Offer"})
    run_jobs()
    wish = {"name": "Offer", "kind": "response", "dataset_version_id": dataset.json()["id"], "target": "answered"}
    experiment = post(client, "/api/v1/experiments", **wish, event="yes", trials=3, learners=["lightgbm"])
    address = f"/api/v1/experiments/{experiment.json()['id']}"
    run_jobs()
    started = post(client, f"{address}/start")
    assert started.status_code == 202, started.json()
    run_jobs()

    watched = client.get(address).json()
    assert (watched["state"], watched["error"]) == ("finished", "")
    leaderboard = client.get(f"{address}/leaderboard").json()
    assert {"lightgbm", "scorecard"} <= {row["learner"] for row in leaderboard}
    assert [row["is_recommended"] for row in leaderboard].count(True) == 1
    assert client.get(f"{address}/trials").json()

    approval = post(client, f"{address}/submit", name="Offer", purpose="Rank the call list")
    assert approval.status_code == 201, approval.json()
    decision = {"decision": "approved", "comment": "Agreed", "password": PASSWORD, "limits_of_use": "Ranking only"}
    approved = post(caller(admin), f"/api/v1/approvals/{approval.json()['id']}/decision", **decision)
    assert approved.status_code == 200, approved.json()

    next_month = customers(200, seed=2).drop(columns="answered")
    upload = {"file": as_file(next_month, "april.csv"), "model_id": approved.json()["version"]["model_id"]}
    assert caller(stranger).post("/api/v1/scoring-jobs", upload).status_code == 404
    upload["file"].seek(0)
    wrong = caller(modeler).post("/api/v1/scoring-jobs", {**upload, "decimal": "!"})
    assert wrong.status_code == 422
    upload["file"].seek(0)
    scoring = caller(modeler).post("/api/v1/scoring-jobs", {**upload, "encoding": "utf-8", "delimiter": ","})
    assert scoring.status_code == 202, scoring.json()
    scoring_address = f"/api/v1/scoring-jobs/{scoring.json()['id']}"
    assert client.get(f"{scoring_address}/scores.csv").status_code == 409
    run_jobs()

    finished = client.get(scoring_address).json()
    assert (finished["state"], finished["row_count"], finished["error"]) == ("finished", 200, "")
    found = [finding["sentence"] for finding in finished["findings"]]
    *about_reasons, one, two, three = found
    # Age looks protected, so it is nobody's reason, and there is little else in these rows.
    assert any("only protected columns" in sentence for sentence in about_reasons)
    assert all("reason" in sentence or "protected" in sentence for sentence in about_reasons)
    assert [one, two, three] == [
        "Every row has its own ID",
        "IDs are written exactly as in the file",
        "The file covers what the model needs.",
    ]
    assert finished["artifact_hash"] == approved.json()["version"]["artifact_hash"]
    csv = b"".join(client.get(f"{scoring_address}/scores.csv").streaming_content)
    scores = pd.read_csv(io.BytesIO(csv), encoding="utf-8-sig")
    assert len(scores) == 200
    assert {"probability", "score", "band", "reason_1"} <= set(scores.columns)
    assert caller(stranger).get(f"{scoring_address}/scores.csv").status_code == 404
    of_version = f"/api/v1/model-versions/{approved.json()['version']['id']}"
    assert client.get(f"{of_version}/report.html").status_code == 409
    asked = post(client, f"{of_version}/reports", form="html", language="en")
    assert (asked.status_code, asked.json()["state"]) == (202, "queued")
    run_jobs()
    report = client.get(f"/api/v1/reports/{asked.json()['id']}").json()
    assert (report["state"], report["error"]) == ("made", "")
    page = b"".join(client.get(f"/api/v1/reports/{report['id']}/file").streaming_content)
    assert hashlib.sha256(page).hexdigest() == report["sha256"]
    assert b"".join(client.get(f"{of_version}/report.html").streaming_content) == page
    assert list(AuditEntry.objects.filter(action__startswith="model_version.").values_list("action", flat=True)) == [
        "model_version.submitted",
        "model_version.approved",
    ]
