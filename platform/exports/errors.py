"""What can be wrong with a request for an export."""

from experiments.errors import ExperimentError


class ExportError(ExperimentError):
    """An export cannot be made or handed out; the sentence says why."""
