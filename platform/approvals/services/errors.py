"""Decisions that cannot be taken."""

from django.utils.translation import gettext_noop

from registry.services.errors import RegistryError

NOT_YOUR_PASSWORD = gettext_noop("That is not your password. Nothing was decided.")


class DecidedAlready(RegistryError):
    """Someone else was first; nothing was changed."""


class WrongPassword(RegistryError):
    """The second signature was not the person's own."""
