"""The table of moves is what pages, API, services and database allow, and nothing else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Role, User
from approvals.services.decision import decide, take_decision
from approvals.services.submission import submit_for_approval
from experiments.errors import ArtifactError
from registry.models import Alias, ModelVersion, VersionState
from registry.moves import ALIASES, BY_NAME, MOVES, SINGLE, STATES, open_moves, steps_of_aliases, steps_of_states
from registry.queries import signed
from registry.queries.movers import refusal_for
from registry.services import champions
from registry.services.errors import RegistryError
from tests.conftest import PASSWORD
from tests.registry.conftest import gathered
from tests.registry.test_one_verdict import with_key

DECISIONS = {"approve": "approved", "ask_change": "change", "refuse": "refused"}
LIMITS = "Ranking the call list only"


def make(version: ModelVersion, name: str, person: User) -> None:
    """Make a move as its page does, without typing a password."""
    if name == "submit":
        submit_for_approval(version.leaderboard_row, person, "Phone", "Rank the call list")
    elif name in DECISIONS:
        if refusal := refusal_for(BY_NAME[name], version, person):
            raise PermissionDenied(refusal)
        request = version.approval_requests.order_by("-pk").first()
        assert request is not None
        take_decision(request, person, DECISIONS[name], "So be it", limits_of_use=LIMITS, expires_on=None)
    else:
        champions.act(version, name, person, "So be it")


class Undo(Exception):
    """Ends an example, so that the next one begins where this one did."""


@pytest.fixture
def people(analyst: User, modeler: User, admin: User, stranger: User, add_person: Any) -> dict[str, User]:
    """The analyst ran the experiment; whoever submits has a part in it as well."""
    return {
        "analyst": analyst, "modeler": modeler, "admin": admin, "stranger": stranger,
        "second": add_person("second", Role.ADMIN),
    }  # fmt: skip


@settings(max_examples=20, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(sorted(BY_NAME)),
            st.sampled_from(["admin", "second", "admin", "second", "modeler", "analyst", "stranger"]),
            st.sampled_from([0, 0, 1]),
        ),
        min_size=4,
        max_size=14,
    )
)
def play(steps: list[tuple[str, str, int]], people: dict[str, User], first: list[ModelVersion], seen: set[str]) -> None:
    """Make random moves by random people on two versions; each does what the table says, or changes nothing."""
    try:
        with transaction.atomic():
            for name, person, which in steps:
                one_step(first[which].pk, name, people[person], seen)
            raise Undo
    except Undo:
        pass


def one_step(pk: int, name: str, person: User, seen: set[str]) -> None:
    version = ModelVersion.objects.get(pk=pk)
    before = facts()
    state, alias, move = version.state, version.alias, BY_NAME[name]
    is_open, refusal = move in open_moves(state, alias), refusal_for(move, version, person)
    try:
        with transaction.atomic():
            make(version, name, person)
    except (PermissionDenied, RegistryError):
        assert not is_open or refusal, (name, state, alias, person)
        assert facts() == before
        return
    after = ModelVersion.objects.get(pk=pk)
    changed = (after.state, after.alias) != (state, alias)
    assert not changed or (is_open and not refusal), (name, state, alias, person)
    if changed:
        seen.add(name)
        assert after.state == move.after
        assert after.alias == (alias if move.alias is None else move.alias)
    for single in SINGLE:
        assert ModelVersion.objects.filter(alias=single).count() <= 1


def facts() -> list[tuple[Any, ...]]:
    return list(ModelVersion.objects.order_by("pk").values_list("pk", "state", "alias"))


def test_random_moves_by_random_people_do_what_the_table_says(
    finished_experiment: Any, people: dict[str, User]
) -> None:
    experiment, versions = finished_experiment(), []
    for candidate in ("scorecard", "lightgbm"):
        row = experiment.leaderboard.get(candidate=candidate)
        gathered(experiment, row)
        versions.append(submit_for_approval(row, people["analyst"], "Phone", "Rank the call list").model_version)
    seen: set[str] = set()

    play(people=people, first=versions, seen=seen)

    # A test in which nothing moves proves nothing.
    assert {"approve", "ask_change", "refuse", "submit"} <= seen
    assert len(seen) >= 6, seen


@pytest.fixture
def approved(submitted: Any, admin: User) -> Callable[..., ModelVersion]:
    def approve(candidate: str = "scorecard") -> ModelVersion:
        request = submitted(candidate=candidate)
        take_decision(request, admin, "approved", "Agreed", limits_of_use=LIMITS, expires_on=None)
        return ModelVersion.objects.get(pk=request.model_version_id)

    return approve


@pytest.mark.parametrize("state", STATES)
def test_the_database_lets_a_version_go_only_where_the_table_leads(submitted: Any, admin: User, state: str) -> None:
    request = submitted()
    rows = ModelVersion.objects.filter(pk=request.model_version_id)

    def goes_to(after: str) -> bool:
        try:
            with transaction.atomic():
                rows.update(state=after, alias="")
                raise Undo
        except IntegrityError:
            return False
        except Undo:
            return True

    if state in ("approved", "retired"):
        take_decision(request, admin, "approved", "Agreed", limits_of_use=LIMITS, expires_on=None)
    if state == "retired":
        champions.retire(rows.get(), admin, "Old")
    if state in ("changes", "refused"):
        rows.update(state=state)
    if state == "draft":
        draft = rows.get()
        draft.pk, draft.number, draft.state = None, draft.number + 1, state
        draft.save(force_insert=True)
        rows = ModelVersion.objects.filter(pk=draft.pk)
    assert rows.get().state == state

    allowed = {after for before, after in steps_of_states() if before == state}
    needs_request = {"approved"} if state == "submitted" else set()
    assert {after for after in STATES if after != state and goes_to(after)} == allowed - needs_request


def test_the_database_lets_an_alias_go_only_where_the_table_leads(approved: Any) -> None:
    version = approved()
    rows = ModelVersion.objects.filter(pk=version.pk)
    found = set()
    for before in ALIASES:
        for after in ALIASES:
            try:
                with transaction.atomic():
                    # A champion gives up its alias first; nobody is made one of these in one go.
                    rows.update(alias="")
                    if before:
                        rows.update(alias=before)
                    rows.update(alias=after)
                    if before != after:
                        found.add((before, after))
                    raise Undo
            except (IntegrityError, Undo):
                pass
    assert found == set(steps_of_aliases())


def test_states_and_aliases_of_the_table_are_those_of_the_model() -> None:
    assert set(STATES) == set(VersionState.values)
    assert set(ALIASES) == set(Alias.values)
    assert {state for move in MOVES for state in (*move.before, move.after)} == set(STATES)


def test_challengers_may_be_several_and_the_shadow_is_one(approved: Any, admin: User) -> None:
    first, second, third, fourth = approved(), approved(), approved("lightgbm"), approved("lightgbm")
    for version in (first, second):
        champions.act(version, "make_challenger", admin, "Compare")
    champions.act(third, "make_shadow", admin, "Beside it")
    champions.act(second, "make_shadow", admin, "Rather this one")

    told = dict(ModelVersion.objects.values_list("pk", "alias"))
    assert told == {first.pk: "challenger", second.pk: "shadow", third.pk: "", fourth.pk: "champion"}
    with pytest.raises(RegistryError, match="make another version champion"):
        champions.act(fourth, "drop_alias", admin, "No")


def test_retiring_a_version_that_stands_by_leaves_the_champion_in_use(approved: Any, admin: User) -> None:
    first, second = approved(), approved("lightgbm")
    champions.retire(first, admin, "Replaced")

    signed.require_champion(ModelVersion.objects.get(pk=second.pk))
    assert list(signed.differences()) == []

    champions.retire(second, admin, "Replaced by rules")
    for version in (first, second):
        with pytest.raises(ArtifactError, match="another version is the champion"):
            signed.require_champion(version)


def test_of_a_model_one_version_moves_at_a_time(approved: Any, submitted: Any, admin: User) -> None:
    """Who holds the version first and the model then can wait for who does the reverse, and two take one alias."""
    first, waiting = approved(), submitted(candidate="lightgbm")
    moves: list[Callable[[], Any]] = [
        lambda: champions.act(first, "retire", admin, "Old"),
        lambda: decide(waiting, admin, "refused", "No", PASSWORD),
    ]
    for make_it in moves:
        with held_rows() as held:
            make_it()
        assert held[0] == ("registry_registeredmodel", True), held
        assert len(held) == 2


@contextmanager
def held_rows() -> Iterator[list[tuple[str, bool]]]:
    """Collect which tables rows were held of, in order, and whether rows that point to them can still be written."""
    held: list[tuple[str, bool]] = []
    plain = QuerySet.select_for_update

    def hold(query: QuerySet[Any], *args: Any, **named: Any) -> QuerySet[Any]:
        if query.model._meta.app_label == "registry":
            held.append((query.model._meta.db_table, bool(named.get("no_key"))))
        return plain(query, *args, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QuerySet, "select_for_update", hold)
        yield held


def test_the_page_offers_what_is_open_to_whom(approved: Any, admin: User, modeler: User, client_of: Any) -> None:
    first = approved()
    approved("lightgbm")
    address = reverse("move_model_version", args=[first.pk, "make_challenger"])
    page = reverse("model_version_detail", args=[first.pk])

    assert address in client_of(admin).get(page).content.decode()
    assert address not in client_of(modeler).get(page).content.decode()
    assert "Make challenger" in client_of(modeler).get(page).content.decode()
    answer = client_of(admin).post(address, {"comment": "Compare"}, follow=True).content.decode()

    assert "is a challenger now" in answer
    assert client_of(modeler).post(address, {"comment": "Compare"}).status_code == 403
    decide = reverse("move_model_version", args=[first.pk, "approve"])
    assert client_of(admin).post(decide, {"comment": "x"}).status_code == 404


def test_the_api_tells_the_table_and_makes_the_moves(approved: Any, admin: User) -> None:
    first = approved()
    approved("lightgbm")
    client = with_key(admin)

    table = client.get("/api/v1/model-moves").json()
    moves = client.get(f"/api/v1/model-versions/{first.pk}/moves").json()
    # Some of what follows holds a comma itself, so commas do not part it.
    assert table[0]["effects"].split("; ") == list(BY_NAME["submit"].effects)
    made = client.post(
        f"/api/v1/model-versions/{first.pk}/moves", {"move": "make_shadow", "comment": "Look"},
        content_type="application/json",
    )  # fmt: skip
    twice = client.post(
        f"/api/v1/model-versions/{first.pk}/moves", {"move": "make_shadow", "comment": "Look"},
        content_type="application/json",
    )  # fmt: skip

    assert [(each["name"], each["after"]) for each in table] == [(move.name, move.after) for move in MOVES]
    assert {each["name"] for each in moves if each["is_allowed"]} == {
        "make_champion", "make_challenger", "make_shadow", "retire"
    }  # fmt: skip
    assert (made.status_code, made.json()["alias"]) == (200, "shadow")
    assert twice.status_code == 409


def test_versions_sent_back_before_there_was_a_state_for_it_get_it(submitted: Any, admin: User) -> None:
    from importlib import import_module

    from django.apps import apps

    from tests.conftest import around_the_triggers

    request = submitted()
    take_decision(request, admin, "change", "Explain", limits_of_use="", expires_on=None)
    waiting = submitted(candidate="lightgbm").model_version
    migration = import_module("registry.migrations.0004_changes_asked")
    with around_the_triggers():
        migration.join(apps, None)
        assert ModelVersion.objects.get(pk=request.model_version_id).state == "draft"
        migration.tell_apart(apps, None)
    assert ModelVersion.objects.get(pk=request.model_version_id).state == "changes"
    assert ModelVersion.objects.get(pk=waiting.pk).state == "submitted"
    assert connection.vendor


def test_the_drawing_in_the_documentation_is_up_to_date() -> None:
    call_command("model_states", "--check", stdout=StringIO())
