"""Models, submissions and decisions over HTTP; importing a file puts its operations on the one router."""

from registry.api import approvals, models, submissions
from registry.api.routes import router

__all__ = ["approvals", "models", "router", "submissions"]
