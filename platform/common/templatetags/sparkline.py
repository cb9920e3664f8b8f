"""A column's distribution in the height of a table row, as inline SVG."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()
WIDTH, HEIGHT, GAP = 84, 22, 1


@register.simple_tag
def sparkline(histogram: Mapping[str, Any] | None, is_category: bool = False) -> SafeString | str:
    """Draw ``{"counts": [...]}``; empty bins keep a hairline so that the range stays readable."""
    counts = [max(float(value), 0.0) for value in (histogram or {}).get("counts", [])]
    if not counts or max(counts) <= 0:
        return ""
    step, tallest = WIDTH / len(counts), max(counts)
    heights = [max(value / tallest * (HEIGHT - 1), 1.0) for value in counts]
    bars = (
        (f"{i * step:.1f}", f"{HEIGHT - tall:.1f}", f"{max(step - GAP, 1):.1f}", f"{tall:.1f}")
        for i, tall in enumerate(heights)
    )
    rects = format_html_join("", '<rect x="{}" y="{}" width="{}" height="{}"/>', bars)
    return format_html(
        '<svg class="spark{}" viewBox="0 0 {} {}" aria-hidden="true">{}</svg>',
        " cat" if is_category else "", WIDTH, HEIGHT, rects,
    )  # fmt: skip
