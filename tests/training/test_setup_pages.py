"""From the question and the file to the checked columns: two clicks are one act, and every decision has an owner."""

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from catalog import protected_marks
from catalog import services as catalog
from catalog.models import DatasetVersion, Finding
from catalog.queries import spec_parts
from jobs.models import Job
from training.models import Experiment
from training.plans import Plan

ClientOf = Callable[[User], Client]
ROWS = "age,calls,length,answered\n" + "".join(
    f"{20 + n * 7 % 53},{n % 4},{(n % 5 == 0) * 900 + n * 13 % 100},{'yes' if n % 5 == 0 else 'no'}\n"
    for n in range(300)
)


def a_file() -> SimpleUploadedFile:
    return SimpleUploadedFile("calls.csv", ROWS.encode())


@pytest.fixture
def found(draft: Experiment) -> Finding:
    """A finding that took the age out."""
    check = draft.data_check
    age = check.version.columns.get(name="age")
    check.columns.filter(column=age).update(excluded=True, excluded_by_system=True)
    return Finding.objects.create(
        check_of=check, code="ablation", severity="warning", column=age, message="%(column)s leaks",
        params={"column": "age"}, action="Taken out of the model.",
    )  # fmt: skip


def test_a_file_and_a_kind_make_a_draft_that_waits_for_the_reading(analyst: User, client_of: ClientOf) -> None:
    answer = client_of(analyst).post("/experiments/new/", {"kind": "response", "file": a_file()})

    experiment = Experiment.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/experiments/{experiment.pk}/data/")
    assert (experiment.name, experiment.kind, experiment.state) == ("calls", "response", "draft")
    page = client_of(analyst).get(answer["Location"]).content.decode()
    assert "The file is being read" in page


def test_a_dataset_that_is_here_needs_no_file(analyst: User, client_of: ClientOf, version: DatasetVersion) -> None:
    client_of(analyst).post("/experiments/new/", {"kind": "default", "version": version.pk, "experiment_name": "Q3"})

    assert Experiment.objects.values_list("name", "version_id").get() == ("Q3", version.pk)


def test_two_clicks_make_one_experiment_and_one_dataset(analyst: User, client_of: ClientOf) -> None:
    key = str(uuid.uuid4())
    places = {
        client_of(analyst).post("/experiments/new/", {"kind": "response", "file": a_file(), "once": key})["Location"]
        for _click in range(2)
    }

    assert len(places) == 1
    assert (Experiment.objects.count(), DatasetVersion.objects.count()) == (1, 1)


