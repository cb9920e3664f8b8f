"""How what a deployment refuses is told by the API."""

from django.http import HttpRequest

from common.problems import Problem, pointer
from common.templatetags.formatting import sentence, told
from deployments.errors import NotServed
from experiments.scoring.wrong_cells import RowsRefused


def rows_refused(request: HttpRequest, error: RowsRefused) -> Problem:
    """Tell of each cell that cannot be read: where it stands in the request, its row, its column and why."""
    places = [
        {
            "in": "body",
            "pointer": pointer(["rows", cell.row, cell.column]),
            "detail": sentence(cell.told),
        }
        for cell in error.cells
    ]
    return Problem(422, told(error.message, error.params), places)


def not_served(request: HttpRequest, error: NotServed) -> Problem:
    """Tell why nobody is answered at the moment."""
    return Problem(503, told(error.message, error.params))
