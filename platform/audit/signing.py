"""Signatures of the installation: who can write to the database, but has no key, cannot make them."""

import hashlib
import hmac

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def sign(text: str) -> str:
    """Return the signature of a text with the installation's present key."""
    if not settings.AUDIT_KEYS:
        raise ImproperlyConfigured("The audit log cannot be signed. Set XIAOYU_AUDIT_KEYS.")
    return _made_with(settings.AUDIT_KEYS[0], text)


def is_signed(text: str, signature: str) -> bool:
    """Was this signed with the present key, or with an earlier one?"""
    return any(hmac.compare_digest(_made_with(key, text), signature) for key in settings.AUDIT_KEYS)


def _made_with(key: str, text: str) -> str:
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()
