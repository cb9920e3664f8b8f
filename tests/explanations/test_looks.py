"""What a worker finds of a model over all customers or a segment: asked for once, shown without what is hidden."""

import csv
import io
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role, User
from accounts.services import create_token
from catalog.models import ColumnSetting
from common.once import one_page
from diagnostics.models import Inquiry, Subject
from diagnostics.queries.inquiries import key_of
from dictionary.models import DictionaryEntry
from experiments.artifact.manifest import attach
from experiments.charts.coloured_dependence import coloured_dependence_data
from experiments.scoring.global_look import FEWEST_ROWS, GlobalLook, GroupWeight, look_at_model
from explanations.queries import segments
from explanations.queries.looks import asked_of, inquiry_for
from explanations.queries.segments import columns_offered, segments_offered
from jobs.models import Job, JobState
from results.queries.evidence import folder_of
from tests.experiments.loans import loans, model_of
from training.models import Experiment, LeaderboardRow
from training.queries.hidden import hidden_columns

TABLE = loans(400, seed=7)


@pytest.fixture
def experiment(
    draft: Experiment, finish: Callable[[Experiment], Experiment], explain: Callable[[Experiment], None], settings: Any
) -> Experiment:
    """A finished run whose models can score the table that it stands on."""
    finished = finish(draft)
    explain(finished)
    for row in finished.leaderboard.all():
        folder = folder_of(row)
        kept = {name: (folder / name).read_text() for name in ("evidence.json", "explanation.json")}
        shutil.rmtree(folder)
        model_of("lightgbm" if row.learner == "lightgbm" else "linear").save(folder)
        attach(folder, kept)
    path = Path(settings.MEDIA_ROOT) / "loans.parquet"
    own = pd.read_parquet(path)
    TABLE.drop(columns="age").join(own).to_parquet(path)
    finished.spec["protected"] = []
    finished.save()
    ColumnSetting.objects.create(
        dataset=finished.version.dataset, name="age", protected="no", set_on=finished.version, set_by=finished.owner
    )
    return finished


@pytest.fixture
def browser(client_of: Callable[[User], Client], modeler: User) -> Client:
    return client_of(modeler)


@pytest.fixture(scope="module")
def found() -> GlobalLook:
    return look_at_model(model_of("lightgbm"), lambda rows: TABLE.iloc[rows], rows=np.arange(400))


def kept_look(row: LeaderboardRow, found: GlobalLook, user: User) -> Inquiry:
    asked = asked_of(None)
    return Inquiry.objects.create(
        experiment=row.experiment, candidate=row.candidate, subject=Subject.EXPLANATION, asked=asked,
        key=key_of(row, Subject.EXPLANATION, asked), answer=found.to_dict(), asked_by=user,
    )  # fmt: skip


