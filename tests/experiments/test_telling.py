"""What a sentence claims is what its numbers say, as they are shown and as they were measured."""

import ast
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.data.comparison.columns import psi_changes
from experiments.evaluation import limits
from experiments.evaluation.limits import Readings, check_limits
from experiments.features.woe import iv_by_chance, iv_noise_floor, iv_p_value
from experiments.generation import choice
from experiments.house_rules import MIN_EVENTS, counts_of, is_enough
from experiments.search import outlook, reasons
from experiments.search.constraint_check import AGAINST_CONSTRAINT, constraint_limits
from experiments.search.finalist import Finalist
from experiments.search.leaderboard import PRICE_OF_SIMPLICITY, rank
from experiments.search.outlook import budget_outlook
from experiments.search.trial import TrialRecord
from experiments.sentence import Sentence
from experiments.spec import ExperimentSpec, Limits
from experiments.telling import apart, filled, more_than_none, set_against, signed

ROOT = Path(__file__).parents[2]
# Where sentences are made that tell people what to make of a model.
PRODUCERS = ("experiments/search", "experiments/experiment.py", "experiments/generation/choice.py")
CLAIM = re.compile(r"within|below|above|behind|ahead|best|highest|same|apart|limit|keep|break|chance|enough|more|less")
NUMBERS = {"auc", "best", "difference", "price", "limit", "value", "times", "psi", "gain", "sufficient", "necessary"}

Params = dict[str, str]


def english_of(stored: dict[str, object]) -> str:
    return str(Sentence.from_dict(stored))


def number(text: object) -> float:
    return float(str(text).rstrip("%").replace("−", "-"))


def differ(params: Params, higher: str, lower: str) -> bool:
    """Are the two numbers shown in the order that the sentence claims, and apart by what it says?"""
    return number(params[higher]) > number(params[lower])


# Each sentence that claims something of a number: does what it shows bear it out?
SHOWN: dict[str, Callable[[Params], bool]] = {
    reasons.BEST_OF_TIES: lambda p: differ(p, "best", "auc"),
    reasons.LESS_OVERFIT: lambda p: differ(p, "best", "auc") and number(p["difference"]) > 0,
    reasons.NEAR_THE_BEST: lambda p: differ(p, "best", "auc") and number(p["difference"]) > 0,
    reasons.SIMPLE_ENOUGH: lambda p: 0 < number(p["price"]) <= number(p["limit"]),
    reasons.ONLY_ONE_KEEPS: lambda p: number(p["difference"]) > 0,
    reasons.OTHERS_BREAK: lambda p: number(p["difference"]) > 0,
    reasons.BASELINE_AHEAD: lambda p: number(p["difference"]) > 0,
    reasons.TIED: lambda p: number(p["difference"]) >= 0,
    reasons.BEHIND: lambda p: number(p["difference"]) > 0,
    reasons.ABOVE: lambda p: number(p["difference"]) > 0,
    reasons.AHEAD: lambda p: number(p["difference"]) > 0,
    reasons.AHEAD_OF_EARLY: lambda p: number(p["difference"]) > 0,
    reasons.AHEAD_OF_CARD: lambda p: 0 < number(p["difference"]) <= number(p["limit"]),
    reasons.ENSEMBLE_ADDS: lambda p: number(p["difference"]) > 0 and number(p["times"]) > 1,
    reasons.NOTHING_PROVEN: lambda p: is_enough(int(p["rows"]), int(p["events"])) is False,
    reasons.ENSEMBLE_ADDS_QUICKLY: lambda p: number(p["difference"]) > 0,
}
# Sentences that name a winner or a breach and carry no number that could contradict it; what they say is checked below.
NAMING = {
    reasons.BEST, reasons.BEST_BREAKING_NONE, reasons.LIMITS_NOT_PROVEN,
    reasons.BEST_OF_ALL, reasons.BEST_BUT_FOR_BASELINE, reasons.SAME, reasons.ENSEMBLE_ADDS_NOTHING,
    reasons.NO_MODEL_KEEPS, reasons.LIMITS_NOT_JUDGED, reasons.AHEAD_BUT_LIMITED, reasons.NEEDS_A_MODEL,
}  # fmt: skip
LIMITED = {
    limits.KS_GAP,
    limits.KS_GAP_SHARE,
    limits.KS_RISE,
    limits.SCORE_PSI,
    limits.FEATURES,
    limits.MILLISECONDS,
    AGAINST_CONSTRAINT,
}
ELSEWHERE = {
    outlook.TOO_EARLY,
    outlook.STILL_TOO_EARLY,
    outlook.ON_COURSE,
    outlook.WORTH_MORE,
    outlook.ENOUGH,
    choice.KEPT,
    choice.UNSTABLE,
}
# They state numbers and claim nothing of them.
STATEMENTS = {"%(learner)s is chosen for the %(link)s: AUC %(auc)s on %(rows)s rows."}


