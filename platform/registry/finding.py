"""How models are found."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse

from common.finding import Found
from registry.models import RegisteredModel


def models(request: HttpRequest, text: str) -> Iterable[Found]:
    """Look at names of registered models."""
    for model in RegisteredModel.objects.filter(workspace=request.workspace, name__icontains=text).iterator():  # type: ignore[attr-defined]
        yield Found(reverse("model_detail", args=[model.pk]), model.name, model.kind_label)
