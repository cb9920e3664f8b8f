"""How what is refused of a customer is told by the API."""

from django.http import HttpRequest

from common.problems import Problem
from common.templatetags.formatting import told
from explanations.errors import CustomerNotFound
from serving.errors import ModelServerAway, ModelServerRefused


def not_found(request: HttpRequest, error: CustomerNotFound) -> Problem:
    """Tell where was looked, or what is to be entered."""
    return Problem(404 if error.places else 409, told(error.message, error.params))


def away(request: HttpRequest, error: ModelServerAway) -> Problem:
    """Tell that the model server is to be asked again."""
    return Problem(503, told(error.message, error.params))


def refused(request: HttpRequest, error: ModelServerRefused) -> Problem:
    """Tell what of the question cannot be answered."""
    return Problem(409, told(error.message, error.params))
