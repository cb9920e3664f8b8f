"""Reports and their templates over HTTP; importing a file puts its operations on the one router."""

from reports.api import reports, word_templates
from reports.api.routes import router

__all__ = ["reports", "router", "word_templates"]
