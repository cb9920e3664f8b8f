"""Joins that are drawn, and one that has made its table."""

from tests.catalog.conftest import joined, plan, version

__all__ = ["joined", "plan", "version"]
