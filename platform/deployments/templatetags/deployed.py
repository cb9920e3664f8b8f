"""Where a version is in use, for the page of the version."""

from django import template
from django.db.models import F

from deployments.models import Part
from registry.models import ModelVersion

register = template.Library()


@register.simple_tag
def uses_of(version: ModelVersion) -> list[Part]:
    """Return the parts that a version has in what answers now, with their deployments."""
    found = Part.objects.filter(version=version, configuration__deployment__current=F("configuration"))
    return list(found.select_related("configuration__deployment").order_by("configuration__deployment__name", "pk"))
