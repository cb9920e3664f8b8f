"""Why a deployment cannot be made or switched, and why nobody is scored by it."""

from experiments.errors import ExperimentError


class DeploymentError(ExperimentError):
    """A wish about a deployment that cannot be granted; the sentence says why."""


class NotServed(ExperimentError):
    """A deployment that answers nobody at the moment; the sentence says what has to be done."""
