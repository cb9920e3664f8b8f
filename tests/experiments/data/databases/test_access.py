"""Which machines may be asked, and which statements read."""

import socket
from typing import Any

import pytest

from experiments.data.databases.access import HostRules, Login, wrong_rules
from experiments.data.databases.statement import check_select
from experiments.errors import BadInput


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Names and the addresses they lead to; an address leads to itself."""
    known: dict[str, list[str]] = {}

    def look_up(host: str, port: int, **_: Any) -> list[Any]:
        addresses = known.get(host, [host] if host[0].isdigit() or ":" in host else [])
        if not addresses:
            raise socket.gaierror
        return [(0, 0, 0, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.8.9.1", "::1", "0.0.0.0", "169.254.169.254", "fe80::1", "100.100.100.200", "fd00:ec2::254",
     "::ffff:127.0.0.1", "::ffff:169.254.169.254", "224.0.0.1", "2002:7f00:1::"],
)  # fmt: skip
def test_this_server_its_link_and_the_cloud_s_secrets_are_closed(names: dict[str, list[str]], host: str) -> None:
    with pytest.raises(BadInput, match="may not be asked"):
        HostRules().address_of(host, 5432)


def test_a_name_counts_by_every_address_it_leads_to(names: dict[str, list[str]]) -> None:
    names |= {"db.bank": ["10.1.2.3"], "evil": ["127.0.0.1"], "half": ["10.1.2.3", "169.254.169.254"]}

    assert HostRules().address_of("db.bank", 5432) == "10.1.2.3"
    for host in ("evil", "half"):
        with pytest.raises(BadInput, match="may not be asked"):
            HostRules().address_of(host, 5432)


def test_with_a_list_only_what_is_on_it_may_be_asked(names: dict[str, list[str]]) -> None:
    names |= {"a.bank": ["10.1.2.3"], "b.shop": ["10.1.2.4"], "rebound.bank": ["127.0.0.1"], "localhost": ["127.0.0.1"]}
    rules = HostRules((".bank", "10.9.0.0/16", "localhost"))

    assert rules.address_of("a.bank", 1) == "10.1.2.3"
    assert rules.address_of("10.9.8.7", 1) == "10.9.8.7"
    assert rules.address_of("localhost", 1) == "127.0.0.1"
    for host in ("b.shop", "10.8.0.1", "rebound.bank", "127.0.0.1"):
        with pytest.raises(BadInput, match="may not be asked"):
            rules.address_of(host, 1)


@pytest.mark.parametrize("host", ["", "/var/run/postgresql", "a,b", "a b", "host=x", "x?y", "@x", "a/b", "-x"])
def test_what_is_no_machine_s_name_is_refused(host: str) -> None:
    with pytest.raises(BadInput, match="no name or address"):
        HostRules().address_of(host, 5432)


def test_wrong_rules_are_named() -> None:
    assert wrong_rules([".bank.example", "10.0.0.0/8", "db", "10.0.0.0/99"]) == ["10.0.0.0/99"]


def test_a_login_does_not_show_its_password() -> None:
    assert "s3cret" not in repr(Login("mysql", "h", None, "d", "u", "s3cret"))


@pytest.mark.parametrize(
    "query",
    [
        "select * from loans;",
        "SELECT ';' AS a, \"x;y\" FROM t -- a; comment\n",
        "WITH a AS (SELECT 1) SELECT * FROM a",
        "select $$;$$",
        "select 'it''s; fine' /* ; */",
        "(select 1) union (select 2)",
        "select `for update` from t",
    ],
)
def test_a_query_that_reads_goes_through(query: str) -> None:
    assert check_select(query) == query.strip().rstrip(";")


@pytest.mark.parametrize(
    "query",
    ["", " ; ", "-- nothing", "delete from loans", "drop table x", "select 1; drop table x", "select 'a'; select 'b'",
     "select * from t into outfile '/tmp/x'", "select * from t into /**/ dumpfile 'x'", "select * from t for update",
     "select 1 /*! into outfile '/tmp/x' */", "call p()", "explain analyze delete from x", "set x = 1",
     "select 'a\\' into outfile '/tmp/x", "x" * 30_000, "select 1 lock in share mode"],
)  # fmt: skip
def test_anything_else_is_refused(query: str) -> None:
    with pytest.raises(BadInput):
        check_select(query)
