"""Models and versions over HTTP; importing a file puts its operations on the one router."""

from registry.api import models
from registry.api.routes import router

__all__ = ["models", "router"]
