"""How it is told by the API that the model server is away."""

from django.http import HttpRequest

from common.problems import Problem
from common.templatetags.formatting import told
from serving.errors import ModelServerAway


def away(request: HttpRequest, error: ModelServerAway) -> Problem:
    """Tell that it is away, and to come again."""
    return Problem(503, told(error.message, error.params))
