"""Pages of the data check: decisions are undone there, and only by those who may."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from checks import attributes
from checks import services as check_services
from checks.models import Finding
from checks.queries import spec_parts
from planning.plans.plan import Plan
from tests.training.conftest import ask, draft, version
from training.models import Experiment

__all__ = ["ask", "draft", "version"]

ClientOf = Callable[[User], Client]


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
    check_services.set_role(draft.data_check, draft.version.columns.get(name="age"), "split", analyst)

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
    for finding in attributes.findings(check):
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
