"""The registry's pages: who sees them, what they say, and how many queries they take."""

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from approvals.services.decision import decide
from registry.models import ApprovalRequest, ModelVersion, RegisteredModel
from tests.conftest import PASSWORD
from tests.counting import times_asked
from tests.registry.conftest import gathered

LIMITS = "Ranking the call list only"


@pytest.fixture
def champion(submitted: Any, admin: Any) -> ModelVersion:
    request = submitted()
    decide(request, admin, "approved", "Agreed", PASSWORD, limits_of_use=LIMITS)
    return ModelVersion.objects.get(pk=request.model_version_id)


def test_every_page_opens_for_members_and_does_not_exist_for_strangers(
    champion: ModelVersion, client_of: Callable[..., Client], admin: Any, analyst: Any, add_person: Any, stranger: Any
) -> None:
    experiment = champion.leaderboard_row.experiment
    pages = [
        reverse("model_detail", args=[champion.registered_model_id]),
        reverse("model_version_detail", args=[champion.pk]),
        reverse("download_artifact", args=[champion.pk]),
        reverse("approval_detail", args=[champion.approval_requests.get().pk]),
    ]
    for page in pages:
        for person in (analyst, admin, add_person(f"colleague{len(page)}")):
            assert client_of(person).get(page).status_code == 200, (page, person)
        assert client_of(stranger).get(page).status_code == 404, page
        assert Client().get(page).status_code == 302, page
    assert client_of(stranger).get(reverse("submit", args=[experiment.pk])).status_code == 404


def test_a_colleague_cannot_open_the_submit_page_and_learns_why(
    finished_experiment: Any, client_of: Any, add_person: Any
) -> None:
    page = client_of(add_person("colleague")).get(reverse("submit", args=[finished_experiment().pk]))

    assert page.status_code == 403
    assert "Only the owner, a modeler or an admin" in page.content.decode()


def test_the_owner_submits_in_the_browser(finished_experiment: Any, client_of: Any, analyst: Any) -> None:
    experiment = gathered(finished_experiment())
    client = client_of(analyst)
    address = reverse("submit", args=[experiment.pk])

    assert "Recommended" in client.get(address).content.decode()
    unnamed = client.post(address, {"candidate": "scorecard", "name": "Phone", "purpose": ""})
    answer = client.post(address, {"candidate": "scorecard", "name": "Phone", "purpose": "Call list", "note": "Look"})

    assert unnamed.status_code == 422
    assert "Say what the score will be used for." in unnamed.content.decode()
    request = ApprovalRequest.objects.get()
    assert answer.url == reverse("approval_detail", args=[request.pk])
    assert request.note == "Look"


def test_the_preview_shows_all_checks_and_writes_nothing(
    finished_experiment: Any, client_of: Any, analyst: Any
) -> None:
    experiment = gathered(finished_experiment())

    page = client_of(analyst).get(reverse("submit_checks", args=[experiment.pk])).content.decode()

    assert page.count("<li>") == 13
    assert "No evidence: groups were not compared" in page
    assert not RegisteredModel.objects.exists()


def test_the_inbox_offers_the_decision_to_admins_only_and_never_on_own_work(
    submitted: Any, client_of: Any, admin: Any, analyst: Any
) -> None:
    submitted()
    submitted(owner=admin, model="Mine")

    of_admin = client_of(admin).get(reverse("approval_list")).content.decode()
    of_analyst = client_of(analyst).get(reverse("approval_list")).content.decode()

    assert len(re.findall(r">Decide<span", of_admin)) == 1
    assert "Your own: someone else decides" in of_admin
    assert "Decide<span" not in of_analyst


def test_own_work_shows_no_decision_form_and_a_forged_post_decides_nothing(
    submitted: Any, client_of: Any, admin: Any
) -> None:
    request = submitted(owner=admin)
    address = reverse("approval_detail", args=[request.pk])
    client = client_of(admin)

    page = client.get(address).content.decode()
    answer = client.post(address, {"decision": "approved", "comment": "Me", "password": PASSWORD, "limits_of_use": "x"})

    assert "You cannot decide on your own model: someone else must." in page
    assert 'name="password"' not in page
    assert answer.status_code == 403
    request.refresh_from_db()
    assert request.decision == "pending"


def test_an_admin_decides_in_the_browser_and_a_wrong_password_keeps_what_was_typed(
    submitted: Any, client_of: Any, admin: Any
) -> None:
    request = submitted()
    address = reverse("approval_detail", args=[request.pk])
    client = client_of(admin)
    wish = {"decision": "approved", "comment": "Agreed for ranking", "limits_of_use": LIMITS, "password": "wrong"}

    refused = client.post(address, wish)
    accepted = client.post(address, {**wish, "password": PASSWORD})

    assert refused.status_code == 422
    assert "That is not your password. Nothing was decided." in refused.content.decode()
    assert "Agreed for ranking" in refused.content.decode()
    assert "wrong" not in re.findall(r'<input[^>]*type="password"[^>]*>', refused.content.decode())[0]
    assert accepted.status_code == 302
    assert ModelVersion.objects.get().is_champion


