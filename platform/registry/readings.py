"""What one check of a version found."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Reading:
    """What one check found: a state and a sentence with its parameters."""

    state: str
    message: str
    params: dict[str, Any] = field(default_factory=dict)
    also: tuple[dict[str, Any], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        told = {"message": self.message, "params": self.params}
        return {**told, "also": list(self.also)} if self.also else told