def sentences_in(path: Path) -> set[str]:
    """Return all texts of a file or folder that are marked for translation."""
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
    found = set()
    for call in (node for file in files for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("gettext_noop", "_"):
            found.add(ast.literal_eval(call.args[0]))
    return found


def test_no_sentence_claims_anything_of_a_number_without_being_checked():
    told = set().union(*(sentences_in(ROOT / name) for name in PRODUCERS))
    claims = {text for text in told if CLAIM.search(text) and NUMBERS & set(re.findall(r"%\((\w+)\)s", text))}
    known = {*SHOWN, *NAMING, *LIMITED, *ELSEWHERE, *STATEMENTS}
    unchecked = {text for text in claims - known if not text.startswith(("Optuna", "FLAML"))}
    assert not unchecked, "add a check for each of these to this file"


aucs = st.one_of(st.sampled_from([0.75, 0.75001, 0.7595, 0.76, 0.7600001, 0.8]), st.floats(0.45, 0.99))
losses = st.floats(0.1, 1)
FAMILIES = ("lightgbm", "xgboost", "scorecard", "baseline", "ensemble", "linear")


verdicts = st.builds(
    lambda is_kept, value: {"code": "ks_gap", "is_kept": is_kept, "value": value, "limit": 0.05},
    st.sampled_from([True, True, False, None]),
    st.sampled_from([0.01, 0.05, 0.0881]),
)


@st.composite
def leaderboards(draw: st.DrawFn) -> list[Finalist]:
    names = draw(st.lists(st.sampled_from(FAMILIES), min_size=1, max_size=6, unique=True))
    # An ensemble is made of others.
    names += [draw(st.sampled_from(["lightgbm", "baseline"]))] if names == ["ensemble"] else []
    values = {name: draw(aucs) for name in names}
    events = draw(st.sampled_from([3, 29, 30, 200]))
    has_limits = draw(st.sampled_from([True, True, False]))
    rows = []
    for name in names:
        # A difference is one number for both sides, and its interval holds it.
        half = draw(st.sampled_from([0.0001, 0.003, 0.02, 0.2]))
        gaps = {other: values[name] - values[other] for other in names if other != name}
        rows.append(
            Finalist(
                candidate=name, learner=name, objective=draw(st.floats(0, 1)),
                metrics={
                    "validation": {
                        "auc": {"value": values[name]}, "log_loss": {"value": draw(losses)},
                        "counts": counts_of(500, events),
                    }
                },
                evidence={
                    "limits": [draw(verdicts)] if has_limits else [],
                    "difference": {
                        other: {"value": gap, "low": gap - half, "high": gap + half} for other, gap in gaps.items()
                    },
                    "features": 9, "train_auc": values[name] + draw(st.floats(0, 0.4)),
                    "ms_per_row": draw(st.sampled_from([0.001, 0.0010001, 0.002, 0.3])),
                },
            )
        )  # fmt: skip
    return rows


def bears_out(text: str, params: Params, row: Finalist, rows: list[Finalist]) -> bool:
    """Does what was measured bear out what the sentence says of this finalist among all?"""
    chosen = next(each for each in rows if each.is_recommended)
    singles = [each for each in rows if each.learner not in ("ensemble", "baseline")]
    singles = singles or [each for each in rows if each.learner == "baseline"]
    keeping = [each for each in singles if not each.broken_limits]
    pool = keeping or singles
    others = [each for each in rows if each is not chosen]
    match text:
        case reasons.BEST_BREAKING_NONE:
            is_open = row.unjudged_limits or row.unproven_limits
            return bool(is_open) and row.auc >= max(each.auc for each in keeping)
        case reasons.LIMITS_NOT_PROVEN:
            return any(limit["value"] > limit["limit"] for limit in row.evidence["limits"])
        case reasons.LIMITS_NOT_JUDGED:
            return bool(row.unjudged_limits)
        case reasons.NOTHING_PROVEN:
            return number(params["events"]) < MIN_EVENTS
        case reasons.BEST:
            baselines = [each for each in rows if each.learner == "baseline" and not each.broken_limits]
            return (
                chosen in keeping
                and row.evidence["limits"] != []
                and all(limit["is_kept"] and limit["value"] <= limit["limit"] for limit in row.evidence["limits"])
                and row.auc >= max(each.auc for each in [*keeping, *baselines])
            )
        case reasons.BEST_OF_ALL:
            is_free = not keeping or not row.evidence["limits"]
            return is_free and row.auc >= max(each.auc for each in rows if each.learner != "ensemble")
        case reasons.BEST_BUT_FOR_BASELINE:
            return row.auc >= max(each.auc for each in pool)
        case reasons.BEST_OF_TIES | reasons.LESS_OVERFIT | reasons.NEAR_THE_BEST | reasons.SIMPLE_ENOUGH:
            top = max(pool, key=lambda each: each.auc)
            is_right = {
                reasons.BEST_OF_TIES: reasons.is_tied(top, row) and row.log_loss < top.log_loss,
                reasons.LESS_OVERFIT: top.overfit > row.overfit,
                reasons.SIMPLE_ENOUGH: row.learner == "scorecard" and top.auc - row.auc <= PRICE_OF_SIMPLICITY + 1e-12,
                reasons.NEAR_THE_BEST: True,
            }[text]
            return is_right and top.auc > row.auc
        case reasons.NO_MODEL_KEEPS:
            return not keeping
        case reasons.ONLY_ONE_KEEPS | reasons.OTHERS_BREAK:
            best = max(each.auc for each in singles if each.broken_limits)
            return best > chosen.auc and (text == reasons.OTHERS_BREAK or keeping == [chosen])
        case reasons.BASELINE_AHEAD:
            return next(each for each in rows if each.learner == "baseline").auc > chosen.auc
        case reasons.NEEDS_A_MODEL:
            return row.auc <= chosen.auc
        case reasons.TIED:
            return reasons.is_tied(row, chosen)
        case reasons.BEHIND:
            return row.auc < chosen.auc and not row.is_tie
        case reasons.AHEAD | reasons.AHEAD_OF_CARD | reasons.ENSEMBLE_ADDS | reasons.ENSEMBLE_ADDS_QUICKLY:
            return row.auc > chosen.auc and row in others
        case reasons.AHEAD_BUT_LIMITED:
            return row.auc > chosen.auc and bool(row.broken_limits)
        case reasons.SAME:
            return row.auc == chosen.auc
        case reasons.ENSEMBLE_ADDS_NOTHING:
            return row.auc <= chosen.auc
    return False


@settings(max_examples=400, deadline=None)
@given(rows=leaderboards(), is_explainable_first=st.booleans())
@pytest.mark.slow
def test_every_reason_on_a_leaderboard_is_borne_out_by_its_numbers(rows, is_explainable_first):
    spec = ExperimentSpec("bad", "yes", explainable_first=is_explainable_first)
    ranked = rank(rows, spec)
    for row in ranked:
        told = [one.to_dict() for one in Sentence.from_dict(row.reason)]
        assert told, row
        for one in told:
            text, params = one["message"], one["params"]
            assert text in NAMING or SHOWN[text](params), english_of(row.reason)
            assert bears_out(text, params, row, ranked), english_of(row.reason)


def test_a_scorecard_that_alone_keeps_the_limits_is_not_called_cheap():
    def finalist(name: str, auc: float, *, is_kept: bool) -> Finalist:
        return Finalist(
            name, name, 0.3, {"validation": {"auc": {"value": auc}, "log_loss": {"value": 0.3}}},
            {"limits": [{"code": "ks_gap", "is_kept": is_kept}], "features": 5},
        )  # fmt: skip

    rows = [finalist("scorecard", 0.7574, is_kept=True), finalist("lightgbm", 0.8336, is_kept=False)]
    (chosen,) = [row for row in rank(rows, ExperimentSpec("bad", "1", explainable_first=True)) if row.is_recommended]
    assert english_of(chosen.reason) == (
        "Best AUC in cross-validation (0.7574) of the single models that meet every limit. Every other "
        "single model exceeds a limit. The best of them has AUC 0.8336, 0.0762 higher."
    )


readings = st.builds(
    Readings,
    train_ks=st.floats(0, 1), held_out_ks=st.floats(0, 1), held_out_ks_high=st.one_of(st.none(), st.floats(0, 1)),
    score_psi=st.floats(0, 3), psi_by_chance=st.floats(0, 0.5), features=st.integers(0, 60),
    milliseconds=st.floats(0, 2),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(readings=readings, limit=st.builds(Limits, ks_gap=st.floats(0.001, 0.5), score_psi=st.floats(0.001, 1),
       features=st.integers(1, 60), milliseconds=st.floats(0.001, 1)))  # fmt: skip
def test_a_limit_that_is_called_broken_is_passed_by_the_number_shown(readings, limit):
    for verdict in check_limits(limit, readings):
        value, bound = (number(verdict["params"][name]) for name in ("value", "limit"))
        assert verdict["message"] in LIMITED
        assert verdict["is_kept"] is not False or value > bound or verdict["value"] - verdict["limit"] < 1e-9
        if verdict["message"] == limits.KS_RISE:
            assert verdict["value"] < 0 <= value
            assert verdict["is_kept"]
        else:
            is_above = verdict["value"] > verdict["limit"]
            assert (value > bound) == is_above or abs(verdict["value"] - verdict["limit"]) < 1e-9


@given(violations=st.integers(0, 3), steps=st.integers(1, 10_000_000))
def test_a_step_against_the_direction_never_looks_like_none(violations, steps):
    (limit,) = constraint_limits({"violations": violations, "checked_steps": steps})
    assert limit["message"] == AGAINST_CONSTRAINT
    assert (number(limit["params"]["value"]) > 0) == (violations > 0) == (not limit["is_kept"])


@settings(deadline=None)
@given(seconds=st.lists(st.floats(0.1, 50), min_size=1, max_size=12), granted=st.floats(5, 500), after=st.floats(0, 20))
def test_what_is_said_of_the_budget_agrees_with_its_seconds(seconds, granted, after):
    names = ("lightgbm", "xgboost", "linear")
    records = [
        TrialRecord(place, names[place % 3], "flaml", "finished", {}, auc=0.7 + place / 1000, seconds=one)
        for place, one in enumerate(seconds)
    ]
    elapsed = sum(seconds)
    found = budget_outlook(records, families=names, elapsed=elapsed, seconds=granted, after=after)
    assert found.message in ELSEWHERE
    if found.message == outlook.ON_COURSE:
        assert number(found.params["sufficient"]) <= granted
    if found.message == outlook.WORTH_MORE:
        assert number(found.params["sufficient"]) > min(granted, elapsed + after) - 1


@given(bins=st.integers(2, 8), events=st.integers(5, 500), value=st.floats(0, 1), level=st.floats(0.01, 0.5))
def test_a_column_that_tells_no_more_than_chance_is_below_what_chance_reaches(bins, events, value, level):
    floor = iv_noise_floor(bins, events, non_events=1000)
    is_weak = iv_p_value(value, bins, events=events, non_events=1000) > level
    assert is_weak == (value < iv_by_chance(floor, bins, level)) or value == pytest.approx(
        iv_by_chance(floor, bins, level)
    )


@given(value=st.floats(0.1, 4), by_chance=st.floats(0.0001, 4))
def test_a_shift_is_shown_above_what_chance_gives(value, by_chance):
    if value > by_chance + 1e-9:
        (change,) = psi_changes(value, by_chance)
        assert number(change.params["psi"]) > number(change.params["limit"])


@given(numbers=st.lists(st.floats(0, 0.2), min_size=4, max_size=4))
def test_a_column_that_was_kept_shows_more_strength_than_what_it_is_made_of(numbers):
    low, high = sorted(numbers[:2])
    random, gain = sorted(numbers[2:])
    why = choice._why("a / b", 1, {"strength": high, "sources": low, "gain": gain, "random": random})
    assert why["message"] == choice.KEPT
    for larger, smaller, first, second in (("strength", "sources", high, low), ("gain", "random", gain, random)):
        shown = number(why["params"][larger]) - number(why["params"][smaller])
        assert shown > 0 or first - second < 1e-10


@given(st.floats(0, 1), st.floats(0, 1))
def test_different_numbers_look_different_and_in_the_same_order(one, two):
    first, second = (number(text) for text in apart(one, two))
    assert (first > second) == (one > two) or abs(one - two) < 1e-10
    assert number(more_than_none(one)) > 0 or one < 1e-10
    assert signed(one - 1) in ("0.0000",) or signed(one - 1).startswith("−")


def test_counts_in_a_sentence_have_their_thousands_apart_and_names_stay_as_they_are():
    sentence = "%(count)d of %(rows)s rows of v%(number)s, value %(value)s, seed %(seed)s, %(share)s, year %(year)s"
    params = {"count": 43000, "rows": np.int64(5782), "number": 1200, "value": 9999, "seed": 20260101, "share": 1200.5,
              "year": 2024}  # fmt: skip
    assert filled(sentence, params) == "43,000 of 5,782 rows of v1200, value 9999, seed 20260101, 1200.5, year 2024"
    assert filled("%(rows)d 行，%(done)s", {"rows": 1186, "done": True}) == "1,186 行，True"
    assert filled("%(column)s: %(count)s", {"column": "2024", "count": -5000}) == "2024: −5,000"


def test_rows_held_out_by_time_are_called_out_of_time_in_every_sentence_and_language():
    readings = Readings(0.5, 0.3, 0.32, 0.2, 0.01, 5, 0.1, held_out_kind="out_of_time")
    told = check_limits(Limits(ks_gap=0.05, score_psi=0.1), readings)
    english = [english_of(verdict) for verdict in told]
    assert all("on out-of-time rows" in sentence and "held-out" not in sentence for sentence in english)
    chinese = [Sentence.from_dict(verdict).text("zh") for verdict in told]
    assert all("跨时间数据" in sentence and "留出数据" not in sentence for sentence in chinese)
    by_chance = check_limits(Limits(ks_gap=0.05, score_psi=0.1), replace(readings, held_out_kind="held_out"))
    assert all("on held-out rows" in english_of(verdict) for verdict in by_chance)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0.0001, 0.2))
