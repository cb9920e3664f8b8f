"""One customer on a page: found by id, explained, tried with other values; every look on record, no id in the open."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.services import create_token
from audit.models import AuditEntry
from catalog.models import Column, DatasetVersion
from common.storage import local_path
from dictionary.models import DictionaryEntry
from experiments.artifact.manifest import read_manifest
from experiments.artifact.model import ModelArtifact
from experiments.experiment import run_experiment
from experiments.privacy.protection import ProtectedColumn, protected_values
from experiments.scoring.batch import score_file
from experiments.scoring.one_customer.score import score_customer
from experiments.spec import ExperimentSpec, SearchBudget
from explanations.answers import may_be_among
from explanations.models import CustomerLook
from explanations.queries.customer import cut_off_of
from explanations.queries.places import Place, places_of
from explanations.services import shown_id
from privacy.protection import secret_key
from registry.models import ModelVersion, RegisteredModel
from scoring.models import ScoringJob, ScoringState
from serving.pointers import Whereabouts, write_whereabouts
from tests.experiments.customers import customers
from tests.serving.conftest import model_server  # noqa: F401 - a fixture
from training.models import Experiment, LeaderboardRow

ID, ROW = "C00007", 7


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    spec = ExperimentSpec(
        "bad", "yes", id_column="id", budget=SearchBudget(None, 1), learners=("linear",), ensemble=False,
        feature_effort="off",
        labels={"income": {"en": "Income", "zh": "收入", "reason_group": "收支|Income and spending"}},
    )  # fmt: skip
    result = run_experiment(spec, customers(300), work_dir=tmp_path_factory.mktemp("run"))
    return next(row.model_dir for row in result.finalists if row.candidate == "scorecard" and row.model_dir)


@pytest.fixture
def table(version: DatasetVersion) -> Iterator[str]:
    key = f"datasets/customers-{version.pk}/table.parquet"
    local_path(key).parent.mkdir(parents=True, exist_ok=True)
    customers(300).to_parquet(local_path(key))
    yield key
    shutil.rmtree(local_path(key).parent, ignore_errors=True)


@pytest.fixture
def experiment(
    draft: Experiment, finish: Callable[..., Experiment], version: DatasetVersion, folder: Path, table: str,
    model_server: Any,  # noqa: F811
) -> Iterator[Experiment]:  # fmt: skip
    """A finished run whose recommended model is a real one, on a version with ids."""
    finished = finish(draft)
    plain = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["facts"]["spec"]
    Experiment.objects.filter(pk=finished.pk).update(spec=plain)
    DatasetVersion.objects.filter(pk=version.pk).update(parquet_path=table, row_count=300)
    Column.objects.create(version=version, position=90, name="id", label="id", type="text")
    row = finished.leaderboard.get(is_recommended=True)
    shutil.copytree(folder, local_path(row.model_path), dirs_exist_ok=True)
    manifest = read_manifest(folder)
    LeaderboardRow.objects.filter(pk=row.pk).update(model_hash=manifest["hash"], model_seal=manifest["seal"])
    yield Experiment.objects.get(pk=finished.pk)
    shutil.rmtree(local_path(row.model_path), ignore_errors=True)


@pytest.fixture
def browser(client_of: Callable[[User], Client], analyst: User) -> Client:
    return client_of(analyst)


def search(browser: Client, experiment: Experiment, typed: str, **more: str) -> Any:
    return browser.post(reverse("experiment_customer", args=[experiment.pk]), {"customer": typed, **more})


def look_at(browser: Client, experiment: Experiment, typed: str = ID) -> CustomerLook:
    answer = search(browser, experiment, typed)
    assert answer.status_code == 302, answer.content.decode()
    return CustomerLook.objects.latest("pk")


def expected(folder: Path, **changes: object) -> float:
    return score_customer(ModelArtifact.load(folder), customers(300).iloc[[ROW]].assign(**changes)).probability


def test_a_customer_found_by_id_is_shown_with_score_reasons_and_sliders(
    browser: Client, experiment: Experiment, folder: Path
) -> None:
    look = look_at(browser, experiment)

    page = browser.get(reverse("customer_look", args=[experiment.pk, look.pk])).content.decode()

    assert look.row == ROW
    assert f'id="now">{expected(folder):.1%}' in page
    assert 'type="range"' in page
    assert "Income" in page
    assert "waterfall-data" in page
    assert ID not in page


def test_the_decision_turns_where_the_reasons_say_that_customers_are_just_approved(
    browser: Client, experiment: Experiment
) -> None:
    row = experiment.leaderboard.get(is_recommended=True)
    model, frame = ModelArtifact.load(local_path(row.model_path)), customers(300)
    baseline = model.reason_book.baseline
    assert {one.name: one.group for one in model.reason_book.columns}["income"] == "收支|Income and spending"
    assert baseline.cut_off is not None
    assert baseline.low < baseline.high < baseline.cut_off
    assert cut_off_of(row) == pytest.approx(baseline.cut_off)
    p = model.predict(frame)
    sides = {"passes": np.flatnonzero(p < baseline.cut_off)[-1], "misses": np.flatnonzero(p >= baseline.cut_off)[0]}
    for side, place in sides.items():
        look = look_at(browser, experiment, f"C{place:05d}")
        page = browser.get(reverse("customer_look", args=[experiment.pk, look.pk])).content.decode()
        assert f"{side} the cut-off {baseline.cut_off:.1%}" in page
        assert str(baseline.told) in page


def test_other_values_move_the_score_as_scoring_them_would(
    browser: Client, experiment: Experiment, folder: Path
) -> None:
    look = look_at(browser, experiment)
    address = reverse("customer_what_if", args=[experiment.pk, look.pk])

    sent = {"column": ["income", "job"], "own": ["5578", "clerk"], "value": ["2000", "clerk"]}
    moved = browser.post(address, sent | {"probability": 0.2, "cut_off": 0.3}).content.decode()
    refused = browser.post(address, sent | {"value": ["much", "clerk"]}).content.decode()

    assert f'id="now">{expected(folder, income=2000.0):.1%}' in moved
    assert "Income 5578 → 2,000" in moved
    assert "income takes a number; much is not a number." in refused
    assert f'id="now">{expected(folder):.1%}' in refused


def test_only_what_the_dictionary_calls_changeable_is_advised(
    browser: Client, experiment: Experiment, analyst: User
) -> None:
    row = experiment.leaderboard.get(is_recommended=True)
    model, frame, cut_off = ModelArtifact.load(local_path(row.model_path)), customers(300), cut_off_of(row)
    richest = model.predict(frame.assign(income=frame["income"].max()))
    crossing = np.flatnonzero((model.predict(frame) >= cut_off) & (richest < cut_off) & frame["income"].notna())
    assert len(crossing)
    look = look_at(browser, experiment, f"C{crossing[0]:05d}")
    ways = reverse("customer_ways", args=[experiment.pk, look.pk])
    nothing = browser.get(ways).content.decode()
    dataset = experiment.version.dataset
    DictionaryEntry.objects.create(dataset=dataset, name="income", is_changeable=True, set_by=analyst)
    DictionaryEntry.objects.create(dataset=dataset, name="age", is_changeable=True, is_protected=True, set_by=analyst)

    advised = browser.get(ways).content.decode()

    assert "marks no column as changeable" in nothing
    assert "Income" in advised
    assert "No change to one or two" not in advised
    assert "age" not in advised.replace("changeable", "").replace("average", "")

    DictionaryEntry.objects.filter(dataset=dataset, name="income").update(is_sensitive=True)
    assert "Income" not in browser.get(ways).content.decode()


def test_similar_customers_come_with_their_outcomes(browser: Client, experiment: Experiment) -> None:
    look = look_at(browser, experiment)
    page = browser.get(reverse("customer_alike", args=[experiment.pk, look.pk])).content.decode()
    assert "Of the 50 most similar customers with a known outcome" in page
    assert "with the event" in page or "without the event" in page


def test_a_customer_is_left_out_of_a_sample_only_where_it_can_be_in_it(
    table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("explanations.answers.MOST_ROWS", 100)
    assert sum(may_be_among({"table": table, "around": table, "row": row}) for row in range(300)) == 100
    assert may_be_among({"table": "another.parquet", "around": table, "row": 0})


def test_an_id_that_is_nowhere_says_where_it_was_looked_for_and_does_not_come_back(
    browser: Client, experiment: Experiment
) -> None:
    answer = search(browser, experiment, "13912345678")

    page = answer.content.decode()
    assert answer.status_code == 404
    assert f"No customer with this ID in: {experiment.version}" in page
    assert "13912345678" not in page
    assert AuditEntry.objects.filter(action="customer.searched").count() == 1


def test_nothing_typed_is_asked_for(browser: Client, experiment: Experiment) -> None:
    answer = search(browser, experiment, "  ")
    assert answer.status_code == 409
    assert "Enter a customer ID." in answer.content.decode()


def test_every_look_is_recorded_masked_and_a_colleagues_is_their_own(
    browser: Client, experiment: Experiment, client_of: Callable[[User], Client], modeler: User, stranger: User
) -> None:
    look = look_at(browser, experiment)
    address = reverse("customer_look", args=[experiment.pk, look.pk])

    answer = client_of(modeler).get(address)

    own = CustomerLook.objects.get(person=modeler)
    assert answer.url == reverse("customer_look", args=[experiment.pk, own.pk])
    entries = AuditEntry.objects.filter(action="customer.looked_at")
    assert [entry.actor_id for entry in entries.order_by("pk")] == [look.person_id, modeler.pk]
    assert all(ID not in json.dumps(entry.details) for entry in entries)
    assert client_of(stranger).get(address).status_code == 404
    for part in ("customer_ways", "customer_alike"):
        assert client_of(modeler).get(reverse(part, args=[experiment.pk, look.pk])).status_code == 404


def test_the_last_ten_are_offered_each_once(browser: Client, experiment: Experiment) -> None:
    for number in [*range(12), 11]:
        look_at(browser, experiment, f"C{number:05d}")
    page = browser.get(reverse("experiment_customer", args=[experiment.pk])).content.decode()
    assert page.count('<a class="chip') == 10
    assert "One customer at a time" in page


def test_an_id_that_is_hidden_in_the_table_is_found_as_it_is_typed(
    browser: Client, experiment: Experiment, table: str
) -> None:
    choice = ProtectedColumn("phone", "hash", False)
    frame = customers(300)
    typed = f"139{ROW:08d}"
    frame.loc[ROW, "id"] = protected_values(pd.Series([typed]).pipe(_polars), choice, secret_key()).to_list()[0]
    frame.to_parquet(local_path(table))
    Column.objects.filter(version=experiment.version, name="id").update(
        personal_data="phone", profile={"protection": {"way": "hash", "kind": "phone"}}
    )

    look = look_at(browser, experiment, typed)

    assert look.row == ROW
    assert look.shown_id == "··07"


def _polars(values: pd.Series) -> Any:
    import polars as pl

    return pl.Series(values.tolist())


@pytest.mark.parametrize(
    ("typed", "shown"), [("C-0417183", "C-04··83"), ("C12", "··12"), ("13912345678", "··78"), ("ab", "··ab")]
)
def test_an_id_is_shown_by_its_ends(typed: str, shown: str) -> None:
    assert shown_id(typed, Place("version", 1, "v", "t", "id", 3)) == shown


def test_without_the_model_server_the_page_says_so(browser: Client, experiment: Experiment) -> None:
    look = look_at(browser, experiment)
    write_whereabouts(Whereabouts(1, "nobody"))

    answer = browser.get(reverse("customer_look", args=[experiment.pk, look.pk]))
    searched = search(browser, experiment, ID)

    parts = [browser.get(reverse(name, args=[experiment.pk, look.pk])) for name in ("customer_ways", "customer_alike")]
    parts.append(browser.post(reverse("customer_what_if", args=[experiment.pk, look.pk])))

    assert [each.status_code for each in (answer, searched, *parts)] == [503] * 5
    assert all("The model server is not answering." in each.content.decode() for each in parts)
    assert "The model server is not answering." in answer.content.decode()
    assert "The model server is not answering." in searched.content.decode()


def test_values_the_dictionary_calls_sensitive_are_not_shown(
    browser: Client, experiment: Experiment, analyst: User
) -> None:
    look = look_at(browser, experiment)
    address = reverse("customer_look", args=[experiment.pk, look.pk])
    own = customers(300)["income"].iloc[ROW]
    assert f"{own:,.0f}" in browser.get(address).content.decode()

    DictionaryEntry.objects.create(dataset=experiment.version.dataset, name="income", is_sensitive=True, set_by=analyst)

    page = browser.get(address).content.decode()
    assert f"{own:,.0f}" not in page
    assert f'value="{own:.0f}' not in page
    assert "***" in page


def test_the_api_explains_a_customer_and_scores_other_values(
    experiment: Experiment, analyst: User, folder: Path
) -> None:
    bearer = {"HTTP_AUTHORIZATION": f"Bearer {create_token(analyst, 'tests')[1]}"}
    address = f"/api/v1/experiments/{experiment.pk}/customers"

    def post(path: str, body: dict[str, Any]) -> Any:
        return Client().post(path, body, content_type="application/json", **bearer)  # type: ignore[arg-type]

    found = post(address, {"customer": ID}).json()
    tried = post(f"{address}/{found['look']}/what-if", {"changes": {"income": "2000"}}).json()
    refused = post(f"{address}/{found['look']}/what-if", {"changes": {"income": "much"}})
    nowhere = post(address, {"customer": "nobody"})

    assert found["probability"] == pytest.approx(expected(folder))
    assert sum(found["contributions"].values()) + found["base"] == pytest.approx(found["margin"])
    assert found["customer"] == "C0··07"
    assert tried["probability"] == pytest.approx(expected(folder, income=2000.0))
    assert (refused.status_code, refused.json()["detail"]) == (409, "income takes a number; much is not a number.")
    assert nowhere.status_code == 404
    assert str(experiment.version) in nowhere.json()["detail"]


@pytest.mark.parametrize("kind", ["sensitive", "protected"])
def test_what_pages_hide_is_not_found_out_by_trying(
    kind: str, browser: Client, experiment: Experiment, analyst: User, folder: Path
) -> None:
    if kind == "sensitive":
        dataset = experiment.version.dataset
        DictionaryEntry.objects.create(dataset=dataset, name="job", is_sensitive=True, set_by=analyst)
    else:
        Experiment.objects.filter(pk=experiment.pk).update(spec=experiment.spec | {"protected": ["job"]})
    look = look_at(browser, experiment)
    told = "job cannot be tried: it is sensitive or protected."
    own = f"{expected(folder):.1%}"

    for value in ("clerk", "no such job"):
        sent = {"column": ["job"], "own": ["***"], "value": [value]}
        page = browser.post(reverse("customer_what_if", args=[experiment.pk, look.pk]), sent).content.decode()
        answer = Client().post(
            f"/api/v1/experiments/{experiment.pk}/customers/{look.pk}/what-if", {"changes": {"job": value}},
            content_type="application/json", headers={"Authorization": f"Bearer {create_token(analyst, 'tests')[1]}"},
        )  # fmt: skip

        assert told in page
        assert f'id="now">{own}' in page
        assert "driver" not in page
        assert (answer.status_code, answer.json()["detail"]) == (409, told)


def test_a_place_that_is_not_there_is_refused_and_nothing_else_is_searched(
    browser: Client, experiment: Experiment, analyst: User
) -> None:
    page = search(browser, experiment, ID, within="version-0")
    answer = Client().post(
        f"/api/v1/experiments/{experiment.pk}/customers", {"customer": ID, "within": "version-0"},
        content_type="application/json", headers={"Authorization": f"Bearer {create_token(analyst, 'tests')[1]}"},
    )  # fmt: skip

    assert page.status_code == 404
    assert f"This cannot be searched. Choose one of: {experiment.version}" in page.content.decode()
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (404, "/within")
    assert f"version-{experiment.version_id}" in answer.json()["detail"]
    assert not CustomerLook.objects.exists()


@pytest.mark.parametrize(("typed", "told"), [(" ", "Enter a customer ID."), ("301", "from 1 to 300.")])
def test_what_cannot_be_looked_for_has_one_status_on_the_page_and_over_http(
    typed: str, told: str, browser: Client, experiment: Experiment, analyst: User
) -> None:
    Experiment.objects.filter(pk=experiment.pk).update(spec=experiment.spec | {"id_column": None})
    page = search(browser, experiment, typed)
    answer = Client().post(
        f"/api/v1/experiments/{experiment.pk}/customers", {"customer": typed},
        content_type="application/json", headers={"Authorization": f"Bearer {create_token(analyst, 'tests')[1]}"},
    )  # fmt: skip

    assert (page.status_code, answer.status_code) == (409, 409)
    assert told in page.content.decode()
    assert told in answer.json()["detail"]


def test_a_model_that_the_server_refuses_is_no_server_that_is_away(browser: Client, experiment: Experiment) -> None:
    look = look_at(browser, experiment)
    experiment.leaderboard.update(model_hash="0" * 64)
    answer = browser.get(reverse("customer_look", args=[experiment.pk, look.pk]))
    assert answer.status_code == 409


def test_a_table_without_ids_is_spoken_of_by_rows(browser: Client, experiment: Experiment) -> None:
    Experiment.objects.filter(pk=experiment.pk).update(spec=experiment.spec | {"id_column": None})
    page = browser.get(reverse("experiment_customer", args=[experiment.pk])).content.decode()
    assert "Find a customer by row number" in page
    assert "Find a customer by ID" not in page


@pytest.fixture
def scored(experiment: Experiment, folder: Path, workspace: Any, analyst: User, tmp_path: Path) -> Iterator[ScoringJob]:
    """A list scored from a file that was uploaded, some of whose customers no dataset holds."""
    row = experiment.leaderboard.get(is_recommended=True)
    model = RegisteredModel.objects.create(workspace=experiment.workspace, name="Risk", kind=experiment.kind)
    version = ModelVersion.objects.create(
        registered_model=model, number=1, leaderboard_row=row, artifact_path=row.model_path, author=analyst,
        artifact_hash=row.model_hash, artifact_seal=row.model_seal,
    )  # fmt: skip
    job = ScoringJob.objects.create(
        workspace=experiment.workspace, model_version=version, owner=analyst, state=ScoringState.RUNNING,
        file_name="march.csv", source_path="uploads/march.csv", row_count=20,
    )  # fmt: skip
    new = customers(20, seed=9).assign(id=[f"N{number:04d}" for number in range(20)])
    new.to_csv(tmp_path / "march.csv", index=False)
    local_path(job.rows_key).parent.mkdir(parents=True, exist_ok=True)
    summary = score_file(
        folder, tmp_path / "march.csv", out_csv=tmp_path / "scores.csv", keep_rows=local_path(job.rows_key)
    )
    ScoringJob.objects.filter(pk=job.pk).update(summary=summary.to_dict(), state=ScoringState.FINISHED)
    yield job
    shutil.rmtree(local_path(job.rows_key).parent, ignore_errors=True)


def test_a_customer_of_an_uploaded_list_is_found_explained_and_tried(
    browser: Client, experiment: Experiment, scored: ScoringJob, folder: Path, tmp_path: Path
) -> None:
    answer = search(browser, experiment, "N0003", within=f"list-{scored.pk}")
    look = CustomerLook.objects.latest("pk")
    page = browser.get(answer.url).content.decode()
    tried = browser.post(
        reverse("customer_what_if", args=[experiment.pk, look.pk]),
        {"column": ["income"], "own": [""], "value": ["2000"]},
    ).content.decode()
    scores = pd.read_csv(tmp_path / "scores.csv").set_index("id")

    assert (look.place, look.row) == ("list", 3)
    assert f'id="now">{scores.loc["N0003", "probability"]:.1%}' in page
    new = customers(20, seed=9).iloc[[3]].assign(income=2000.0)
    assert f'id="now">{score_customer(ModelArtifact.load(folder), new).probability:.1%}' in tried
    assert search(browser, experiment, "N0003").status_code == 302


def test_a_customer_of_a_list_that_was_deleted_is_explained_no_more(
    browser: Client, experiment: Experiment, scored: ScoringJob
) -> None:
    address = search(browser, experiment, "N0003", within=f"list-{scored.pk}").url
    look = reverse("customer_look", args=[experiment.pk, CustomerLook.objects.latest("pk").pk])
    offered = reverse("experiment_customer", args=[experiment.pk])
    assert look in browser.get(offered).content.decode()

    shutil.rmtree(local_path(scored.folder))

    assert "was found in has been deleted" in browser.get(address).content.decode()
    assert look not in browser.get(offered).content.decode()


def test_the_page_of_an_uploaded_list_leads_to_its_customers(
    browser: Client, experiment: Experiment, scored: ScoringJob
) -> None:
    address = f"{reverse('experiment_customer', args=[experiment.pk])}?candidate="
    page = browser.get(reverse("scoring_detail", args=[scored.pk])).content.decode()
    assert address in page
    assert f"within=list-{scored.pk}" in page
    shown = browser.get(reverse("experiment_customer", args=[experiment.pk]), {"within": f"list-{scored.pk}"})
    assert f'value="list-{scored.pk}" selected' in shown.content.decode()


def test_a_list_is_called_by_the_day_on_which_it_was_scored_here(
    experiment: Experiment, scored: ScoringJob, settings: Any
) -> None:
    # A place where it is another day than in Greenwich at that moment.
    settings.TIME_ZONE = "Etc/GMT+12" if scored.created_at.hour < 12 else "Etc/GMT-14"
    here = scored.created_at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    assert here != scored.created_at.date()
    assert [place.name for place in places_of(experiment) if place.kind == "list"] == [f"List of {here}: march.csv"]


def test_ids_of_an_uploaded_list_are_kept_as_hidden_as_in_its_scores(folder: Path, tmp_path: Path) -> None:
    customers(5).to_csv(tmp_path / "rows.csv", index=False)
    score_file(
        folder, tmp_path / "rows.csv", out_csv=tmp_path / "scores.csv", keep_rows=tmp_path / "kept.parquet",
        protect_ids=lambda ids: [f"h{each[-1]}" for each in ids],
    )  # fmt: skip
    kept = pd.read_parquet(tmp_path / "kept.parquet")
    assert kept["id"].tolist() == ["h0", "h1", "h2", "h3", "h4"]
    assert "bad" not in kept
