"""Databases of a workspace: who connects and asks them, what is never shown, and what becomes of an answer."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from accounts.models import Role, User, Workspace
from audit.models import AuditEntry
from catalog.models import DatasetVersion
from common.templatetags.formatting import told
from connections import querying, sealing
from connections import services as connections
from connections.models import Connection
from datasets import verifying
from jobs.models import Job
from tests.postgres_server import Server, running_postgres

ClientOf = Callable[[User], Client]
RunJobs = Callable[[], list[Job]]
SECRET = "kingfisher-77-blue"
DESCRIBED = {
    "name": "Warehouse", "kind": "postgresql", "host": "10.1.2.3", "port": 5432, "database": "bank",
    "user_name": "reader",
}  # fmt: skip


@pytest.fixture
def connection(modeler: User, workspace: Workspace) -> Connection:
    return connections.create(modeler, workspace, password=SECRET, **DESCRIBED)


PAGES = ["/data/connections/", "/data/connections/new/", "/data/connections/{pk}/", "/data/query/new/"]


@pytest.mark.parametrize("address", PAGES)
def test_modelers_and_admins_connect_and_analysts_are_told_that_they_do_not(
    connection: Connection, modeler: User, admin: User, analyst: User, client_of: ClientOf, address: str
) -> None:
    people = (modeler, admin, analyst)

    assert [client_of(one).get(address.format(pk=connection.pk)).status_code for one in people] == [200, 200, 403]


@pytest.mark.parametrize("act", ["", "test/", "delete/"])
def test_a_stranger_s_connection_is_not_there(
    connection: Connection, stranger: User, analyst: User, client_of: ClientOf, act: str
) -> None:
    address = f"/data/connections/{connection.pk}/{act}"

    assert client_of(stranger).post(address).status_code == 404
    assert client_of(analyst).post(address).status_code == 403
    assert Connection.objects.filter(pk=connection.pk).exists()


def test_a_stranger_s_connection_cannot_be_asked(
    connection: Connection, stranger: User, other_workspace: Workspace, client_of: ClientOf
) -> None:
    connections.create(stranger, other_workspace, password="x", **{**DESCRIBED, "name": "Own"})
    answer = client_of(stranger).post(
        "/data/query/new/", {"connection": connection.pk, "name": "taken", "sql": "select 1"}
    )

    assert answer.status_code == 422
    assert not DatasetVersion.objects.exists()


def test_the_password_is_sealed_and_shown_nowhere(connection: Connection, modeler: User, client_of: ClientOf) -> None:
    client = client_of(modeler)
    pages = [client.get(address.format(pk=connection.pk)).content.decode() for address in PAGES]
    entries = [f"{entry.object_label} {entry.details}" for entry in AuditEntry.objects.all()]

    assert SECRET not in connection.encrypted_password
    assert connections.login_of(connection).password == SECRET
    assert not [text for text in (*pages, *entries) if SECRET in text or connection.encrypted_password in text]


def test_a_form_that_fails_does_not_send_the_password_back(
    connection: Connection, modeler: User, client_of: ClientOf
) -> None:
    answer = client_of(modeler).post("/data/connections/new/", {**DESCRIBED, "password": SECRET})

    assert answer.status_code == 422
    assert "already has a connection called Warehouse" in answer.content.decode()
    assert SECRET not in answer.content.decode()


@pytest.mark.parametrize("host", ["127.0.0.1", "169.254.169.254", "localhost", "[::1]", "/var/run"])
def test_this_server_and_its_surroundings_cannot_be_connected(
    modeler: User, workspace: Workspace, client_of: ClientOf, host: str
) -> None:
    answer = client_of(modeler).post("/data/connections/new/", {**DESCRIBED, "host": host, "password": SECRET})

    assert answer.status_code == 422
    assert not Connection.objects.exists()


def test_a_connection_string_is_no_name_of_a_database(modeler: User, workspace: Workspace, client_of: ClientOf) -> None:
    tricky = {**DESCRIBED, "database": "bank host=127.0.0.1", "password": SECRET}

    assert client_of(modeler).post("/data/connections/new/", tricky).status_code == 422


def test_the_kept_password_is_not_sent_to_another_machine(
    connection: Connection, admin: User, client_of: ClientOf
) -> None:
    client, address = client_of(admin), f"/data/connections/{connection.pk}/"
    elsewhere = client.post(address, {**DESCRIBED, "host": "10.6.6.6", "password": ""})

    connection.refresh_from_db()
    assert elsewhere.status_code == 422
    assert connection.host == "10.1.2.3"


def test_keys_are_replaced_without_losing_passwords(connection: Connection, settings: Any) -> None:
    old = settings.CONNECTION_KEYS[0]
    settings.CONNECTION_KEYS = ("another key, long enough for anybody's taste, 58 letters", old)
    assert connections.login_of(connection).password == SECRET
    assert connections.seal_again() == 1
    settings.CONNECTION_KEYS = settings.CONNECTION_KEYS[:1]

    connection.refresh_from_db()
    assert connections.login_of(connection).password == SECRET
    settings.CONNECTION_KEYS = (old,)
    with pytest.raises(sealing.SealRefused):
        connections.login_of(connection)


def test_without_a_key_nothing_is_kept(modeler: User, workspace: Workspace, settings: Any) -> None:
    settings.CONNECTION_KEYS = ()

    with pytest.raises(sealing.SealRefused):
        connections.create(modeler, workspace, password=SECRET, **DESCRIBED)
    assert not Connection.objects.exists()


def test_taking_one_away_is_on_record_and_forgets_the_password(
    connection: Connection, modeler: User, client_of: ClientOf
) -> None:
    client_of(modeler).post(f"/data/connections/{connection.pk}/delete/")

    assert not Connection.objects.exists()
    assert AuditEntry.objects.filter(action="connection.deleted", object_label="Warehouse").count() == 1


def test_only_a_query_that_reads_is_taken(connection: Connection, modeler: User, client_of: ClientOf) -> None:
    answer = client_of(modeler).post(
        "/data/query/new/", {"connection": connection.pk, "name": "loans", "sql": "delete from loans"}
    )

    assert answer.status_code == 422
    assert "must begin with SELECT" in answer.content.decode()
    assert "delete from loans" in answer.content.decode()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running_postgres() as running:
        running.run(
            "CREATE TABLE loans (id int, city text, amount numeric(12,2), phone text, bad boolean)",
            """INSERT INTO loans SELECT n, CASE WHEN n % 3 = 0 THEN '东' ELSE '西' END, n * 1.5,
               '138' || lpad(n::text, 8, '0'), n % 9 = 0 FROM generate_series(1, 400) n""",
        )
        yield running


@pytest.mark.slow
class TestWithAServer:
    """The same against a real PostgreSQL."""

    @pytest.fixture
    def real(self, server: Server, modeler: User, workspace: Workspace, settings: Any) -> Connection:
        settings.QUERY_HOSTS = ("127.0.0.1",)
        return connections.create(
            modeler, workspace, password=server.password, name="Warehouse", kind="postgresql", host="127.0.0.1",
            port=server.port, database=server.database, user_name=server.user,
        )  # fmt: skip

    def test_a_connection_is_tried(self, real: Connection, modeler: User, client_of: ClientOf) -> None:
        client = client_of(modeler)
        works = client.post(f"/data/connections/{real.pk}/test/", follow=True).content.decode()
        real.encrypted_password = sealing.seal("wrong")
        real.save()
        fails = client.post(f"/data/connections/{real.pk}/test/", follow=True).content.decode()

        assert "The connection Warehouse works" in works
        assert "does not accept reader with this password" in fails

    def test_a_query_becomes_a_version_and_again_when_refreshed(
        self, real: Connection, server: Server, modeler: User, client_of: ClientOf, run_jobs: RunJobs
    ) -> None:
        client = client_of(modeler)
        query = "select * from loans where id <= 300 order by id"
        client.post("/data/query/new/", {"connection": real.pk, "name": "loans", "sql": query})
        run_jobs()
        first = DatasetVersion.objects.get()
        server.run("UPDATE loans SET city = '南' WHERE city = '东'")
        client.post(f"/data/{first.pk}/refresh/")
        run_jobs()
        second = DatasetVersion.objects.get(number=2)
        server.run("UPDATE loans SET city = '东' WHERE city = '南'")

        types = {column.name: column.type for column in first.columns.all()}
        assert (first.state, first.origin, first.row_count) == ("ready", "query", 300)
        assert (types["amount"], types["bad"], types["city"]) == ("numeric", "boolean", "categorical")
        assert first.columns.get(name="phone").personal_data == "mobile"
        assert second.comparison["number"] == 1
        assert second.comparison["columns"][0]["name"] == "city"
        assert second.lineage["steps"][0]["sql"] == query
        page = client.get(f"/data/{second.pk}/").content.decode()
        assert "Queried Warehouse: bank on 127.0.0.1" in page
        assert "Run the same query again" in page

    def test_what_a_query_gave_is_made_again_from_the_kept_answer(
        self, real: Connection, server: Server, modeler: User, run_jobs: RunJobs
    ) -> None:
        made = querying.ask(modeler, real, "select id, amount from loans order by id", name="amounts")
        run_jobs()
        real.delete()
        made.refresh_from_db()
        verifying.verify(made, modeler)
        run_jobs()

        made.refresh_from_db()
        assert made.lineage["again"]["same"] is True

    def test_a_query_that_fails_says_why(self, real: Connection, modeler: User, run_jobs: RunJobs) -> None:
        made = querying.ask(modeler, real, "select * from lones", name="loans")
        run_jobs()

        made.refresh_from_db()
        assert made.state == "failed"
        assert made.job is not None
        assert 'relation "lones" does not exist' in told(made.job.error_message, made.job.error_params)

    def test_a_refresh_without_its_connection_says_so(
        self, real: Connection, modeler: User, client_of: ClientOf, run_jobs: RunJobs
    ) -> None:
        made = querying.ask(modeler, real, "select id, amount from loans", name="amounts")
        run_jobs()
        connections.delete(real, modeler)
        page = client_of(modeler).post(f"/data/{made.pk}/refresh/", follow=True).content.decode()

        assert "has been removed" in page
        assert DatasetVersion.objects.count() == 1

    def test_an_analyst_uses_the_answer_and_does_not_ask(
        self, real: Connection, modeler: User, add_person: Callable[..., User], client_of: ClientOf, run_jobs: RunJobs
    ) -> None:
        made = querying.ask(modeler, real, "select id, amount from loans", name="amounts")
        run_jobs()
        client = client_of(add_person("reader", Role.ANALYST))

        assert client.get(f"/data/{made.pk}/").status_code == 200
        assert client.post(f"/data/{made.pk}/refresh/").status_code == 403
