"""Pieces of the closer looks: the parts of a result that this app adds."""

from typing import Any

from django import template
from django.urls import reverse

from diagnostics.queries.parts import PARTS
from training.models import Experiment

register = template.Library()


@register.simple_tag
def look_parts(experiment: Experiment) -> list[dict[str, Any]]:
    return [
        {"name": part.name, "label": part.label, "url": reverse("experiment_look", args=[experiment.pk, part.name])}
        for part in PARTS.values()
    ]
