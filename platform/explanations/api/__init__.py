"""Explanations over HTTP; importing a file puts its operations on the one router."""

from explanations.api import customers, segments
from explanations.api.routes import router

__all__ = ["customers", "router", "segments"]
