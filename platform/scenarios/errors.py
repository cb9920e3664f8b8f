"""What can be wrong with a scenario or a list made by one."""

from experiments.errors import ExperimentError


class ScenarioError(ExperimentError):
    """A scenario cannot be kept or used; the sentence says why."""
