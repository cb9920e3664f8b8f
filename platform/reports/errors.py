"""What can be wrong with a request for a report or with a template."""

from experiments.errors import ExperimentError


class ReportError(ExperimentError):
    """A report cannot be made or handed out, or a template not be taken; the sentence says why."""
