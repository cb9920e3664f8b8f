"""What can be wrong with a request for a report."""

from experiments.errors import ExperimentError


class ReportError(ExperimentError):
    """A report cannot be made or handed out; the sentence says why."""
