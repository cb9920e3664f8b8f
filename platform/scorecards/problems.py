"""How what is refused of a card is told by the API."""

from django.http import HttpRequest

from common.problems import Problem
from common.templatetags.formatting import told
from scorecards.errors import CardRefused


def refused(request: HttpRequest, error: CardRefused) -> Problem:
    """Tell why a change was not made: it is in conflict with how the card is."""
    return Problem(409, told(error.message, error.params))
