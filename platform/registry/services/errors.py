"""Wishes about a model that cannot be granted."""

from django.utils.translation import gettext_noop

from experiments.errors import ExperimentError

WITHOUT_COMMENT = gettext_noop("Write a comment: it goes to the audit log.")


class RegistryError(ExperimentError):
    """A wish about a model that cannot be granted, with the reason."""
