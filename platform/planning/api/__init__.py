"""Experiments over HTTP, put, planned and started; importing a file puts its operations on the one router."""

from planning.api import columns, experiments, sample, starting
from planning.api.routes import router

__all__ = ["columns", "experiments", "router", "sample", "starting"]
