"""Submissions and decisions over HTTP; importing a file puts its operations on the one router."""

from approvals.api import approvals, submissions
from approvals.api.routes import router

__all__ = ["approvals", "router", "submissions"]
