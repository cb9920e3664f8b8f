"""Pieces that approvals put on pages of models."""

from django import template
from django.template.context import Context

from approvals.views import answers
from registry.models import ModelVersion

register = template.Library()


@register.simple_tag(takes_context=True)
def may_answer(context: Context, version: ModelVersion) -> bool:
    """Tell whether a change of a version is asked for that the reader can answer."""
    return answers.may_answer(context["request"], version)