def test_the_decision_page_compares_with_the_champion(
    champion: ModelVersion, submitted: Any, client_of: Any, admin: Any
) -> None:
    request = submitted(candidate="lightgbm", evidence={"score_psi": 0.3})

    page = client_of(admin).get(reverse("approval_detail", args=[request.pk])).content.decode()

    assert "replace v1 as champion?" in page
    assert "Algorithm: WOE scorecard → LightGBM" in page
    assert "over the limit 0.100" in page
    assert "PSI 0.300, limit 0.100" in page
    assert "Please look at PSI." in page


def test_roll_back_and_retire_in_the_browser(
    champion: ModelVersion, submitted: Any, client_of: Any, admin: Any, modeler: Any
) -> None:
    second = submitted(candidate="lightgbm")
    decide(second, admin, "approved", "Agreed", PASSWORD, limits_of_use=LIMITS)
    address = reverse("move_model_version", args=[champion.pk, "make_champion"])

    assert client_of(modeler).post(address, {"comment": "Back"}).status_code == 403
    client_of(admin).post(address, {"comment": "Back"})
    champion.refresh_from_db()
    assert champion.is_champion
    client_of(admin).post(reverse("move_model_version", args=[champion.pk, "retire"]), {"comment": "Old"})
    champion.refresh_from_db()
    assert champion.state == "retired"


def test_the_zip_holds_the_models_files_and_is_the_same_each_time(
    champion: ModelVersion, client_of: Any, analyst: Any
) -> None:
    address = reverse("download_artifact", args=[champion.pk])
    first, second = (b"".join(client_of(analyst).get(address).streaming_content) for _ in range(2))

    assert first == second
    assert zipfile.ZipFile(io.BytesIO(first)).namelist() == ["evidence.json", "manifest.json", "model.json"]


@pytest.mark.parametrize("address", ["model_list", "approval_list"])
def test_lists_take_the_same_queries_for_one_row_and_for_three(
    submitted: Any, client_of: Any, admin: Any, address: str, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = client_of(admin)
    submitted()
    client.get(reverse(address))
    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get(reverse(address))
    submitted(model="Second")
    submitted(model="Third")
    with CaptureQueriesContext(connection) as three:
        client.get(reverse(address))

    assert len(three) == len(one)


def test_pages_carry_no_inline_script_or_style(champion: ModelVersion, client_of: Any, admin: Any) -> None:
    request = champion.approval_requests.get()
    for address in (
        reverse("model_list"),
        reverse("model_detail", args=[champion.registered_model_id]),
        reverse("model_version_detail", args=[champion.pk]),
        reverse("approval_list"),
        reverse("approval_detail", args=[request.pk]),
    ):
        page = client_of(admin).get(address).content.decode()
        assert not re.search(r"\sstyle=|\son\w+=|<script>", page), address


def test_a_change_that_was_asked_for_is_answered_and_submitted_again(
    submitted: Any, admin: Any, analyst: Any, modeler: Any, add_person: Any, client_of: Callable[..., Client]
) -> None:
    request = submitted()
    decide(request, admin, "change", "Which channel is it for?", PASSWORD)
    version, author = request.model_version, client_of(analyst)
    experiment = version.leaderboard_row.experiment
    pages = [reverse("approval_detail", args=[request.pk]), reverse("model_version_detail", args=[version.pk])]

    offered = {
        person: ["Answer and submit again" in client_of(person).get(page).content.decode() for page in pages]
        for person in (analyst, modeler, add_person("onlooker"))
    }
    form = author.get(reverse("submit", args=[experiment.pk]), {"candidate": "scorecard"}).content.decode()
    typed = {"candidate": "scorecard", "name": "Phone", "purpose": "Calls"}
    silent = author.post(reverse("submit", args=[experiment.pk]), typed)
    answered = author.post(reverse("submit", args=[experiment.pk]), {**typed, "note": "Calls only"}, follow=True)

    assert list(offered.values()) == [[True, True], [True, True], [False, False]]
    assert "Which channel is it for?" in form
    assert silent.status_code == 422
    assert "Answer what was asked" in silent.content.decode()
    version.refresh_from_db()
    assert version.state == "submitted"
    told = answered.content.decode()
    assert "Which channel is it for?" in told
    assert "Calls only" in told


def test_a_version_sent_back_stays_in_sight_beside_its_champion(
    champion: ModelVersion, submitted: Any, admin: Any, analyst: Any, client_of: Callable[..., Client]
) -> None:
    decide(submitted(), admin, "change", "Why?", PASSWORD)

    page = client_of(analyst).get(reverse("model_list")).content.decode()

    assert "Champion v1" in page
    assert "v2: change asked for" in page


@pytest.mark.parametrize(
    ("table", "times"), [("registry_evidencecheck", 2), ("registry_approvalrequest", 1), ("reports_report", 1)]
)  # fmt: skip
@pytest.mark.parametrize("page", ["approval_detail", "model_version_detail"])
def test_the_checks_of_a_version_are_read_once_a_page(
    page: str, table: str, times: int, submitted: Any, client_of: Callable[..., Client], admin: Any
) -> None:
    """The checks twice: to be shown, and apart from that to be held against what the log has signed."""
    request = submitted()
    subject = {"approval_detail": request.pk, "model_version_detail": request.model_version_id}[page]
    asked = times_asked(client_of(admin), reverse(page, args=[subject]), table)
    assert asked
    assert max(asked.values()) == times
