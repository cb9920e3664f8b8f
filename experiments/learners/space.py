"""The ranges in which a learner's settings are searched, in words that every backend can translate."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Real:
    """A number from ``low`` to ``high``; ``is_log`` when it is searched by its order of magnitude."""

    low: float
    high: float
    is_log: bool = False


@dataclass(frozen=True)
class Whole:
    """A whole number from ``low`` to ``high``, both included."""

    low: int
    high: int
    is_log: bool = False


@dataclass(frozen=True)
class OneOf:
    """One of a few named options."""

    options: tuple[Any, ...]


Domain = Real | Whole | OneOf
Space = dict[str, Domain]


def without_choice(space: Space, name: str) -> Space:
    """Return the space with the first option of ``name`` only, where the others would mean the same."""
    domain = space.get(name)
    return {**space, name: OneOf(domain.options[:1])} if isinstance(domain, OneOf) else space


def clip(params: dict[str, Any], space: Space) -> dict[str, Any]:
    """Return the settings that the space knows, each moved inside its range and made plain Python."""
    return {name: _inside(params[name], domain) for name, domain in space.items() if name in params}


def _inside(value: Any, domain: Domain) -> Any:
    if isinstance(domain, OneOf):
        return next((option for option in domain.options if option == value), domain.options[0])
    if isinstance(domain, Whole):
        return int(min(max(round(float(value)), domain.low), domain.high))
    # Ten digits say enough, and keep the settings the same wherever they are written and read again.
    return float(f"{min(max(float(value), domain.low), domain.high):.10g}")
