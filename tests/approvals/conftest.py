"""Requests are about finalists and versions: what those tests stand on stands in ``tests/registry``."""

from tests.registry.conftest import finished_experiment, stand_in_engine, submitted

__all__ = ["finished_experiment", "stand_in_engine", "submitted"]
