"""What a check, one of the five numbers or a reading claims of a number is what the number shown says."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from approvals.queries.shown_numbers import gap_number, ks_number, psi_number
from experiments.evaluation.intervals import Difference
from experiments.evaluation.limits import limit_state
from experiments.evaluation.measures import Measures
from experiments.evaluation.paired import verdict_of
from experiments.explanation.reason_codes.counts import OUTWEIGHED, ReasonCounts
from experiments.house_rules import PSI_AMBER, PSI_RED, counts_of
from registry.evidence.gathered import Evidence
from registry.evidence.model_checks import PROTECTED_FIRST, UNHEARD, reason_codes
from registry.evidence.performance_checks import held_out, overfit_gap, score_stability
from registry.evidence.reading import FAILED, PASSED, WARNING
from registry.facts import DossierFacts, HeldOutKs, LimitedNumber, ReasonsTried
from registry.models import Comparison
from results.queries.summary import _calibration_reading
from training.models import LeaderboardRow

shares = st.one_of(st.sampled_from([0.0, 0.05, 0.0500001, 0.1, 0.2499999, 0.25, 0.2500001, 1.0]), st.floats(0, 1))


def number(text: object) -> float:
    return float(str(text).rstrip("%").replace("−", "-"))


def seen(train: float, held: float, *, psi: float = 0.01, by_chance: float = 0.0, events: int = 200) -> Any:
    """Stand in for the evidence of a finalist: measures of two samples and the shift between them."""

    def sample(ks: float) -> dict[str, Any]:
        return {
            "ks": {"value": ks, "low": ks, "high": ks},
            "auc": {"value": 0.5 + ks / 2},
            "counts": counts_of(900, events),
        }

    row = LeaderboardRow(
        metrics={"train": sample(train), "out_of_time": sample(held)},
        evidence={"score_psi": psi, "score_psi_limit": by_chance},
    )
    return Evidence(row=row, model_dir=Path(), facts=DossierFacts(), former=None)


@settings(deadline=None)
@given(train=shares, held=shares)
def test_a_gap_that_fails_is_shown_above_its_limit(train: float, held: float) -> None:
    reading = overfit_gap(seen(train, held))
    gap, limit = (number(reading.params[name]) for name in ("value", "limit"))
    beyond = FAILED if train > held else WARNING
    assert (reading.state == beyond) == (gap > limit) or abs(abs(train - held) - max(0.05, 0.2 * train)) < 1e-9
    assert ("rises" in reading.message) == (held > train)


@settings(deadline=None)
@given(psi=shares, by_chance=shares)
def test_a_shift_passes_only_below_the_amber_line_and_within_chance_it_warns(psi: float, by_chance: float) -> None:
    reading = score_stability(seen(0.4, 0.4, psi=psi, by_chance=by_chance))
    shown, limit = number(reading.params["psi"]), number(reading.params["limit"])
    if "chance" in reading.message:
        assert (reading.state, shown <= limit) == (WARNING, True)
    else:
        assert (reading.state == PASSED) == (shown <= limit) == (psi <= PSI_AMBER)
        assert (reading.state == FAILED) == (psi >= PSI_RED)


@settings(deadline=None)
@given(ks=shares)
def test_a_model_that_is_no_better_than_chance_is_called_so_and_no_other(ks: float) -> None:
    reading = held_out(seen(0.4, ks))
    assert ("no better than chance" in reading.message) == (
        number(reading.params["auc"]) <= 0.5 and ks == 0
    ) or ks < 0.001


@settings(deadline=None)
@given(counts=st.tuples(*(st.integers(0, 300) for _ in range(4))))
def test_reasons_for_all_are_told_only_of_all(counts: tuple[int, int, int, int]) -> None:
    nothing, unheard, withheld, masked = counts
    # Of whom only a protected column speaks, of them it also weighs most.
    withheld, masked = withheld + unheard, masked + withheld + unheard
    tried = ReasonCounts(rows=2_000, nothing=nothing, withheld=withheld, masked=masked)
    found = seen(0.4, 0.4)
    found.facts = DossierFacts(reasons_tried=ReasonsTried(**tried.to_dict(), acted_on_unheard=unheard))
    reading = reason_codes(found)
    assert reading.message.startswith("All") == (nothing + withheld == 0)
    # That a protected column is never named is not enough: it may not rank first either.
    assert reading.state == (FAILED if masked else PASSED)
    told = reading.message % reading.params
    assert f"{tried.given:,} of 2,000" in told or told.startswith("All 2,000")
    # What the sentence says of those without a reason adds up to all who have none.
    without = [number(count) for count in re.findall(r"for (?:the other )?([\d,]+)", told)]
    assert sum(without) == nothing + withheld == 2_000 - tried.given
    spoken = {one.message for one in reading.also}
    assert (UNHEARD in spoken) == (unheard > 0)
    assert (PROTECTED_FIRST in spoken) == (masked > 0)
    assert (OUTWEIGHED in spoken) == (masked > withheld)


def limited(value: float, limit: float, by_chance: float | None = None) -> LimitedNumber:
    """Return a number as it is kept: what chance alone explains breaks no limit."""
    is_kept = not value > max(limit, by_chance or 0.0)
    state = limit_state({"value": value, "limit": limit, "is_kept": is_kept})
    return LimitedNumber(value, limit, state, by_chance=by_chance)


@settings(deadline=None)
@given(value=shares, limit=shares, by_chance=shares)
def test_a_number_inside_its_limit_is_shown_inside_it(value: float, limit: float, by_chance: float) -> None:
    for shown in (
        gap_number(limited(value, limit), None),
        psi_number(limited(value, limit, by_chance), None),
    ):
        bound = number(shown.reading.split()[-1] if "chance" not in shown.reading else shown.reading.split()[2])
        is_inside = "inside" in shown.reading or "within" in shown.reading
        assert is_inside == (number(shown.new) <= bound) or abs(value - limit) < 1e-12 or abs(value - by_chance) < 1e-12


@settings(deadline=None)
@given(one=shares, other=shares, half=st.floats(0.001, 0.2))
def test_two_intervals_alone_never_give_a_verdict(one: float, other: float, half: float) -> None:
    new, old = (HeldOutKs(v, v - half, v + half, sample="out_of_time") for v in (one, other))
    shown = ks_number(new, old)
    assert shown.reading == "not on the same rows: no verdict"
    assert shown.tone == "soft"


@settings(deadline=None)
@given(value=st.floats(-0.3, 0.3), half=st.floats(0.0, 0.2), covers_all=st.booleans())
def test_a_verdict_on_two_champions_is_that_of_their_difference(value: float, half: float, covers_all: bool) -> None:
    difference = Difference(value, value - half, value + half, 0.5)
    measure = {
        **{"first": 0.4 + value, "second": 0.4, "difference": value, "low": value - half, "high": value + half},
        "verdict": verdict_of(difference, 0.01),
    }
    facts = {"rows": 1234, "verdict": "alike", "covers_all": covers_all, "measures": {"ks": measure}}
    comparison = Comparison(facts=facts, compared_at=timezone.now())
    new, old = (HeldOutKs(v, v - 1, v + 1, sample="out_of_time") for v in (0.4 + value, 0.7))
    shown = ks_number(new, old, comparison)
    assert abs(number(shown.reading.split(" ")[0]) - value) <= 0.0005 + 1e-9
    assert (shown.tone == "bad") == (value <= -0.01 and value + half < 0)
    assert (shown.tone == "good") == (value >= 0.01 and value - half > 0)
    # The champion's number is of these rows, or it is not shown.
    assert shown.old.rstrip("0") == ("0.4" if covers_all else "")
    assert ("1,234 shared rows" in shown.reading) == (not covers_all)


@settings(deadline=None)
@given(ratio=st.floats(0.01, 3), half=st.floats(0.0, 0.5))
def test_a_probability_that_is_called_off_is_off_by_more_than_nothing(ratio: float, half: float) -> None:
    metrics = {"observed_expected": {"value": ratio, "low": max(0.0, ratio - half), "high": ratio + half}}
    row = LeaderboardRow(metrics={"held_out": metrics})
    line = SimpleNamespace(row=row, tested=row.measures.unseen, validation=Measures(), is_tested_enough=True)
    reading = _calibration_reading(line)  # type: ignore[arg-type]
    is_off = not ratio - half <= 1 <= ratio + half
    assert ("as they are" in reading) == (not is_off)
    if is_off:
        percent = number(reading.split("%")[0].split()[-1])
        assert percent > 0
        assert ("too low" in reading) == (ratio > 1)
