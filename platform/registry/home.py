"""The part of the first page that is about models."""

from typing import Any, cast

from django.http import HttpRequest

from accounts.requests import SignedInRequest
from common.home import Card, Place
from registry.models import Alias, ModelVersion

CHAMPIONS_SHOWN = 6


def _models_in_use(request: HttpRequest) -> dict[str, Any] | None:
    workspace = cast(SignedInRequest, request).workspace
    champions = ModelVersion.objects.filter(registered_model__workspace=workspace, alias=Alias.CHAMPION)
    found = list(champions.select_related("registered_model")[:CHAMPIONS_SHOWN])
    return {"champions": found} if found else None


CARDS = (Card(Place.SIDE, "registry/home/_models_in_use.html", weight=20, gather=_models_in_use),)