def test_what_is_missing_is_said_beside_the_field(analyst: User, client_of: ClientOf) -> None:
    answer = client_of(analyst).post("/experiments/new/", {"experiment_name": "Calls"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Choose what the model should predict" in page
    assert "Choose a file first" in page
    assert 'value="Calls"' in page


def test_another_workspace_s_dataset_cannot_be_chosen(
    stranger: User, client_of: ClientOf, version: DatasetVersion
) -> None:
    answer = client_of(stranger).post("/experiments/new/", {"kind": "default", "version": version.pk})

    assert answer.status_code == 422
    assert not Experiment.objects.exists()


@pytest.mark.slow
def test_the_whole_way_from_a_file_to_the_leak_that_was_taken_out(
    analyst: User, client_of: ClientOf, run_jobs: Callable[[], list[Job]]
) -> None:
    client = client_of(analyst)
    place = client.post("/experiments/new/", {"kind": "response", "file": a_file()})["Location"]
    jobs = run_jobs()

    assert [(job.kind, job.state) for job in jobs] == [("ingest", "succeeded"), ("check", "succeeded")]
    page = client.get(place).content.decode()
    check = Experiment.objects.get().data_check
    assert (check.target, check.event, check.event_count, check.labelled_count) == ("answered", "yes", 60, 300)
    assert list(check.columns.filter(excluded=True).values_list("column__name", flat=True)) == ["length"]
    assert "20.00%" in page
    assert re.search(r'class="btn btn-primary" href="/experiments/\d+/plan/"', page)


def test_undo_on_the_page_puts_the_column_back(
    analyst: User, client_of: ClientOf, draft: Experiment, found: Finding
) -> None:
    answer = client_of(analyst).post(f"/experiments/{draft.pk}/data/findings/{found.pk}/", {"act": "undo"}, follow=True)

    assert "Undone by analyst" in answer.content.decode()
    assert not draft.data_check.columns.filter(excluded=True).exists()


def test_undo_all_of_a_kind(analyst: User, client_of: ClientOf, draft: Experiment, found: Finding) -> None:
    client = client_of(analyst)
    client.post(f"/experiments/{draft.pk}/data/findings/all/ablation/", {"act": "undo"})
    assert not draft.data_check.columns.filter(excluded=True).exists()

    client.post(f"/experiments/{draft.pk}/data/findings/all/ablation/", {"act": "redo"})
    assert draft.data_check.columns.filter(excluded=True).count() == 1


@pytest.mark.parametrize(
    ("address", "values"),
    [
        ("target/", {"target": "bad", "event": "no"}),
        ("findings/{finding}/", {"act": "undo"}),
        ("findings/all/ablation/", {"act": "undo"}),
        ("columns/{column}/", {"act": "exclude"}),
        ("columns/{column}/", {"role": "date"}),
        ("columns/{column}/", {"type": "categorical"}),
        ("columns/{column}/special/", {"place": "0", "meaning": "missing"}),
        ("special-values/", {}),
        ("sample/", {"act": "undo"}),
        ("again/", {}),
    ],
)
def test_decisions_are_the_owner_s_a_modeler_s_and_never_a_stranger_s(
    draft: Experiment, found: Finding, analyst: User, modeler: User, stranger: User, add_person: Callable[..., User],
    client_of: ClientOf, address: str, values: dict[str, Any],
) -> None:  # fmt: skip
    place = f"/experiments/{draft.pk}/data/" + address.format(finding=found.pk, column=found.column_id)
    people = (analyst, modeler, add_person("colleague"), stranger)

    assert [client_of(person).post(place, values).status_code for person in people] == [302, 302, 403, 404]


def test_a_colleague_looks_without_buttons(
    draft: Experiment, found: Finding, add_person: Callable[..., User], client_of: ClientOf
) -> None:
    answer = client_of(add_person("colleague")).get(f"/experiments/{draft.pk}/data/")

    assert answer.status_code == 200
    assert "Undo" not in answer.content.decode()


def test_a_started_experiment_s_check_is_locked(
    draft: Experiment, found: Finding, analyst: User, client_of: ClientOf
) -> None:
    Experiment.objects.filter(pk=draft.pk).update(state="running")
    client = client_of(analyst)
    answer = client.post(f"/experiments/{draft.pk}/data/findings/{found.pk}/", {"act": "undo"}, follow=True)

    assert "its data check can no longer be changed" in answer.content.decode()
    assert draft.data_check.columns.filter(excluded=True).exists()


def test_columns_can_be_found_filtered_and_taken_along(
    draft: Experiment, found: Finding, analyst: User, client_of: ClientOf
) -> None:
    client, place = client_of(analyst), f"/experiments/{draft.pk}/data/"

    def shown(query: str) -> list[str]:
        page = client.get(place + query).content.decode()
        return re.findall(
            r'<tr[^>]*>\s*<td[^>]*><a class="about".*?<span class="code strong wrap-any">(\w+)</span>', page
        )

    assert shown("") == ["bad", "month", "age"]
    assert shown("?show=out") == ["age"]
    assert shown("?q=mon") == ["month"]
    assert "age,,feature,1,numeric" in client.get(place + "columns.csv").content.decode().replace("age,age", "age,")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_pages_carry_no_inline_style_and_no_inline_script(
    draft: Experiment, found: Finding, analyst: User, client_of: ClientOf, language: str
) -> None:
    analyst.language = language
    analyst.save()
    client = client_of(analyst)
    for place in ("/", "/data/", "/data/new/", "/experiments/new/", f"/experiments/{draft.pk}/data/"):
        page = client.get(place).content.decode()
        assert not re.search(r"\sstyle=|<style|\son\w+=|javascript:", page), place
        assert not re.search(r"<script(?![^>]*(src=|application/json))", page), place


def test_a_column_of_the_role_split_divides_the_rows(draft: Experiment, analyst: User) -> None:
    catalog.set_role(draft.data_check, draft.version.columns.get(name="age"), "split", analyst)

    plan = Plan.of(draft)

    assert (plan.scheme, plan.split_column) == ("given", "age")
    assert "age" in spec_parts(draft.data_check)["excluded"]


def test_a_column_in_full_is_a_page_for_members_only(
    draft: Experiment, analyst: User, stranger: User, client_of: ClientOf
) -> None:
    place = f"/experiments/{draft.pk}/data/"
    about = f"{place}columns/{draft.version.columns.get(name='age').pk}/about/"

    assert [client_of(analyst).get(place + more).status_code for more in ("columns.json", "sample/")] == [200, 200]
    assert "Back to the data check" in client_of(analyst).get(about).content.decode()
    for address in (about, place + "columns.json", place + "sample/"):
        assert client_of(stranger).get(address).status_code == 404


def test_a_column_that_was_taken_out_says_why_on_its_own_page(
    draft: Experiment, analyst: User, client_of: ClientOf
) -> None:
    age = draft.version.columns.get(name="age")
    draft.data_check.columns.filter(column=age).update(excluded=True)
    draft.data_check.findings.create(
        code="after_observation", severity="block", column=age, action="It was taken out.",
        message="%(column)s lies after the observation date.", params={"column": "age"},
    )  # fmt: skip

    page = client_of(analyst).get(f"/experiments/{draft.pk}/data/columns/{age.pk}/about/").content.decode()

    assert "age lies after the observation date." in page
    assert "<p>Taken out</p>" in page
    assert "more than a feature" not in page


def test_a_sample_that_the_table_cannot_give_keeps_what_was_typed(
    draft: Experiment, analyst: User, client_of: ClientOf
) -> None:
    answer = client_of(analyst).post(
        f"/experiments/{draft.pk}/data/sample/",
        {"performance_months": "3", "rule-0-column": "height", "rule-0-operator": "is", "rule-0-value": "tall"},
    )

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "The table has no column height" in page
    assert 'value="tall"' in page


def test_what_looks_protected_is_confirmed_or_undone_on_the_page(
    analyst: User, client_of: ClientOf, draft: Experiment
) -> None:
    check, browser = draft.data_check, client_of(analyst)
    for finding in protected_marks.findings(check):
        Finding.objects.create(
            check_of=check, code=finding.code, severity=finding.severity, message=finding.message,
            params=finding.params, evidence=finding.evidence,
        )  # fmt: skip
    place = f"/experiments/{draft.pk}/data/"
    act = f"{place}columns/{check.version.columns.get(name='age').pk}/"

    assert "Protected attributes, judging by name or values: age" in browser.get(place).content.decode()
    browser.post(act, {"act": "unprotect"})

    page = browser.get(place).content.decode()
    assert "No protected attributes" in page
    assert "Protected attributes, judging by name or values" not in page
    assert spec_parts(check)["protected"] == ()
    browser.post(act, {"act": "protect"})
    assert "Protected attributes marked" in browser.get(place).content.decode()
    assert spec_parts(check)["protected"] == ("age",)
    assert "Protected attribute such as sex or age" in browser.get(f"{act}about/").content.decode()
