"""The model inventory: who answers for a model, how risky it is, when it is looked at again, and what rests on it."""

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.models import AuditEntry
from inventory import services
from inventory.dependants import counts_of
from inventory.errors import InventoryError
from inventory.models import InventoryEntry, Review
from inventory.queries import Asked, lines_of, models_for, resting_on
from inventory.services import Wish, change, entry_of
from registry.models import RegisteredModel
from scenarios.models import Scenario
from scoring.models import ScoringJob
from tests.registry.test_one_verdict import with_key

TODAY = date(2027, 3, 10)


@pytest.fixture
def model(submitted: Any) -> RegisteredModel:
    found: RegisteredModel = submitted().model_version.registered_model
    return found


def in_days(days: int) -> date:
    return TODAY + timedelta(days=days)


@pytest.fixture(autouse=True)
def today_stays_today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_args: TODAY)


def test_a_model_nobody_has_written_down_says_what_its_version_is_for(model: RegisteredModel) -> None:
    line = lines_of(models_for(model.workspace, Asked()))[0]
    assert line.entry.purpose == entry_of(model).purpose == "Rank the call list"
    assert (line.entry.risk_tier, line.entry.review) == ("", Review.NONE)


def test_every_change_is_on_record_with_before_and_after(model: RegisteredModel, admin: User, modeler: User) -> None:
    change(model, admin, Wish(risk_tier="high", owner=modeler, purpose="Calls", next_review=in_days(200)))
    change(model, admin, Wish(risk_tier="high", owner=modeler, purpose="Calls", next_review=in_days(200)))
    change(model, admin, Wish(risk_tier="low", owner=modeler, purpose="Calls", next_review=in_days(200)))

    first, second = AuditEntry.objects.filter(action="inventory.changed").order_by("pk")
    assert first.details == {
        "risk_tier": "– → high", "owner": f"– → {modeler}", "purpose": "Rank the call list → Calls",
        "next_review": f"– → {in_days(200)}",
    }  # fmt: skip
    assert second.details == {"risk_tier": "high → low"}
    assert (second.actor, InventoryEntry.objects.get().changed_by) == (admin, admin)


@pytest.mark.parametrize(
    ("wish", "at", "told"),
    [
        ({"risk_tier": "low"}, "risk_tier", "Only an admin"),
        ({"owner": "modeler", "validator": "modeler"}, "validator", "must be two people"),
        ({"validator": "analyst"}, "validator", "submitted a version"),
        ({"validator": "stranger"}, "validator", "not a member"),
        ({"next_review": -1}, "next_review", "in the past"),
    ],
)
def test_a_wish_that_cannot_be_granted_says_which_field_and_why(
    model: RegisteredModel, modeler: User, analyst: User, stranger: User, wish: dict[str, Any], at: str, told: str
) -> None:
    people = {"modeler": modeler, "analyst": analyst, "stranger": stranger}
    asked = {name: people.get(str(value), value) for name, value in wish.items()}
    if "next_review" in asked:
        asked["next_review"] = in_days(asked["next_review"])
    with pytest.raises(InventoryError, match=told) as refused:
        change(model, modeler, Wish(**asked))
    assert refused.value.at == (at,)
    assert not InventoryEntry.objects.exists()


def test_only_modelers_and_admins_write_and_the_database_keeps_owner_and_validator_apart(
    model: RegisteredModel, analyst: User, stranger: User, admin: User, modeler: User
) -> None:
    for person in (analyst, stranger):
        with pytest.raises(PermissionDenied):
            change(model, person, Wish(purpose="Mine"))
    change(model, admin, Wish(owner=modeler))
    with pytest.raises(IntegrityError), transaction.atomic():
        InventoryEntry.objects.update(validator=modeler)


@pytest.mark.parametrize(
    ("days", "expected"),
    [(None, Review.NONE), (-1, Review.OVERDUE), (0, Review.SOON), (30, Review.SOON), (31, Review.LATER)],
)
def test_page_and_database_agree_on_how_a_model_stands_towards_its_review(
    model: RegisteredModel, days: int | None, expected: Review
) -> None:
    entry = InventoryEntry.objects.create(model=model, next_review=None if days is None else in_days(days))
    assert entry.review == expected
    fitting = [each for each in Review if models_for(model.workspace, Asked(review=each)).exists()]
    assert fitting == [expected]


def test_the_list_is_narrowed_by_tier_person_and_text(model: RegisteredModel, admin: User, modeler: User) -> None:
    def found(**asked: str) -> bool:
        return models_for(model.workspace, Asked(**asked)).exists()

    assert found(tier="unrated")
    assert not found(tier="high")
    change(model, admin, Wish(risk_tier="high", validator=modeler, purpose="Calls", legal_basis="Art. 13 PIPL"))
    assert [found(tier="unrated"), found(tier="high"), found(person="modeler"), found(person="approver")] == [
        False, True, True, False
    ]  # fmt: skip
    assert [found(text="pipl"), found(text="phone"), found(text="nothing")] == [True, True, False]


def test_what_rests_on_a_model_registers_itself(model: RegisteredModel, analyst: User) -> None:
    version = model.versions.get()
    for number in range(7):
        ScoringJob.objects.create(
            workspace=model.workspace, model_version=version, owner=analyst, file_name=f"{number}.csv", source_path="x"
        )
    Scenario.objects.create(
        leaderboard_row=version.leaderboard_row, owner=analyst, name="Top", by="share", value=10, customers=5
    )

    assert counts_of([model.pk]) == {model.pk: {"scores": 7, "scenarios": 1}}
    told = {kind.code: (number, [one.name for one in newest]) for kind, number, newest in resting_on(model)}
    assert told["scores"] == (7, ["6.csv", "5.csv", "4.csv", "3.csv", "2.csv"])
    assert told["scenarios"] == (1, ["Top"])
    assert resting_on(model)[0][2][0].number == version.number


