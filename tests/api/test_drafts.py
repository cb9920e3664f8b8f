"""A draft is changed and deleted over the API until it is started, and nobody overwrites what another changed."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from audit.models import AuditEntry
from catalog.models import DatasetVersion
from checks.models import DataCheck
from planning.api import experiments
from tests.api.conftest import post, problem_of
from training.api.access import editable
from training.models import Experiment

ROWS = "id,age,income,answered,opened\n" + "\n".join(
    f"{n},{20 + n % 50},{1000 + n * 7 % 900},{'yes' if n % 4 == 0 else 'no'},{n % 3 == 0:d}" for n in range(400)
)


@pytest.fixture
def client(caller: Any, analyst: User) -> Client:
    return caller(analyst)


@pytest.fixture
def draft(client: Client, run_jobs: Any) -> str:
    """Return the address of a checked draft."""
    version = client.post("/api/v1/datasets", {"file": SimpleUploadedFile("a.csv", ROWS.encode())}).json()["id"]
    run_jobs()
    wish = {"name": "Offer", "kind": "response", "dataset_version_id": version, "target": "answered", "trials": 12}
    made = post(client, "/api/v1/experiments", **wish, seed=7, monotone={"age": 1}, limits={"features": 9})
    assert made.status_code == 201, made.content
    run_jobs()
    return f"/api/v1/experiments/{made.json()['id']}"


def patch(client: Client, address: str, *, headers: dict[str, str] | None = None, **changes: Any) -> Any:
    return client.patch(address, changes, content_type="application/json", headers=headers or {})


def test_a_change_leaves_alone_what_it_does_not_name(client: Client, draft: str) -> None:
    before = client.get(draft).json()

    changed = patch(client, draft, name="Spring offer", folds=4, limits={"score_psi": None})

    assert changed.status_code == 200, changed.content
    now = changed.json()
    assert (now["name"], now["spec"]["validation"]["folds"]) == ("Spring offer", 4)
    assert now["spec"]["limits"] == {**before["spec"]["limits"], "score_psi": None}
    assert (now["spec"]["limits"]["features"], now["spec"]["monotone"], now["budget_trials"]) == (9, {"age": 1}, 12)
    assert Experiment.objects.get().seed == 7
    assert AuditEntry.objects.filter(action="experiment.planned").exists()


def test_one_way_to_count_the_budget_takes_the_place_of_another(client: Client, draft: str) -> None:
    seconds = patch(client, draft, budget_seconds=45).json()
    assert (seconds["budget_seconds"], seconds["budget_trials"]) == (45, None)
    named = patch(client, draft, budget="deep").json()
    assert (named["budget_seconds"], named["budget_trials"]) == (3600, None)
    assert patch(client, draft, name="x").json()["budget_seconds"] == 3600


def test_another_target_has_the_data_checked_again(client: Client, draft: str, run_jobs: Any) -> None:
    changed = patch(client, draft, target="opened", event="1").json()
    run_jobs()

    assert (changed["target"], changed["event"], changed["check_state"]) == ("opened", "1", "running")
    assert client.get(draft).json()["check_state"] == "ready"


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"target": "anwered"}, 409, "The table has no column anwered. Did you mean answered?"),
        ({"monotone": {"incme": 1}}, 409, "The table has no column incme. Did you mean income?"),
        ({"foldss": 3}, 422, "There is no foldss here. Did you mean folds?"),
        ({"kind": "default"}, 422, "There is no kind here."),
        ({"name": ""}, 422, "Send at least 1 character."),
        ({"seed": -1}, 422, "Send 0 or more."),
    ],
)
def test_a_change_that_cannot_be_changes_nothing_at_all(
    client: Client, draft: str, changes: Any, status: int, said: str
) -> None:
    before = client.get(draft).json()

    answer = patch(client, draft, **{"name": "Other", **changes})

    problem = problem_of(answer)
    told = problem["errors"][0]["detail"] if status == 422 else problem["detail"]
    assert (answer.status_code, told.startswith(said)) == (status, True), problem
    assert client.get(draft).json() == before


def test_nobody_overwrites_what_another_changed_meanwhile(
    client: Client, caller: Any, modeler: User, draft: str
) -> None:
    tag = client.get(draft)["ETag"]
    assert client.get(draft)["ETag"] == tag
    theirs = patch(caller(modeler), draft, name="Theirs", headers={"If-Match": tag})
    mine = patch(client, draft, name="Mine", headers={"If-Match": tag})
    gone = client.delete(draft, headers={"If-Match": tag})

    assert (theirs.status_code, mine.status_code, gone.status_code) == (200, 412, 412)
    assert "Read it again" in problem_of(mine)["detail"]
    assert client.get(draft).json()["name"] == "Theirs"
    assert patch(client, draft, name="Mine", headers={"If-Match": theirs["ETag"]}).status_code == 200
    assert patch(client, draft, name="Any", headers={"If-Match": "*"}).status_code == 200


def test_a_change_between_the_reading_of_a_draft_and_its_end_is_seen(
    client: Client, draft: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = client.get(draft)["ETag"]

    def overtaken(*asked: Any) -> Experiment:
        found = editable(*asked)
        Experiment.objects.get(pk=found.pk).save()
        return found

    monkeypatch.setattr(experiments, "editable", overtaken)
    assert client.delete(draft, headers={"If-Match": tag}).status_code == 412
    assert client.get(draft).status_code == 200


def test_a_draft_is_deleted_with_its_check_and_the_dataset_stays(client: Client, draft: str) -> None:
    answer = client.delete(draft)

    assert (answer.status_code, answer.content) == (204, b"")
    assert client.get(draft).status_code == 404
    assert not DataCheck.objects.exists()
    assert DatasetVersion.objects.count() == 1
    assert AuditEntry.objects.get(action="experiment.deleted").details == {"name": "Offer", "state": "draft"}
    assert client.delete(draft).status_code == 404


def test_what_runs_is_neither_changed_nor_deleted(client: Client, draft: str, monkeypatch: Any) -> None:
    monkeypatch.setattr("jobs.services.send", lambda job: None)
    assert post(client, f"{draft}/start").status_code == 202

    for answer, said in (
        (patch(client, draft, name="x"), "Only a draft can be changed"),
        (client.delete(draft), "This run has not ended"),
    ):
        assert answer.status_code == 409
        assert problem_of(answer)["detail"].startswith(said)


def test_a_colleague_without_the_right_and_a_stranger_change_nothing(
    caller: Any, add_person: Any, stranger: User, draft: str
) -> None:
    colleague = caller(add_person("colleague"))

    for person, status in ((colleague, 403), (caller(stranger), 404)):
        assert patch(person, draft, name="x").status_code == status
        assert person.delete(draft).status_code == status
    assert Experiment.objects.get().name == "Offer"
