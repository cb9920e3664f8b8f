"""Which database hosts may be queried, and with what login: a user's address must not reach into this server."""

import ipaddress
import re
import socket
from dataclasses import dataclass, field
from typing import Literal

import psutil

from experiments.errors import BadInput, gettext_noop

__all__ = ["HostRules", "Login"]

Kind = Literal["postgresql", "mysql"]
IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
PORTS: dict[Kind, int] = {"postgresql": 5432, "mysql": 3306}
HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.:-]{0,198}[A-Za-z0-9_])?")
# Where clouds tell the machines inside them their secrets, besides the link-local addresses.
METADATA = frozenset(
    ipaddress.ip_address(address)
    for address in ("100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254")
)

# Where IPv6 carries an IPv4 address in its last four bytes: by translation, and as it once was compatible.
CARRIES_IPV4 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("::/96"))

NOT_A_HOST = gettext_noop(
    "%(host)s is not the name or address of a host. Enter one, such as db.bank.example or 10.1.2.3."
)
UNKNOWN_HOST = gettext_noop("There is no host called %(host)s. Check the name, or enter its address.")
HOST_REFUSED = gettext_noop(
    "%(host)s may not be queried from here: it is this server itself, or not among the hosts an administrator has "
    "allowed. An administrator can allow it with the setting XIAOYU_QUERY_HOSTS."
)


@dataclass(frozen=True)
class Login:
    """Where a database is and who asks; the password never shows.

    Examples
    --------
    >>> Login("postgresql", "db.bank.example", None, "risk", "xiaoyu", "secret")
    Login(kind='postgresql', host='db.bank.example', port=None, database='risk', user='xiaoyu')
    """

    kind: Kind
    host: str
    port: int | None
    database: str
    user: str
    password: str = field(repr=False)

    @property
    def port_used(self) -> int:
        return self.port or PORTS[self.kind]


@dataclass(frozen=True)
class HostRules:
    """Which machines may be asked.

    Attributes
    ----------
    allowed : names (``db.bank.example``), names of all below (``.bank.example``), addresses and networks
        (``10.0.0.0/8``). With any, only these; with none, every machine but this one itself at any of its addresses,
        its neighbours on the link and the addresses at which clouds tell secrets. This machine is only let in by one
        of its addresses itself.

    Examples
    --------
    >>> HostRules((".bank.example",)).allowed
    ('.bank.example',)
    """

    allowed: tuple[str, ...] = ()

    def address_of(self, host: str, port: int) -> str:
        """Return the address to connect to; it is the very one that was looked at, whatever the name says later.

        Raises
        ------
        BadInput : no machine's name, not known, or not allowed.
        """
        if not HOST.fullmatch(host) and _network(host.strip("[]")) is None:
            raise BadInput(NOT_A_HOST, host=host[:80])
        try:
            found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise BadInput(UNKNOWN_HOST, host=host) from error
        addresses = list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))
        if not addresses:
            raise BadInput(UNKNOWN_HOST, host=host)
        # A name that leads to two machines may lead to the forbidden one next time.
        if not all(self._allows(host, ipaddress.ip_address(address)) for address in addresses):
            raise BadInput(HOST_REFUSED, host=host)
        return addresses[0]

    def _allows(self, host: str, address: IPAddress) -> bool:
        address = _unwrapped(address)
        if not self.allowed:
            return not _is_forbidden(address)
        return any(_matches(rule, host.lower(), address) for rule in self.allowed)


def _is_forbidden(address: IPAddress) -> bool:
    """Return whether an address is this machine, its link, a cloud's metadata, or no single machine at all."""
    return (
        address.is_loopback
        or address in own_addresses()
        or address.is_link_local
        or address.is_multicast
        or address.is_unspecified
        or address.is_reserved
        or address in METADATA
    )


def own_addresses() -> frozenset[IPAddress]:
    """Return the addresses at which this machine itself is reached, those of every network it is in."""
    return frozenset(
        _unwrapped(ipaddress.ip_address(one.address.partition("%")[0]))
        for addresses in psutil.net_if_addrs().values()
        for one in addresses
        if one.family in (socket.AF_INET, socket.AF_INET6)
    )


def _unwrapped(address: IPAddress) -> IPAddress:
    """Return the IPv4 address that an IPv6 one stands for."""
    if not isinstance(address, ipaddress.IPv6Address) or address.is_loopback or address.is_unspecified:
        return address
    if any(address in network for network in CARRIES_IPV4):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1] or address


def _matches(rule: str, host: str, address: IPAddress) -> bool:
    network = _network(rule)
    if network is not None:
        # A network of other machines opens no way to this one, which may be in it.
        is_itself = address in own_addresses() and not address.is_loopback
        return address in network and (not is_itself or network.num_addresses == 1)
    rule = rule.lower()
    if _is_forbidden(address):
        # A name opens no way in: whoever runs the name server could point it at this server.
        return rule == host == "localhost" and address.is_loopback
    return host == rule or (rule.startswith(".") and host.endswith(rule))


def _network(rule: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(rule, strict=False)
    except ValueError:
        return None
