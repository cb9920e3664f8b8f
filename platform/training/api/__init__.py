"""Experiments over HTTP; importing a file puts its operations on the one router."""

from training.api import columns, experiments, runs, sample
from training.api.routes import router

__all__ = ["columns", "experiments", "router", "runs", "sample"]
