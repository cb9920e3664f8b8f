"""What may not be done to people, with the sentence that says why."""

from django.utils.translation import gettext as _


class NotAllowed(Exception):
    """An act refused; its text is for the person who tried."""


class LastAdmin(NotAllowed):
    def __init__(self) -> None:
        super().__init__(_("A workspace needs at least one active admin. Make someone else admin first."))


class OwnAccount(NotAllowed):
    def __init__(self) -> None:
        super().__init__(_("You cannot do this to your own account. Ask another admin."))
