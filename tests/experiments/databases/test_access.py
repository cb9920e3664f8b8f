"""Which machines may be asked."""

import socket
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from experiments.databases.access import HostRules, Login, own_addresses
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
     "::ffff:127.0.0.1", "::ffff:169.254.169.254", "224.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "::127.0.0.1"],
)  # fmt: skip
def test_this_server_its_link_and_the_cloud_s_secrets_are_closed(names: dict[str, list[str]], host: str) -> None:
    with pytest.raises(BadInput, match="may not be queried"):
        HostRules().address_of(host, 5432)


def test_a_name_counts_by_every_address_it_leads_to(names: dict[str, list[str]]) -> None:
    names |= {"db.bank": ["10.1.2.3"], "evil": ["127.0.0.1"], "half": ["10.1.2.3", "169.254.169.254"]}

    assert HostRules().address_of("db.bank", 5432) == "10.1.2.3"
    for host in ("evil", "half"):
        with pytest.raises(BadInput, match="may not be queried"):
            HostRules().address_of(host, 5432)


def test_with_a_list_only_what_is_on_it_may_be_asked(names: dict[str, list[str]]) -> None:
    names |= {"a.bank": ["10.1.2.3"], "b.shop": ["10.1.2.4"], "rebound.bank": ["127.0.0.1"], "localhost": ["127.0.0.1"]}
    rules = HostRules((".bank", "10.9.0.0/16", "localhost"))

    assert rules.address_of("a.bank", 1) == "10.1.2.3"
    assert rules.address_of("10.9.8.7", 1) == "10.9.8.7"
    assert rules.address_of("localhost", 1) == "127.0.0.1"
    for host in ("b.shop", "10.8.0.1", "rebound.bank", "127.0.0.1"):
        with pytest.raises(BadInput, match="may not be queried"):
            rules.address_of(host, 1)


@pytest.mark.parametrize("host", ["", "/var/run/postgresql", "a,b", "a b", "host=x", "x?y", "@x", "a/b", "-x"])
def test_what_is_no_machine_s_name_is_refused(host: str) -> None:
    with pytest.raises(BadInput, match="not the name or address"):
        HostRules().address_of(host, 5432)


def test_a_login_does_not_show_its_password() -> None:
    assert "s3cret" not in repr(Login("mysql", "h", None, "d", "u", "s3cret"))


@pytest.fixture
def own_interfaces(monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine is in a network of the bank and in one of containers."""
    kinds = {
        "eth0": [(socket.AF_INET, "10.20.30.40"), (socket.AF_INET6, "2001:db8::40"), (socket.AF_PACKET, "aa:bb")],
        "docker0": [(socket.AF_INET, "172.17.0.1"), (socket.AF_INET6, "fe80::1%docker0")],
    }
    found = {
        name: [SimpleNamespace(family=family, address=address) for family, address in addresses]
        for name, addresses in kinds.items()
    }
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: found)


@pytest.mark.parametrize(
    "host",
    ["10.20.30.40", "172.17.0.1", "2001:db8::40", "2001:0db8:0::0040", "::ffff:10.20.30.40", "::ffff:a14:1e28",
     "64:ff9b::a14:1e28", "2002:a14:1e28::1", "::10.20.30.40", "itself.bank", "half.bank"],
)  # fmt: skip
@pytest.mark.parametrize("rules", [(), ("10.0.0.0/8", "172.16.0.0/12", "2001:db8::/32", ".bank", "::/0")])
def test_every_address_of_this_machine_counts_as_this_machine(
    names: dict[str, list[str]], own_interfaces: None, host: str, rules: tuple[str, ...]
) -> None:
    names |= {"itself.bank": ["10.20.30.40"], "half.bank": ["10.20.30.41", "2001:db8::40"]}

    with pytest.raises(BadInput, match="may not be queried"):
        HostRules(rules).address_of(host, 5432)
    assert HostRules(rules).address_of("10.20.30.41", 5432) == "10.20.30.41"


def test_a_database_on_this_machine_is_allowed_by_its_very_address(
    names: dict[str, list[str]], own_interfaces: None
) -> None:
    assert HostRules(("10.20.30.40",)).address_of("10.20.30.40", 5432) == "10.20.30.40"


def test_the_addresses_this_machine_really_has_are_closed() -> None:
    for address in own_addresses():
        with pytest.raises(BadInput, match="may not be queried"):
            HostRules().address_of(str(address), 5432)
