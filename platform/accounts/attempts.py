"""Wrong answers at every door that asks for a password or a key, counted in the database by name and address.

A person and an address make one door, so that a stranger elsewhere locks nobody out. An attempt is counted before it
is judged: however many come at the same moment, in however many processes, no more than the allowed ones are judged.
"""

import ipaddress
import secrets
import unicodedata
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.errors import TooManyAttempts, TooManyUnknownKeys
from accounts.models import FailedAttempt, User

FAILURES_ALLOWED = 10
WAIT = timedelta(minutes=10)
# One household or server of the internet's sixth version has as many addresses as it likes below this.
OWN_PREFIX = 64


class PasswordAttempt:
    """One try at a person's password, at whichever page or address it is asked for.

    The same door stands before the sign-in, the change of the own password and the decision on a model.
    """

    def __init__(self, name: str, address: str) -> None:
        self._door = _kept_as("password", folded(name), address)

    def begin(self) -> None:
        """Count the attempt; to be called before the password is looked at.

        Raises
        ------
        TooManyAttempts : there were too many wrong ones; nothing is looked at, not even the right one.
        """
        if _recent(self._door) >= FAILURES_ALLOWED:
            raise TooManyAttempts
        attempt = _count(self._door, secrets.token_hex(16))
        if _recent(self._door) > FAILURES_ALLOWED:  # others came at the same moment
            attempt.delete()
            raise TooManyAttempts

    def forgive(self) -> None:
        """Forget the failures: the password was right."""
        FailedAttempt.objects.filter(door=self._door).delete()


def is_own_password(user: User, password: str, address: str) -> bool:
    """Tell whether a signed-in person has typed the own password; a wrong one counts.

    Raises
    ------
    TooManyAttempts : there were too many wrong ones.
    """
    attempt = PasswordAttempt(user.username, address)
    attempt.begin()
    is_right = user.check_password(password)
    if is_right:
        attempt.forgive()
    return is_right


def refuse_after_unknown_keys(address: str) -> None:
    """Raise while too many different unknown keys have come from an address; live keys must wait as well."""
    if _recent(_kept_as("key", "", address)) >= FAILURES_ALLOWED:
        raise TooManyUnknownKeys


def count_unknown_key(secret: str, address: str) -> bool:
    """Count a key that opens nothing and tell whether it is new here.

    The same one again is no guess, only a program that nobody has told.
    """
    door, answer = _kept_as("key", "", address), _kept_as("secret", secret)
    if FailedAttempt.objects.filter(door=door, answer=answer, at__gt=_since()).exists():
        return False
    _count(door, answer)
    return True


def folded(name: str) -> str:
    """Return a name as it counts: width, case, spaces and invisible characters make no other one."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return "".join(letter for letter in plain if unicodedata.category(letter)[0] not in "ZC")


def address_of(request: HttpRequest | None) -> str:
    """Return where a request comes from; behind a proxy, what the proxy itself has added last."""
    if request is None:
        return ""
    seen = request.META.get("REMOTE_ADDR") or ""
    if settings.BEHIND_PROXY:
        seen = request.META.get("HTTP_X_FORWARDED_FOR", "").rsplit(",", 1)[-1].strip() or seen
    return _network(seen)


def _network(seen: str) -> str:
    try:
        address = ipaddress.ip_address(seen.split("%")[0])
    except ValueError:
        return seen[:64]
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, OWN_PREFIX), strict=False))


def _recent(door: str) -> int:
    return FailedAttempt.objects.filter(door=door, at__gt=_since()).count()


def _count(door: str, answer: str) -> FailedAttempt:
    FailedAttempt.objects.filter(at__lte=_since()).delete()
    return FailedAttempt.objects.create(door=door, answer=answer, at=timezone.now())


def _since() -> object:
    return timezone.now() - WAIT


def _kept_as(*parts: str) -> str:
    """Return what is kept in place of what was typed: people type their password into the field for the name."""
    return salted_hmac("accounts.attempts", "\0".join(parts), algorithm="sha256").hexdigest()
