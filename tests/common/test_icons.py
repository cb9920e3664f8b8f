"""The icons that pages and code name are in the font that is shipped, which holds only some of Tabler's."""

import re

from django.conf import settings

CALLED = re.compile(r"""\bti-([a-z0-9]+(?:-[a-z0-9]+)*)(?![-a-z0-9{])|icon=["']([a-z0-9-]+)["']""")


def test_every_icon_that_is_named_is_in_the_font() -> None:
    font = (settings.ROOT / "static" / "vendored" / "icons" / "tabler-icons.css").read_text()
    shipped = set(re.findall(r"\.ti-([a-z0-9-]+)::before", font))

    lacking = {
        f"{path.relative_to(settings.ROOT)}: {name}"
        for folder, kind in (("templates", "*.html"), ("platform", "*.py"))
        for path in sorted((settings.ROOT / folder).rglob(kind))
        for names in CALLED.findall(path.read_text(encoding="utf-8"))
        if (name := names[0] or names[1]) not in shipped
    }

    assert lacking == set()
