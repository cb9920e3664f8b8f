"""The limits a version is judged by: those its run was asked to keep, so that no two pages tell different ones.

Whoever makes a model may set stricter limits than the house, which then hold; looser ones do not loosen an approval.
"""

from typing import Any

from experiments.evaluation.house_rules import MIN_ROWS, has_too_few
from experiments.search.limits import Readings, check_limits
from experiments.spec import HOUSE_LIMITS, Limits
from training.models import LeaderboardRow
from training.queries import limit_state


def limit_on_psi(row: LeaderboardRow) -> float:
    return _stricter(row, "score_psi", HOUSE_LIMITS.score_psi or 0.0)


def limit_on_gap(row: LeaderboardRow, train_ks: float) -> float:
    house = max(HOUSE_LIMITS.ks_gap or 0.0, HOUSE_LIMITS.ks_gap_share * train_ks)
    return _stricter(row, "ks_gap", house)


def gap_verdict(row: LeaderboardRow, train: dict[str, Any], held_out: dict[str, Any]) -> dict[str, Any]:
    """Return the engine's verdict on the fall in KS, with ``state`` as the result page tells it, and its sentence."""
    train_ks, ks = train["ks"]["value"], held_out["ks"]
    readings = Readings(
        train_ks=train_ks,
        held_out_ks=ks["value"],
        held_out_ks_high=ks.get("high"),
        score_psi=0.0,
        psi_by_chance=0.0,
        features=0,
        milliseconds=0.0,
        has_enough_events=not (has_too_few(train) or has_too_few(held_out)),
        has_enough_rows=held_out.get("counts", {}).get("rows", MIN_ROWS) >= MIN_ROWS,
    )
    asked = Limits(ks_gap=limit_on_gap(row, train_ks), ks_gap_share=0.0, score_psi=None)
    (verdict,) = check_limits(asked, readings)
    return {**verdict, "state": limit_state(verdict)}


def _stricter(row: LeaderboardRow, code: str, house: float) -> float:
    asked = next((limit.get("limit") for limit in row.evidence.get("limits", []) if limit.get("code") == code), None)
    return house if asked is None else min(float(asked), house)
