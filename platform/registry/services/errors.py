"""Wishes about a model that cannot be granted."""

from django.utils.translation import gettext_noop

from experiments.errors import ExperimentError

NOT_YOUR_PASSWORD = gettext_noop("That is not your password. Nothing was decided.")
WITHOUT_COMMENT = gettext_noop("Write a comment: it goes to the audit log.")


class RegistryError(ExperimentError):
    """A wish about a model that cannot be granted, with the reason."""


class DecidedAlready(RegistryError):
    """Someone else was first; nothing was changed."""


class WrongPassword(RegistryError):
    """The second signature was not the person's own."""
