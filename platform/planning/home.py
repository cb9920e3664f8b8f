"""The parts of the first page that lead to a new experiment, and the data that can be tried."""

from typing import Any, cast

from django.http import HttpRequest

from accounts.requests import SignedInRequest
from catalog.models import DatasetVersion, VersionState
from common.home import Card, Place

SAMPLES_SHOWN = 3


def _what_can_be_tried(request: HttpRequest) -> dict[str, Any] | None:
    samples = DatasetVersion.objects.filter(
        dataset__workspace=cast(SignedInRequest, request).workspace,
        dataset__is_sample=True,
        state=VersionState.READY,
    )
    found = list(samples.select_related("dataset")[:SAMPLES_SHOWN])
    return {"samples": found} if found else None


CARDS = (
    Card(Place.ACTION, "planning/home/_build.html", weight=10),
    Card(Place.TILE, "planning/home/_build_tile.html", weight=10),
    Card(Place.FOOT, "planning/home/_samples.html", weight=10, gather=_what_can_be_tried),
)
