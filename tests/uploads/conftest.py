"""A version that a worker has read."""

from tests.catalog.conftest import plan, version

__all__ = ["plan", "version"]
