"""Who may reach an address: every view declares its rule, and what is shown of it elsewhere goes by the same rule.

The rules themselves, who is a member and what a role is, are in ``accounts.decorators``; here is only how a view bears
one. A view without a rule is a fault: ``check`` names it and the platform does not start, and until it is mended
nobody reaches it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, get_resolver, get_urlconf, resolve, reverse

View = Callable[..., Any]
MARK = "access_rule"


@dataclass(frozen=True)
class Rule:
    """Who may reach an address: a name, and how a request is asked."""

    name: str
    lets: Callable[[HttpRequest], bool]


def declare(view: View, rule: Rule) -> View:
    """Have a view bear its rule; decorators that use ``functools.wraps`` carry it outward."""
    setattr(view, MARK, rule)
    return view


def rule_of(view: View) -> Rule | None:
    """Return the rule that a view declares."""
    return getattr(view, MARK, None)


def may_reach(request: HttpRequest, name: str) -> bool:
    """Tell whether who asks may open the page of a name: what they may not open is not offered to them."""
    rule = _rule_at(name, get_urlconf())
    return rule is not None and rule.lets(request)


@cache
def _rule_at(name: str, urlconf: str | None) -> Rule | None:
    return rule_of(resolve(reverse(name, urlconf=urlconf), urlconf=urlconf).func)


def every_address() -> Iterator[tuple[str, View]]:
    """Yield every address of the platform, as its pattern is written, with the view behind it."""
    yield from _below(get_resolver(), "")


def undeclared() -> list[str]:
    """Return the addresses whose view declares no rule."""
    return [address for address, view in every_address() if rule_of(view) is None]


def _below(resolver: URLResolver, before: str) -> Iterator[tuple[str, View]]:
    for pattern in resolver.url_patterns:
        address = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield address, pattern.callback
        else:
            yield from _below(pattern, address)
