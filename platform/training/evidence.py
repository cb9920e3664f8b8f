"""What the engine left beside a model: evidence and explanation, read back in the reader's words."""

from typing import Any

from training.models import Experiment, LeaderboardRow


def of(row: LeaderboardRow) -> dict[str, Any]:
    return {}


def explanation(row: LeaderboardRow) -> dict[str, Any]:
    return {}


def story(experiment: Experiment, line: Any, found: dict[str, Any], test_sample: str) -> Any:
    return None


def deciles(found: dict[str, Any], sample: str) -> Any:
    return None


def why(experiment: Experiment, line: Any, explained: dict[str, Any], asked: Any) -> dict[str, Any]:
    return {}


def versions_of(experiment: Experiment) -> dict[str, str]:
    return {}


def report(row: LeaderboardRow) -> str:
    return ""
