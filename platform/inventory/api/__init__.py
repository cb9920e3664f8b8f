"""The inventory over HTTP; importing a file puts its operations on the one router."""

from inventory.api import entries
from inventory.api.routes import router

__all__ = ["entries", "router"]
