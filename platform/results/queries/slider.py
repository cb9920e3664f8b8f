"""What the slider of the page on whom to choose passes over: every step told beforehand, so that it moves at once."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from experiments.strategy.curve import StrategyCurve
from experiments.strategy.money import outcome
from experiments.strategy.stakes import Stakes
from results.queries.act import BY_CUT_OFF, BY_NUMBER, BY_SHARE, Act, Choice, act_of, best_of, choice_of
from training.models import Experiment

# Every per cent, and finer at the top, where a team that calls a thousand of a million works.
SHARES = tuple(np.unique(np.concatenate([[0.001, 0.002, 0.005], np.arange(1, 20) / 200, np.arange(101) / 100])))


def steps_of(
    experiment: Experiment, curve: StrategyCurve, tested: StrategyCurve | None, asked: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return the steps of the slider, each with all that the page says of it."""
    first = choice_of(experiment, curve, asked)
    top = best_of(first, curve)
    found = []
    for value in _values(first, curve):
        choice = choice_of(experiment, curve, {**asked, "by": first.by, first.by: value})
        act = act_of(experiment, choice, curve, tested, top=top)
        found.append({"value": f"{value:.12g}", "at": choice.number, **_told(act), "height": _height(choice, curve)})
    return found


def _values(choice: Choice, curve: StrategyCurve) -> list[float]:
    """Return what the field holds at each step, in its own unit."""
    if choice.by == BY_NUMBER:
        return sorted({round(choice.customers * share) for share in SHARES})
    if choice.by == BY_SHARE:
        return [round(100 * share, 4) for share in SHARES]
    assert choice.by == BY_CUT_OFF
    # Written as the page writes a cut-off, so that a step sent back chooses whom it said.
    return sorted({float(f"{100 * curve.cutoff_at(share):.4g}") for share in SHARES})


def _told(act: Act) -> dict[str, Any]:
    return {
        "lead": act.lead,
        "next_step": act.next_step,
        "tested": act.tested,
        "confusion": act.confusion,
        "same_as": act.same_as,
        "figures": [[each.value, each.reading] for each in act.figures],
    }


def _height(choice: Choice, curve: StrategyCurve) -> float:
    """Return where the dot of the chart stands: the profit, or the events where no money is named."""
    found = outcome(curve, choice.share, choice.stakes or Stakes(0.0, 0.0), choice.customers)
    return found.events.value if choice.stakes is None else found.profit.value
