"""What the model server answers about formats: the model is open there, and no other process loads its libraries."""

from typing import Any

from experiments.exports.making import why_not
from serving.opened import OpenModels


def formats_of(opened: OpenModels, asked: dict[str, Any]) -> dict[str, Any]:
    """Return for each format why a model cannot be had in it, ``None`` where it can."""
    found = why_not(opened.model(asked["model"]))
    return {name: None if refusal is None else refusal.sentence.to_dict() for name, refusal in found.items()}