def page(browser: Client, experiment: Experiment, **query: str) -> str:
    answer = browser.get(reverse("experiment_why", args=[experiment.pk]), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_what_is_asked_of_all_customers_a_worker_finds_once_and_the_page_shows_it(
    browser: Client, experiment: Experiment, run_jobs: Callable[[], list[Job]]
) -> None:
    assert "calculated on request" in page(browser, experiment, part="together")
    address = reverse("experiment_why_ask", args=[experiment.pk])
    asked = {"part": "together", "candidate": "lightgbm"}
    assert browser.post(address, asked)["Location"].endswith("?candidate=lightgbm&part=together")
    browser.post(address, asked)
    assert "being explained over these customers" in page(browser, experiment, part="together", candidate="lightgbm")

    assert [job.state for job in run_jobs()] == [JobState.SUCCEEDED]

    assert Inquiry.objects.get().answer["rows"] == 400
    together = page(browser, experiment, part="together", candidate="lightgbm")
    assert "sample size 100" in together
    assert "Acts together with" in together
    factor = page(browser, experiment, part="factor", candidate="lightgbm", column="age")
    assert "If everybody had the same age" in factor


def test_a_segment_is_explained_by_its_own_customers(
    browser: Client, experiment: Experiment, run_jobs: Callable[[], list[Job]]
) -> None:
    column = experiment.data_check.columns.get(column__name="age").column
    column.profile = {"top_values": [{"value": 30, "count": 90}], "quantiles": {"p25": 30, "p50": 40, "p75": 50}}
    column.distinct_count = 60
    column.save()
    key = next(key for key in segments_offered(experiment, "age") if key.startswith("range:−∞"))
    segment = {"by": "age", "level": key, "candidate": "lightgbm"}
    assert "Nobody has explained the model for age: below" in page(browser, experiment, **segment)

    browser.post(reverse("experiment_why_ask", args=[experiment.pk]), segment)
    run_jobs()

    rows = Inquiry.objects.get().answer["rows"]
    assert FEWEST_ROWS <= rows < 400
    assert f"Sample sizes: {rows} in all" in page(browser, experiment, **segment)
    drawn = browser.get(reverse("reasons_chart", args=[experiment.pk, "dependence"]), {**segment, "column": "age"})
    assert max(json.loads(drawn.content)["data"][-1]["x"]) < 30
    whole = browser.get(reverse("reasons_chart", args=[experiment.pk, "dependence"]), {"column": "age"})
    assert max(json.loads(whole.content)["data"][-1]["x"]) > 30


def test_programs_ask_for_the_explanation_of_a_segment(
    client: Client, experiment: Experiment, modeler: User, analyst: User, run_jobs: Callable[[], list[Job]],
    add_person: Callable[..., User],
) -> None:  # fmt: skip
    column = experiment.data_check.columns.get(column__name="age").column
    column.profile = {"top_values": [{"value": 30, "count": 90}], "quantiles": {"p25": 30, "p50": 40, "p75": 50}}
    column.distinct_count = 60
    column.save()
    base = f"/api/v1/experiments/{experiment.pk}"

    def call(method: str, address: str, asked: dict[str, str], user: User = modeler) -> Any:
        bearer = {"Authorization": f"Bearer {create_token(user, 'tests')[1]}"}
        sent = {"content_type": "application/json"} if method == "post" else {}
        return getattr(client, method)(f"{base}/{address}", asked, headers=bearer, **sent)

    cuts = call("get", "segments", {"column": "age"}).json()["columns"]
    assert [each["column"] for each in cuts] == ["age"]
    youngest = cuts[0]["segments"][0]
    asked = {"column": "age", "segment": youngest["key"], "candidate": "lightgbm"}
    before = call("get", "explanation", asked).json()
    assert (before["inquiry"], before["is_waiting"], before["rows"], before["factors"]) == (None, False, None, [])
    assert call("post", "explanation", asked, add_person("colleague")).status_code == 403
    answer = call("post", "explanation", asked)
    assert (answer.status_code, answer.json()["is_waiting"]) == (202, True)
    run_jobs()
    found = call("get", "explanation", asked, analyst).json()
    assert (found["segment"], found["is_waiting"], found["why_not"]) == (youngest["name"], False, "")
    assert found["rows"] == Inquiry.objects.get().answer["rows"] < 400
    assert {"age", "income"} < {each["column"] for each in found["factors"]} <= set(TABLE)
    assert sum(each["share"] for each in found["groups"]) == pytest.approx(1)
    whole = call("get", "explanation", {"candidate": "lightgbm"}).json()
    assert (whole["segment"], whole["inquiry"]) == ("", None)
    assert whole["factors"] != found["factors"]
    for wrong in ({"column": "age", "segment": "level:18"}, {"column": "agee"}, {"segment": "level:18"}):
        assert call("get", "explanation", wrong).status_code == 404
        assert call("post", "explanation", wrong).status_code == 404
    assert Inquiry.objects.count() == 1


def test_ranges_of_large_numbers_are_each_offered(experiment: Experiment) -> None:
    column = experiment.data_check.columns.get(column__name="age").column
    quarters = {"p25": 12_345_671.0, "p50": 12_345_674.0, "p75": 12_345_678.5}
    column.profile, column.distinct_count = {"top_values": [{"value": 30, "count": 90}], "quantiles": quarters}, 60
    column.save()
    offered = segments_offered(experiment, "age")
    assert [(each.asked.low, each.asked.high) for each in offered.values()][1:3] == [
        (12_345_671.0, 12_345_674.0),
        (12_345_674.0, 12_345_678.5),
    ]
    assert list(offered)[1] == "range:12345671:12345674"
    assert "12,345,671 to below 12,345,674" in offered["range:12345671:12345674"].name


def test_a_segment_that_is_not_offered_is_not_explained(browser: Client, experiment: Experiment) -> None:
    address = reverse("experiment_why_ask", args=[experiment.pk])
    assert browser.post(address, {"by": "age", "level": "level:18"}).status_code == 404
    assert browser.post(address, {"by": "no such column"}).status_code == 404
    assert not Inquiry.objects.exists()


@pytest.mark.parametrize("kind", ["is_sensitive", "is_protected", "protected"])
def test_sensitive_and_protected_columns_are_not_offered_as_segments(
    kind: str, experiment: Experiment, analyst: User
) -> None:
    column = experiment.data_check.columns.get(column__name="age").column
    column.profile, column.distinct_count = {"top_values": [{"value": 30, "count": 90}]}, 5
    column.save()
    assert "age" in columns_offered(experiment)
    assert "level:30" in segments_offered(experiment, "age")

    if kind == "protected":
        experiment.spec["protected"] = ["age"]
        experiment.save()
    else:
        DictionaryEntry.objects.create(dataset=experiment.version.dataset, name="age", set_by=analyst, **{kind: True})

    assert "age" not in columns_offered(experiment)
    assert segments_offered(experiment, "age") == {}


def test_columns_are_offered_without_reading_their_profiles_and_one_is_cut_by_its_own(
    experiment: Experiment, django_assert_num_queries: Callable[..., Any]
) -> None:
    age, month = (experiment.data_check.columns.get(column__name=name).column for name in ("age", "month"))
    full: dict[str, Any] = {"top_values": [{"value": 30, "count": 90}]}
    age.profile, age.distinct_count = full, 5
    age.save()
    for kind, profile, distinct, offered in [
        ("categorical", full, 5, ["age", "month"]), ("categorical", full, 1, ["age"]), ("date", full, 5, ["age"]),
        ("categorical", {"top_values": []}, 5, ["age"]), ("categorical", {}, 5, ["age"]),
    ]:  # fmt: skip
        month.type, month.profile, month.distinct_count = kind, profile, distinct
        month.save()
        assert sorted(columns_offered(experiment)) == offered

    with one_page():
        assert list(columns_offered(experiment)) == ["age"]
        (kept,) = segments._columns(experiment)
        assert {"profile", "special_values"} <= kept.get_deferred_fields()
        with django_assert_num_queries(1):
            assert kept.profile["top_values"] == [{"value": 30, "count": 90}]
        assert list(segments_offered(experiment, "age")) == ["level:30"]


def test_the_dictionary_is_asked_once_for_all_that_it_keeps_back(experiment: Experiment, analyst: User) -> None:
    dataset = experiment.version.dataset
    for name, kind in {"age": "is_protected", "job": "is_sensitive"}.items():
        DictionaryEntry.objects.create(dataset=dataset, name=name, set_by=analyst, **{kind: True})

    with CaptureQueriesContext(connection) as caught:
        hidden = hidden_columns([experiment], [experiment.version])

    assert ("job" in hidden.secret, "job" in hidden.protected) == (True, False)
    assert ("age" in hidden.secret, "age" in hidden.protected) == (False, True)
    asked = [each["sql"] for each in caught if DictionaryEntry._meta.db_table in each["sql"]]
    # The other one is the check's, of the attributes that it holds to be protected.
    assert len(asked) == 2
    assert len([sql for sql in asked if "is_sensitive" in sql]) == 1


def test_levels_of_few_customers_are_not_offered(experiment: Experiment) -> None:
    column = experiment.data_check.columns.get(column__name="age").column
    column.profile = {"top_values": [{"value": 30, "count": 90}, {"value": 31, "count": FEWEST_ROWS - 1}]}
    column.distinct_count, column.missing_count = 5, FEWEST_ROWS
    column.save()
    assert list(segments_offered(experiment, "age")) == ["level:30", "missing"]


def test_charts_of_a_look_show_no_level_of_a_sensitive_column_and_nobody_of_a_protected_one(
    browser: Client, experiment: Experiment, found: GlobalLook, modeler: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = experiment.leaderboard.get(candidate="lightgbm")
    pair = coloured_dependence_data(
        found.explanation.dependence["age"], np.zeros(400), values=TABLE["age"], partner=TABLE["job"]
    )
    kept_look(row, replace(found, coloured={"age": pair}), modeler)
    asked = {"candidate": "lightgbm"}

    def drawn(name: str, column: str) -> tuple[int, str]:
        answer = browser.get(reverse("reasons_chart", args=[experiment.pk, name]), {**asked, "column": column})
        return answer.status_code, answer.content.decode()

    assert "clerk" in drawn("partial_dependence", "job")[1]
    assert "clerk" in drawn("dependence", "age")[1]
    assert "null" in drawn("partial_dependence", "age")[1]

    DictionaryEntry.objects.create(dataset=experiment.version.dataset, name="job", is_sensitive=True, set_by=modeler)
    experiment.spec["protected"] = ["age"]
    experiment.save()

    assert drawn("partial_dependence", "job")[0] == 404
    assert drawn("dependence", "age")[0] == 200
    assert "clerk" not in drawn("dependence", "age")[1]
    # Single customers are drawn with gaps between them: without them there is none.
    assert '"x": [], "y": []' in drawn("partial_dependence", "age")[1]


def test_the_numbers_of_a_look_can_be_carried_away(
    browser: Client, experiment: Experiment, found: GlobalLook, modeler: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = experiment.leaderboard.get(candidate="lightgbm")
    kept_look(row, found, modeler)
    for name, heading in (("together", "Acts together with"), ("partial_dependence", "Mean probability")):
        answer = browser.get(
            reverse("reasons_chart_table", args=[experiment.pk, name]), {"candidate": "lightgbm", "column": "age"}
        )
        rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
        assert heading in rows[0]
        assert len(rows) > 2


def test_a_group_says_in_chinese_with_which_columns_it_is_summed(
    browser: Client, experiment: Experiment, found: GlobalLook, modeler: User
) -> None:
    groups = (GroupWeight("age", ("age", "income"), 0.2, 1.0),)
    kept_look(experiment.leaderboard.get(candidate="lightgbm"), replace(found, groups=groups), modeler)
    asked = {"candidate": "lightgbm"}
    answer = browser.get(reverse("experiment_why", args=[experiment.pk]), asked, headers={"accept-language": "zh-hans"})
    assert "与 income 合并计算" in answer.content.decode()


@pytest.mark.parametrize(("language", "name"), [("zh-hans", "负债"), ("en", "Debt")])
def test_a_group_of_the_dictionary_is_called_as_it_is_there(
    browser: Client, experiment: Experiment, found: GlobalLook, modeler: User, language: str, name: str
) -> None:
    groups = (GroupWeight("负债|Debt", ("age", "income"), 0.2, 1.0),)
    kept_look(experiment.leaderboard.get(candidate="lightgbm"), replace(found, groups=groups), modeler)
    address, asked = reverse("experiment_why", args=[experiment.pk]), {"candidate": "lightgbm"}
    shown = browser.get(address, asked, headers={"accept-language": language}).content.decode()
    assert f">{name}<" in shown
    assert "负债|Debt" not in shown


def test_what_was_found_of_a_former_model_is_not_told_of_the_next(
    experiment: Experiment, found: GlobalLook, modeler: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = experiment.leaderboard.get(candidate="lightgbm")
    kept_look(row, found, modeler)
    assert inquiry_for(row, None) is not None
    row.model_hash = "another"
    assert inquiry_for(row, None) is None


def test_who_may_not_change_the_experiment_sees_but_cannot_ask(
    client_of: Callable[[User], Client], add_person: Callable[..., User], experiment: Experiment
) -> None:
    reader = client_of(add_person("reader", Role.ANALYST))
    assert "Ask somebody who may change this experiment" in page(reader, experiment, part="together")
    assert reader.post(reverse("experiment_why_ask", args=[experiment.pk])).status_code == 403


def test_a_look_that_fails_says_why(browser: Client, experiment: Experiment, run_jobs: Callable[[], list[Job]]) -> None:
    browser.post(reverse("experiment_why_ask", args=[experiment.pk]), {"part": "together"})
    experiment.leaderboard.update(model_path="")
    run_jobs()
    experiment.leaderboard.update(model_path="elsewhere")
    assert "no longer on the leaderboard" in Inquiry.objects.get().answer["message"]
