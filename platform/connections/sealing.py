"""Seals what must be kept but never read by people: passwords of databases."""

import base64
import hashlib
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from experiments.errors import ExperimentError, gettext_noop

PURPOSE = b"xiaoyu connection passwords"
NO_KEY = gettext_noop(
    "This server has no key to encrypt passwords with. An administrator can set one in XIAOYU_CONNECTION_KEYS."
)
OTHER_KEY = gettext_noop(
    "The password of this connection was encrypted with a key that this server no longer has. Enter the password again."
)


class SealRefused(ExperimentError):
    """Something that cannot be sealed or opened with the keys at hand."""


def seal(text: str) -> str:
    """Return a text encrypted with the first key; empty stays empty."""
    return _fernet().encrypt(text.encode()).decode("ascii") if text else ""


def opened(sealed: str) -> str:
    """Return what was sealed with any of the keys."""
    if not sealed:
        return ""
    try:
        return _fernet().decrypt(sealed.encode("ascii")).decode()
    except InvalidToken:
        raise SealRefused(OTHER_KEY) from None


def sealed_again(sealed: str) -> str:
    """Return the same text encrypted with the first key, so that later keys may go."""
    return _fernet().rotate(sealed.encode("ascii")).decode("ascii") if sealed else ""


def _fernet() -> MultiFernet:
    keys: Sequence[str] = settings.CONNECTION_KEYS
    if not keys:
        raise SealRefused(NO_KEY)
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str) -> bytes:
    """A key may be any long text; Fernet wants 32 bytes."""
    return base64.urlsafe_b64encode(hashlib.blake2b(key.encode(), key=PURPOSE, digest_size=32).digest())
