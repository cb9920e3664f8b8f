"""Pieces of the data check's pages: figures of a column, and the sample told in sentences."""

from typing import Any

from django import template
from django.utils.html import escape, format_html, json_script
from django.utils.safestring import SafeString

from checks.decisions import meanings
from checks.sample_words import OPERATOR_WORDS, sample_sentences
from common.templatetags.formatting import told

register = template.Library()


@register.simple_tag
def figure_of(detail: Any, name: str, height: int) -> SafeString:
    """Put a column's figure with its numbers in place; the tables beside it say the same."""
    key = f"about-{name}-{detail.column.pk}"
    figure = format_html(
        '<figure class="chart" data-figure="#{}" data-height="{}" aria-hidden="true"></figure>', key, height
    )
    return SafeString(json_script(detail.figures[name], key) + figure)


@register.simple_tag
def column_options(names: list[str], chosen: str = "") -> SafeString:
    """Offer thousands of columns in a select or a datalist; a loop of the template would take longer than the page."""
    return SafeString(
        "".join(
            f'<option value="{name}"{mark}>{name}</option>'
            for name, mark in ((escape(each), " selected" if each == chosen else "") for each in names)
        )
    )


@register.filter
def meaning(key: str) -> str:
    """Tell what a special value stands for: one of the known meanings, or the person's own words."""
    return told(meanings().get(key, key))


@register.filter
def waterfall_step(step: dict[str, Any]) -> str:
    """Tell a step of the waterfall; comparisons are kept by name and told in words."""
    params = dict(step["params"])
    if "operator" in params:
        params["operator"] = OPERATOR_WORDS.get(params["operator"], params["operator"])
    return told(step["message"], {name: str(value) for name, value in params.items()} or None)


register.filter("sample_sentences", sample_sentences)


@register.filter
def words(text: str) -> list[str]:
    """Part a list written in a template."""
    return text.split()


@register.filter
def field(form: Any, name: str) -> Any:
    """Return a form's field by its name."""
    return form[name]
