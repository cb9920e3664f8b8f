"""The sign of life for load balancers and for who watches the platform."""

import logging

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from accounts.decorators import for_everybody
from jobs.signs import health_of_jobs

log = logging.getLogger(__name__)


@for_everybody
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Tell whether the platform does its work: database, workers of every queue, scheduler; 503 with the reasons."""
    try:
        found = health_of_jobs()
    except DatabaseError:
        return _without_database()
    status = 200 if found.is_good else 503
    return JsonResponse(found.told(), status=status, headers={"Cache-Control": "no-store"})


@for_everybody
@require_safe
def health_of_web(request: HttpRequest) -> JsonResponse:
    """Tell whether this web server can answer people, whatever becomes of the workers: for load balancers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return _without_database()
    return JsonResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


def _without_database() -> JsonResponse:
    """Why it does not answer stands in the log: the reason may name hosts and people."""
    log.exception("the database does not answer")
    said = {"status": "degraded", "reasons": [gettext("The database is not answering.")]}
    return JsonResponse(said, status=503, headers={"Cache-Control": "no-store"})