def test_a_difference_beside_its_two_numbers_is_what_a_reader_subtracts(one, two, half):
    bounds = (one - two - half, one - two + half)

    first, second, difference, low, high = (Decimal(text.replace("−", "-")) for text in set_against(one, two, bounds))

    assert first - second == difference
    assert low <= difference <= high
    assert (low > 0, high < 0) == (bounds[0] > 0, bounds[1] < 0) or min(map(abs, bounds)) < 1e-6


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0.001, 0.2))
def test_a_fall_in_ks_is_told_as_a_reader_subtracts_the_two(train, held_out, limit):
    asked = Limits(ks_gap=limit, score_psi=None, features=None, milliseconds=None)
    (told,) = check_limits(asked, Readings(train, held_out, None, 0.0, 0.0, 1, 1.0))

    shown = {name: Decimal(told["params"][name]) for name in ("train", "held_out", "value")}

    fall = abs(train - held_out)
    if min(abs(fall - limit), abs(fall - asked.ks_gap_share * train)) > 1e-9:
        assert abs(shown["train"] - shown["held_out"]) == shown["value"]


def test_both_ks_and_the_fall_between_them_agree_on_the_third_decimal():
    asked = Limits(ks_gap=0.05, score_psi=None, features=None, milliseconds=None)
    (told,) = check_limits(asked, Readings(0.5984, 0.5156, None, 0.0, 0.0, 1, 1.0))
    assert [told["params"][name] for name in ("train", "held_out", "value")] == ["0.598", "0.516", "0.082"]
