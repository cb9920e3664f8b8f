"""How what is refused of files is told by the API."""

from django.http import HttpRequest

from catalog.errors import UploadRefused
from common.problems import Problem
from common.templatetags.formatting import told


def refused_upload(request: HttpRequest, error: UploadRefused) -> Problem:
    return Problem(error.status(otherwise=409), told(error.message, error.params))
