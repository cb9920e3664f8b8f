"""How the summary of a scoring reads on a page."""

from typing import Any


def shown_bands(summary: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return []


def shown_psi(summary: dict[str, Any]) -> dict[str, Any] | None:
    return None


def shown_cover(summary: dict[str, Any]) -> list[dict[str, Any]]:
    return []


def shown_distribution(summary: dict[str, Any], kind: str) -> dict[str, Any] | None:
    return None
