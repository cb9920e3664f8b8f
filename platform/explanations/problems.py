"""How what is refused of a customer is told: by the API, and with which status by a page."""

from django.http import HttpRequest

from common.problems import Problem
from common.templatetags.formatting import told
from experiments.errors import ExperimentError
from explanations.errors import CustomerNotFound
from serving.errors import ModelServerAway


def status_of(error: ExperimentError) -> int:
    """Return the status of a refusal: what is not there, a server that is away, or what cannot be answered."""
    if isinstance(error, ModelServerAway):
        return 503
    return 404 if isinstance(error, CustomerNotFound) and error.places else 409


def refused(request: HttpRequest, error: ExperimentError) -> Problem:
    """Tell why there is no answer."""
    return Problem(status_of(error), told(error.message, error.params))
