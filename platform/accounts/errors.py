"""What may not be done to people, with the sentence that says why."""

from django.utils.translation import gettext as _


class NotAllowed(Exception):
    """An act refused; its text is for the person who tried."""


class LastAdmin(NotAllowed):
    def __init__(self) -> None:
        super().__init__(_("A workspace needs at least one active admin. Make someone else an admin first."))


class OwnAccount(NotAllowed):
    def __init__(self) -> None:
        super().__init__(_("You cannot do this to your own account. Ask another admin."))


class TooManyAttempts(NotAllowed):
    """Told of any name, so that nobody learns which ones exist."""

    wait_seconds = 600

    def __init__(self) -> None:
        super().__init__(_("Too many attempts for this sign-in name. Wait ten minutes, then try again."))


class TooManyUnknownKeys(TooManyAttempts):
    def __init__(self) -> None:
        NotAllowed.__init__(self, _("Too many invalid keys came from this address. Wait ten minutes, then try again."))
