"""Puts on record what accounts and sign-in tell: apps below this one cannot call it."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.attempts import address_of, folded
from accounts.models import User
from accounts.signals import acted
from audit.services import record


@receiver(acted)
def record_act(sender: type, actor: User | None, action: str, **act: Any) -> None:
    record(actor, action, workspace=act["workspace"], obj=act["obj"], details=act["details"])


@receiver(user_logged_in)
def record_sign_in(sender: type, user: User, **kwargs: Any) -> None:
    record(user, "person.signed_in", obj=user)


@receiver(user_logged_out)
def record_sign_out(sender: type, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        record(user, "person.signed_out", obj=user)


@receiver(user_login_failed)
def record_failed_sign_in(
    sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
) -> None:
    known = User.objects.filter(username__iexact=folded(credentials.get("username") or "")).first()
    # An unknown name is not kept: people type their password into the name field.
    record(None, "person.sign_in_failed", obj=known, details={"address": address_of(request)})
