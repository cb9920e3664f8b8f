"""A clone begins where another experiment is, also on another version of its dataset."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, User
from catalog.models import Column, Dataset, DatasetVersion
from checks.models import CheckedColumn, DataCheck, Finding
from experiments.errors import BadInput
from jobs.models import Job
from planning.plans.plan import Plan
from planning.services.cloning import clone_experiment
from planning.services.deleting import delete_experiment
from planning.services.drafting import save_plan
from training.models import Experiment, ExperimentState
from training.queries.participants import participants_in

Finish = Callable[[Experiment], Experiment]


@pytest.fixture
def other_version(version: DatasetVersion, analyst: User) -> DatasetVersion:
    """The same table a month later: without the month, with an age in words, and with an income."""
    new = DatasetVersion.objects.create(
        dataset=version.dataset, number=2, owner=analyst, file_name="loans2.csv", source_path="loans2.csv",
        parquet_path="loans.parquet", state="ready", row_count=400, column_count=3, sha256="8" * 64,
    )  # fmt: skip
    for position, (name, kind) in enumerate([("age", "numeric"), ("bad", "categorical"), ("income", "numeric")]):
        Column.objects.create(version=new, position=position, name=name, label=name, type=kind)
    return new


def test_a_clone_has_the_plan_and_the_data_check_and_is_a_draft_of_whoever_cloned(
    draft: Experiment, finish: Finish, analyst: User, add_person: Callable[..., User]
) -> None:
    colleague = add_person("colleague", Role.ANALYST)
    plan = replace(Plan.of(draft), seed=77, folds=4, contact_share=0.25, learners=("linear",))
    save_plan(draft, plan, analyst)
    CheckedColumn.objects.filter(check_of=draft.data_check, column__name="month").update(excluded=True)
    experiment = finish(draft)

    clone = clone_experiment(experiment, colleague).experiment

    assert (clone.state, clone.owner, clone.name) == (ExperimentState.DRAFT, colleague, "Bad loans, copy")
    assert Plan.of(clone) == Plan.of(experiment)
    assert clone.data_check_id != experiment.data_check_id
    assert clone.data_check.state == DataCheck.State.READY
    assert clone.data_check.columns.get(column__name="month").excluded
    assert not Job.objects.filter(kind="check").exists()


def test_whoever_had_a_part_in_the_original_has_one_in_the_clone_also_when_that_is_gone(
    draft: Experiment, finish: Finish, analyst: User, add_person: Callable[..., User]
) -> None:
    experiment = finish(draft)
    clone = clone_experiment(experiment, add_person("colleague", Role.ANALYST)).experiment
    delete_experiment(experiment, analyst)

    assert participants_in(clone)[analyst.pk] == "experiment.cloned"


def test_decisions_come_along_to_another_version_where_the_columns_are_the_same(
    draft: Experiment, analyst: User, other_version: DatasetVersion
) -> None:
    check = draft.data_check
    age = check.columns.get(column__name="age")
    Finding.objects.create(
        check_of=check, code="name", severity="block", column=age.column, message="m", action="Taken out of the model.",
        undone_at=timezone.now(), undone_by=analyst,
    )  # fmt: skip
    save_plan(draft, replace(Plan.of(draft), monotone={"age": 1}, split_column="month", scheme="given"), analyst)

    made = clone_experiment(draft, analyst, version=other_version)

    clone, new = made.experiment, made.experiment.data_check
    assert (new.target, new.event, new.state) == ("bad", "yes", DataCheck.State.RUNNING)
    assert dict(new.columns.values_list("column__name", "role")) == {
        "age": "feature", "bad": "target", "income": "feature",
    }  # fmt: skip
    assert new.findings.exclude(undone_at=None).get().column == new.version.columns.get(name="age")
    assert Plan.of(clone).monotone == {"age": 1}
    assert (Plan.of(clone).scheme, Plan.of(clone).split_column) == ("auto", None)
    told = [str(each) for each in made.told]
    assert any("left behind: month" in each for each in told)
    assert any("proposals: income" in each for each in told)
    assert any("no longer names them: month" in each for each in told)
    assert Job.objects.filter(kind="check").count() == 1


def test_a_column_of_another_type_is_named_and_its_take_out_left_behind(
    draft: Experiment, analyst: User, other_version: DatasetVersion
) -> None:
    draft.data_check.columns.filter(column__name="age").update(excluded=True)
    other_version.columns.filter(name="age").update(type="categorical")

    made = clone_experiment(draft, analyst, version=other_version)

    assert not made.experiment.data_check.columns.get(column__name="age").excluded
    assert any("Another type in this dataset version" in str(each) and "age" in str(each) for each in made.told)


def test_without_its_target_a_clone_waits_for_another(
    draft: Experiment, analyst: User, other_version: DatasetVersion
) -> None:
    other_version.columns.filter(name="bad").delete()

    made = clone_experiment(draft, analyst, version=other_version)

    assert made.experiment.data_check.state == DataCheck.State.DRAFT
    assert any("bad, the column to predict" in str(each) for each in made.told)


def test_a_version_of_another_dataset_or_not_read_yet_is_refused(
    draft: Experiment, analyst: User, other_version: DatasetVersion
) -> None:
    DatasetVersion.objects.filter(pk=other_version.pk).update(state="reading")
    other_version.refresh_from_db()
    with pytest.raises(BadInput, match="not been read yet"):
        clone_experiment(draft, analyst, version=other_version)

    other_version.dataset = Dataset.objects.create(workspace=draft.workspace, name="Other", owner=analyst)
    with pytest.raises(BadInput, match="stays on its dataset"):
        clone_experiment(draft, analyst, version=other_version)


def test_one_click_in_the_list_opens_the_plan_of_the_clone(
    client_of: Callable[[User], Client], analyst: User, draft: Experiment, finish: Finish
) -> None:
    browser, experiment = client_of(analyst), finish(draft)

    answer = browser.post(reverse("experiment_clone", args=[experiment.pk]))

    clone = Experiment.objects.exclude(pk=experiment.pk).get()
    assert answer["Location"] == reverse("experiment_plan", args=[clone.pk])


def test_the_page_tells_what_did_not_come_along(
    client_of: Callable[[User], Client], analyst: User, draft: Experiment, other_version: DatasetVersion
) -> None:
    browser = client_of(analyst)

    answer = browser.post(
        reverse("experiment_clone", args=[draft.pk]), {"name": "Newer", "version": other_version.pk}, follow=True
    )

    clone = Experiment.objects.get(name="Newer")
    assert answer.redirect_chain[-1][0] == reverse("experiment_data", args=[clone.pk])
    assert "New in this dataset version" in answer.content.decode()
    other = Dataset.objects.create(workspace=draft.workspace, name="Other", owner=analyst)
    foreign = DatasetVersion.objects.create(dataset=other, number=1, owner=analyst, file_name="a", source_path="a")
    refused = browser.post(reverse("experiment_clone", args=[draft.pk]), {"version": foreign.pk})
    assert refused.status_code == 404


def test_the_api_clones_and_tells_what_is_left_behind(
    caller: Callable[[User], Any], analyst: User, draft: Experiment, other_version: DatasetVersion
) -> None:
    wish = {"dataset_version_id": other_version.pk}
    answer = caller(analyst).post(f"/api/v1/experiments/{draft.pk}/clone", wish, content_type="application/json")

    assert answer.status_code == 201, answer.content
    assert answer.json()["experiment"]["dataset_version_id"] == other_version.pk
    assert any("income" in each for each in answer.json()["left_behind"])
