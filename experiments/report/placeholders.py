"""What a Word template may name."""

from experiments.report.chapters import CHAPTERS

__all__ = ["placeholders"]

# Named once at least: what it is about, when it was made. Where the chapters go is judged by itself.
NEEDED = ("title", "subtitle", "made_on")
KNOWN = (*NEEDED, "words", "facts", "contents", "body", "chapter")
# What fills whole paragraphs, and so must be named as docxtpl asks for it.
PARAGRAPHS = ("body", "contents", "chapter")


def placeholders() -> list[str]:
    """Return what a template may name, as it is written there.

    Returns
    -------
    list of str
        The needed ones first.

    Examples
    --------
    >>> placeholders()[:2], "{{p chapter.fairness }}" in placeholders()
    (['{{ title }}', '{{ subtitle }}'], True)
    """
    own = [f"{{{{ {name} }}}}" for name in NEEDED]
    loop = "{%p for fact in facts %} {{ fact.name }} {{ fact.value }} {%p endfor %}"
    return [*own, "{{p body }}", "{{p contents }}", loop, *(f"{{{{p chapter.{name} }}}}" for name, *_rest in CHAPTERS)]
