"""What other apps put on this page, and where they are."""

from typing import Any

from django import template
from django.template.context import Context
from django.utils.safestring import SafeString, mark_safe

from common import addresses
from common.offers import templates_at

register = template.Library()


@register.simple_tag(takes_context=True)
def offers(context: Context, place: str, **about: Any) -> SafeString:
    """Draw what is offered at a place, one after the other: ``{% offers "version.acts" version=version %}``."""
    with context.push(**about):
        drawn = [context.template.engine.get_template(name).render(context) for name in templates_at(place)]  # type: ignore[union-attr]
    return mark_safe("".join(drawn))  # noqa: S308  templates have escaped what they show


@register.simple_tag
def address_of(thing: str, *key: object) -> str:
    """Return where a thing is shown, by whichever app: ``{% address_of "version" version.pk %}``."""
    return addresses.address_of(thing, *key)
