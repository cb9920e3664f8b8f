"""Models in the registry, as those of the registry's own tests."""

from tests.registry.conftest import finished_experiment, stand_in_engine, submitted

__all__ = ["finished_experiment", "stand_in_engine", "submitted"]
