"""The stored explanation of a model, codes in the reader's words."""

from typing import Any

from results.queries.columns import in_words, meanings_of
from results.queries.evidence import read_beside
from training.models import LeaderboardRow


def explanation_of(row: LeaderboardRow) -> dict[str, Any]:
    """Return importance, beeswarm, dependence and examples, codes in the reader's words; empty where there is none."""
    found, experiment = read_beside(row, "explanation.json"), row.experiment
    if found:
        found["kept_directions"] = kept_directions(row)
    if not meanings_of(experiment):
        return found
    for example in (found.get("examples") or {}).values():
        for step in example["waterfall"]["steps"]:
            step["value"] = in_words(experiment, step["column"], step["value"])
    for column, curve in (found.get("dependence") or {}).items():
        curve["levels"] = [in_words(experiment, column, level) for level in curve["levels"]]
    for column, ends in (found.get("extremes") or {}).items():
        ends |= {end: in_words(experiment, column, level) for end, level in ends.items()}
    return found


def kept_directions(row: LeaderboardRow) -> dict[str, int]:
    """Return the directions that were asked of a model's columns and that the check found kept, by column."""
    checks = (row.evidence.get("constraints") or {}).get("checks", [])
    return {check["feature"]: check["direction"] for check in checks if not check["violations"]}


def example_of(explained: dict[str, Any], which: str) -> dict[str, Any] | None:
    """Return the customer asked for (high, near, low), or the first there is."""
    examples = explained.get("examples") or {}
    name = which if which in examples else next(iter(examples), "")
    return {"name": name, **examples[name]} if name else None
