"""What production refuses to start with, as Django system checks with plain sentences."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from common.access import undeclared
from common.placeholder_keys import is_placeholder_key

SAFE_START = "safe_start"


@register(Tags.urls, SAFE_START)
def every_address_says_who_may_reach_it(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """An address without a rule is let through to nobody; whoever wrote it learns so before anybody knocks."""
    return [
        Error(
            f"The address {address} does not say who may reach it.",
            hint="Have its view bear a rule of accounts.decorators, such as workspace_required.",
            id="xiaoyu.E020",
        )
        for address in undeclared()
    ]


@register(SAFE_START)
def production_settings_are_safe(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Production starts only with a secret key of its own, without DEBUG and with the hosts it answers to."""
    if not settings.IS_PRODUCTION:
        return []
    found: list[CheckMessage] = []
    if is_placeholder_key(settings.ENVIRONMENT.secret_key):
        found.append(
            Error(
                "Production needs a secret key of its own.",
                hint="Set XIAOYU_SECRET_KEY to at least 50 random characters.",
                id="xiaoyu.E001",
            )
        )
    if is_placeholder_key(settings.ENVIRONMENT.personal_data_key):
        found.append(
            Error(
                "Production needs a key of its own for hashing personal data.",
                hint="Set XIAOYU_PERSONAL_DATA_KEY to at least 50 random characters, and keep it for good: "
                "hashes made with another key no longer join.",
                id="xiaoyu.E004",
            )
        )
    if any(is_placeholder_key(key) for key in settings.AUDIT_KEYS if key != settings.ENVIRONMENT.secret_key):
        found.append(
            Error(
                "A key for signing the audit log is no secret.",
                hint="Set XIAOYU_AUDIT_KEYS to at least 50 random characters, or several keys with commas: the first "
                "signs, all are believed. Without any, the secret key signs.",
                id="xiaoyu.E006",
            )
        )
    if any(is_placeholder_key(key) for key in settings.ENVIRONMENT.connection_keys):
        found.append(
            Error(
                "A key for the passwords of databases is no secret.",
                hint="Set XIAOYU_CONNECTION_KEYS to at least 50 random characters, or several keys with commas: the "
                "first seals, all open. Without any, no database can be connected.",
                id="xiaoyu.E005",
            )
        )
    if settings.DEBUG:
        found.append(Error("Production must not run with DEBUG.", hint="Remove XIAOYU_DEBUG.", id="xiaoyu.E002"))
    if not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        found.append(
            Error(
                "Production must know the host names it answers to.",
                hint="Set XIAOYU_ALLOWED_HOSTS, for example xiaoyu.bank.example.",
                id="xiaoyu.E003",
            )
        )
    return found