def test_the_pages_show_the_entry_and_take_a_change(
    model: RegisteredModel, client_of: Callable[..., Client], modeler: User, analyst: User, stranger: User
) -> None:
    address = reverse("inventory_entry", args=[model.pk])
    sent = {"owner": modeler.pk, "purpose": "Calls", "legal_basis": "Consent", "next_review": str(in_days(90))}

    saved = client_of(modeler).post(address, sent, follow=True).content.decode()
    refused = client_of(modeler).post(address, {**sent, "validator": modeler.pk})
    listed = client_of(analyst).get(reverse("inventory_list"), {"text": "consent"}).content.decode()

    assert "Saved and written to the audit log" in saved
    assert refused.status_code == 422
    assert "must be two people" in refused.content.decode()
    assert "Consent" in listed
    assert "Nothing rests on this model yet." in saved
    assert "Save the entry" not in client_of(analyst).get(address).content.decode()
    assert client_of(analyst).post(address, sent).status_code == 403
    assert client_of(stranger).get(address).status_code == 404
    assert "No model fits" in client_of(analyst).get(reverse("inventory_list"), {"tier": "low"}).content.decode()


def test_a_modeler_cannot_lower_the_tier_by_a_form_made_by_hand(
    model: RegisteredModel, client_of: Callable[..., Client], modeler: User, admin: User
) -> None:
    change(model, admin, Wish(risk_tier="high"))
    client_of(modeler).post(reverse("inventory_entry", args=[model.pk]), {"risk_tier": "low", "purpose": "Calls"})
    entry = InventoryEntry.objects.get()
    assert (entry.risk_tier, entry.purpose) == ("high", "Calls")


def test_the_files_hold_what_the_list_shows_and_run_nothing(
    model: RegisteredModel, client_of: Callable[..., Client], admin: User
) -> None:
    change(model, admin, Wish(risk_tier="high", purpose="=1+1", legal_basis="Consent"))
    client = client_of(admin)

    text = b"".join(client.get(reverse("inventory_file", args=["csv"])).streaming_content).decode("utf-8-sig")
    head, row = csv.reader(io.StringIO(text))
    packed = client.get(reverse("inventory_file", args=["xlsx"]), {"tier": "high"}).content
    sheet = openpyxl.load_workbook(io.BytesIO(packed)).active
    none = client.get(reverse("inventory_file", args=["xlsx"]), {"tier": "low"}).content

    told = dict(zip(head, row, strict=True))
    assert (told["Model"], told["Risk tier"], told["Legal basis"]) == ("Phone", "High", "Consent")
    assert not told["Purpose"].startswith("=")
    assert [cell.value for cell in sheet[1]] == head
    purpose = sheet[2][head.index("Purpose")]
    assert (purpose.value, purpose.data_type) == ("=1+1", "s")
    assert openpyxl.load_workbook(io.BytesIO(none)).active.max_row == 1
    assert client.get(reverse("inventory_file", args=["pdf"])).status_code == 404


def test_the_api_tells_and_changes_what_the_pages_do(model: RegisteredModel, modeler: User, stranger: User) -> None:
    client, address = with_key(modeler), f"/api/v1/model-inventory/{model.pk}"

    def patch(**wish: Any) -> Any:
        return client.patch(address, wish, content_type="application/json")

    changed = patch(owner="modeler", legal_basis="Consent", next_review=str(in_days(10)))
    tier, nobody = patch(risk_tier="low"), patch(validator="nobody")
    cleared = patch(owner=None)

    assert changed.status_code == 200, changed.content
    assert (changed.json()["owner"], changed.json()["review"], changed.json()["purpose"]) == (
        "modeler", "soon", "Rank the call list"
    )  # fmt: skip
    assert (tier.status_code, nobody.status_code) == (409, 409)
    assert (cleared.json()["owner"], cleared.json()["legal_basis"]) == (None, "Consent")
    assert [each["model_id"] for each in client.get("/api/v1/model-inventory?review=soon").json()] == [model.pk]
    assert client.get("/api/v1/model-inventory?tier=high").json() == []
    assert client.get(f"{address}/dependants").json() == []
    assert with_key(stranger).get(address).status_code == 404


def test_two_people_who_change_different_things_at_once_keep_both(
    model: RegisteredModel, modeler: User, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes second waits for the model: what is read before it is held is out of date by then."""
    change(model, admin, Wish(purpose="Calls"))

    def hold_after_the_other(model_id: int) -> None:
        InventoryEntry.objects.filter(model_id=model_id).update(risk_tier="high", purpose="Letters")

    monkeypatch.setattr(services, "hold_model", hold_after_the_other)
    answer = with_key(modeler).patch(
        f"/api/v1/model-inventory/{model.pk}", {"legal_basis": "Consent"}, content_type="application/json"
    )

    assert answer.status_code == 200, answer.content
    entry = InventoryEntry.objects.get()
    assert (entry.risk_tier, entry.purpose, entry.legal_basis) == ("high", "Letters", "Consent")


def test_whoever_can_no_longer_sign_in_is_not_named_anew_but_stays(
    model: RegisteredModel, admin: User, modeler: User
) -> None:
    change(model, admin, Wish(owner=modeler))
    User.objects.filter(pk=modeler.pk).update(is_active=False)
    modeler.refresh_from_db()
    change(model, admin, Wish(owner=modeler, purpose="Calls"))
    with pytest.raises(InventoryError, match="not a member"):
        change(model, admin, Wish(validator=modeler))
    assert InventoryEntry.objects.get().owner == modeler
