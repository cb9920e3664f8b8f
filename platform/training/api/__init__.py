"""Runs over HTTP; importing a file puts its operations on the one router."""

from training.api import runs
from training.api.routes import router

__all__ = ["router", "runs"]
