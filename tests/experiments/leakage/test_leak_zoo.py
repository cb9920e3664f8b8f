"""The leak zoo: one table for each test with one bad column; each test catches its own, and none a clean twin."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments.data.schema import ColumnSchema
from experiments.leakage import Finding, check_join, check_leakage, control
from experiments.leakage.quick_model import QuickResult
from experiments.spec import ExperimentSpec, ValidationScheme

ROWS = 3000
FIRST_DAY = pd.Timestamp("2024-01-01")
TYPES = {"O": "categorical", "M": "date"}

Column = Callable[["Clean", np.random.Generator], Any]


@dataclass(frozen=True)
class Clean:
    """A table in which many honest columns say a little each."""

    frame: pd.DataFrame
    y: np.ndarray


@dataclass(frozen=True)
class Animal:
    """One leak: its column, the column it would be without leaking, and the test that must catch it."""

    code: str
    severity: str
    bad: Column
    twin: Column
    name: str = "animal"
    kind: str = "default"
    options: dict[str, Any] = field(default_factory=dict)
    known_after_days: tuple[int, int] | None = None


@pytest.fixture(scope="module")
def clean() -> Clean:
    random = np.random.default_rng(1)
    frame = pd.DataFrame({f"x{i}": random.normal(size=ROWS) for i in range(6)})
    frame["city"] = random.choice(["a", "b", "c"], ROWS)
    frame["seen"] = FIRST_DAY + pd.to_timedelta(random.integers(0, 300, ROWS), unit="D")
    chance = 1 / (1 + np.exp(1.5 - 0.4 * frame[[f"x{i}" for i in range(6)]].sum(axis=1)))
    return Clean(frame, (random.random(ROWS) < chance).to_numpy(dtype=float))


def noise(clean: Clean, random: np.random.Generator) -> np.ndarray:
    return random.normal(size=ROWS)


def word(clean: Clean, random: np.random.Generator) -> np.ndarray:
    return random.choice(["好", "坏"], ROWS)


def helpful(strength: float) -> Column:
    return lambda clean, random: strength * clean.y + random.normal(size=ROWS)


def gaps(with_event: float, without: float) -> Column:
    def make(clean: Clean, random: np.random.Generator) -> np.ndarray:
        is_filled = random.random(ROWS) < np.where(clean.y == 1, with_event, without)
        return np.where(is_filled, random.normal(size=ROWS), np.nan)

    return make


def days_later(clean: Clean, random: np.random.Generator) -> pd.Series:
    return clean.frame["seen"] + pd.to_timedelta(random.integers(1, 900, ROWS), unit="D")


def days_before(clean: Clean, random: np.random.Generator) -> pd.Series:
    return clean.frame["seen"] - pd.to_timedelta(random.integers(0, 900, ROWS), unit="D")


def only_events(share: float) -> Column:
    def make(clean: Clean, random: np.random.Generator) -> np.ndarray:
        return np.where((clean.y == 1) & (random.random(ROWS) < share), 9.0, 0.0)

    return make


def anybody(share: float) -> Column:
    return lambda clean, random: np.where(random.random(ROWS) < share, 9.0, 0.0)


def again(share: float) -> Column:
    def make(clean: Clean, random: np.random.Generator) -> np.ndarray:
        return np.where(random.random(ROWS) < share, clean.frame["x2"], clean.frame["x2"] + random.normal(size=ROWS))

    return make


def month_code(clean: Clean, random: np.random.Generator) -> pd.Series:
    return clean.frame["seen"].dt.strftime("批次%Y%m")


def some_code(clean: Clean, random: np.random.Generator) -> pd.Series:
    return pd.Series(random.permutation(month_code(clean, random)))


ZOO = {
    "empty": Animal("empty", "warning", lambda c, r: [None] * ROWS, word),
    "constant": Animal("constant", "warning", lambda c, r: ["same"] * ROWS, word),
    "copy in other words": Animal("target_copy", "block", lambda c, r: np.where(c.y == 1, "坏", "好"), word),
    "copy with a few mistakes": Animal(
        "target_copy", "block", lambda c, r: np.where(r.random(ROWS) < 0.005, 1 - c.y, c.y), word
    ),
    "too strong alone": Animal("single_feature", "block", helpful(4), helpful(0.5)),
    "does not depend on any single column": Animal("ablation", "warning", helpful(1.7), helpful(0.5)),
    "dated later": Animal("after_observation", "block", days_later, days_before),
    "late by the dictionary": Animal("after_observation", "block", noise, noise, known_after_days=(45, 0)),
    "named in English": Animal("name", "warning", helpful(0.5), helpful(0.5), name="recovery_amt"),
    "named in Chinese": Animal("name", "warning", helpful(0.5), helpful(0.5), name="放款后逾期次数"),
    "named after a call": Animal("name", "warning", helpful(0.5), helpful(0.5), name="call_result", kind="response"),
    "gaps tell": Animal("missing_by_class", "warning", gaps(0.8, 0.1), gaps(0.5, 0.4)),
    "gaps differ": Animal("missing_by_class", "warning", gaps(0.60, 0.22), gaps(0.5, 0.3)),
    "key in words": Animal("id_like", "warning", lambda c, r: [f"K{i}" for i in r.permutation(ROWS)], word),
    "running number": Animal("id_like", "warning", lambda c, r: np.arange(ROWS) + 100_000, noise),
    "batch number": Animal("id_like", "warning", lambda c, r: np.arange(ROWS) // 30, noise),
    "number that follows the date": Animal(
        "id_like",
        "warning",
        lambda c, r: (c.frame["seen"] - FIRST_DAY).dt.total_seconds() + r.permutation(ROWS),
        noise,
    ),
    "month in words": Animal("month_proxy", "warning", month_code, some_code),
    "month as a level of prices": Animal(
        "month_proxy",
        "warning",
        lambda c, r: (c.frame["seen"] - FIRST_DAY).dt.days.round(-1) + r.normal(scale=40, size=ROWS).round(-1),
        lambda c, r: r.normal(scale=40, size=ROWS).round(-1),
    ),
    "settles the answer": Animal("settled", "warning", only_events(0.2), anybody(0.2)),
    "another column again": Animal(
        "copy", "warning", lambda c, r: c.frame["city"].map({"a": 3, "b": 1, "c": 2}), noise
    ),
    "an amount again": Animal("near_copy", "warning", again(0.8), again(0.5)),
}
# What proves nothing is asked about and stays.
ONLY_ASKED = (
    *("gaps tell", "gaps differ", "batch number", "settles the answer"),
    *("named in English", "named in Chinese", "named after a call"),
)
CLEAN_NAMES = {"recovery_amt": "income_amt", "放款后逾期次数": "近6个月逾期次数", "call_result": "call_area"}


def look(clean: Clean, values: Any, animal: Animal, name: str, known_after: int | None) -> list[Finding]:
    frame = clean.frame.assign(**{name: values})
    schema = [ColumnSchema(column, column, TYPES.get(frame[column].dtype.kind, "numeric")) for column in frame]
    spec = ExperimentSpec(target="y", event="1", kind=animal.kind, time_column="seen", **animal.options)
    known = {} if known_after is None else {**dict.fromkeys(clean.frame, 0), name: known_after}
    return check_leakage(frame, clean.y, spec=spec, schema=schema, known_after_days=known)


def alarms(found: list[Finding]) -> list[tuple[str, str, str | None]]:
    return [(finding.code, finding.severity, finding.column) for finding in found if finding.severity != "passed"]


@pytest.mark.slow
@pytest.mark.parametrize("which", ZOO)
def test_each_leak_is_caught_by_its_own_test_alone(clean: Clean, which: str) -> None:
    animal = ZOO[which]
    late = animal.known_after_days and animal.known_after_days[0]
    found = look(clean, animal.bad(clean, np.random.default_rng(2)), animal, animal.name, late)
    assert alarms(found) == [(animal.code, animal.severity, animal.name)]
    alarm = found[0]
    assert animal.name in alarm.message % alarm.params
    assert (alarm.action == "exclude") == (which not in ONLY_ASKED)


@pytest.mark.slow
@pytest.mark.parametrize("which", ZOO)
def test_its_clean_twin_alarms_nobody(clean: Clean, which: str) -> None:
    animal = ZOO[which]
    known = animal.known_after_days and animal.known_after_days[1]
    name = CLEAN_NAMES.get(animal.name, animal.name)
    assert alarms(look(clean, animal.twin(clean, np.random.default_rng(2)), animal, name, known)) == []


@pytest.mark.slow
def test_a_day_that_systems_write_for_no_end_is_not_late(clean: Clean) -> None:
    end = clean.frame["seen"].astype("datetime64[us]") - pd.Timedelta(days=30)
    end = end.where(np.arange(ROWS) % 3 > 0, np.datetime64("9999-12-31", "us"))
    found = look(clean, end, Animal("after_observation", "block", noise, noise), "closed_on", None)
    assert [alarm for alarm in alarms(found) if alarm[0] == "after_observation"] == []


def check(clean: Clean, frame: pd.DataFrame, y: np.ndarray, **options: Any) -> list[Finding]:
    schema = [ColumnSchema(column, column, TYPES.get(frame[column].dtype.kind, "numeric")) for column in frame]
    return check_leakage(
        frame, y, spec=ExperimentSpec(target="y", event="1", time_column="seen", **options), schema=schema
    )


@pytest.mark.slow
def test_a_dictionary_that_is_silent_about_a_few_columns_is_asked_again(clean: Clean) -> None:
    schema = [ColumnSchema(column, column, "numeric") for column in clean.frame]
    spec = ExperimentSpec(target="y", event="1", time_column="seen")
    known = {name: 0 for name in clean.frame if name != "x3"}
    (alarm,) = [
        f
        for f in check_leakage(clean.frame, clean.y, spec=spec, schema=schema, known_after_days=known)
        if f.severity != "passed"
    ]
    assert (alarm.code, alarm.severity, alarm.evidence) == ("after_observation", "warning", {"columns": ["x3"]})


@pytest.mark.slow
def test_a_dictionary_that_says_when_a_column_is_known_has_answered_what_its_name_asks(clean: Clean) -> None:
    frame = clean.frame.assign(放款后逾期次数=helpful(0.5)(clean, np.random.default_rng(2)))
    schema = [ColumnSchema(column, column, "numeric") for column in frame]
    spec = ExperimentSpec(target="y", event="1", time_column="seen")
    for known, codes in (({}, ["name"]), (dict.fromkeys(frame, 0), [])):
        found = check_leakage(frame, clean.y, spec=spec, schema=schema, known_after_days=known)
        assert [code for code, _, _ in alarms(found)] == codes


@pytest.mark.slow
def test_columns_that_are_unusual_in_the_same_few_rows_are_no_copies(clean: Clean) -> None:
    flags = {name: (np.arange(ROWS) == 7).astype(float) for name in ("bankrupt", "deceased")}
    found = check(clean, clean.frame.assign(**flags), clean.y)
    assert "copy" not in {code for code, _, _ in alarms(found)}


@pytest.mark.slow
def test_rows_that_stand_in_training_and_test_are_told(clean: Clean) -> None:
    twice, answers = pd.concat([clean.frame] * 2, ignore_index=True), np.tile(clean.y, 2)
    found = check(clean, twice, answers)
    assert alarms(found) == [("duplicates", "warning", None)]
    by_chance = ValidationScheme(scheme="stratified")
    found = check(clean, twice, answers, validation=by_chance)
    assert found[0].evidence["share_of_test_in_training"] == pytest.approx(0.8, abs=0.05)


@pytest.mark.slow
def test_customers_that_a_given_split_cuts_in_two_are_told(clean: Clean) -> None:
    customer = np.repeat(np.arange(ROWS // 2), 2)
    part = np.where(np.random.default_rng(5).random(ROWS) < 0.3, "test", "train")
    frame = clean.frame.assign(customer=customer, part=part)
    given = ValidationScheme(scheme="given", split_column="part")
    found = check(clean, frame, clean.y, id_column="customer", validation=given)
    assert alarms(found) == [("duplicates", "warning", "customer")]
    assert (
        alarms(check(clean, frame.assign(customer=np.arange(ROWS)), clean.y, id_column="customer", validation=given))
        == []
    )


@pytest.mark.slow
def test_too_good_to_be_true_is_told_though_no_column_stands_out() -> None:
    random = np.random.default_rng(7)
    y = (random.random(ROWS) < 0.3).astype(float)
    parts = pd.DataFrame({f"x{i}": 0.75 * y + random.normal(size=ROWS) for i in range(30)})
    parts["seen"] = FIRST_DAY + pd.to_timedelta(random.integers(0, 300, ROWS), unit="D")
    found = check(Clean(parts, y), parts, y)
    assert alarms(found) == [("too_good", "warning", None)]
    assert found[0].evidence["auc"] > 0.95
    assert found[0].evidence["test"] == "out_of_time"


@pytest.mark.slow
def test_a_model_that_learns_from_shuffled_answers_blocks(clean: Clean, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(matrix: pd.DataFrame, y: np.ndarray) -> QuickResult:
        return QuickResult(0.6, np.full(3, 0.6))

    monkeypatch.setattr(control, "cross_validate", broken)
    assert alarms(check(clean, clean.frame, clean.y)) == [("shuffled_target", "block", None)]


def test_one_unlucky_permutation_alarms_nobody(clean: Clean, monkeypatch: pytest.MonkeyPatch) -> None:
    results = iter([0.6, 0.5, 0.51, 0.49])
    monkeypatch.setattr(control, "cross_validate", lambda matrix, y: QuickResult(next(results), np.zeros(3)))
    assert alarms(check(clean, clean.frame, clean.y)) == []


def test_a_join_that_makes_rows_or_lets_later_ones_in_blocks() -> None:
    exploded = check_join(682, 1_364, refused_rows=10)
    assert alarms(exploded) == [("join_explosion", "block", None)]
    assert exploded[0].evidence == {"rows_before": 682, "rows_after": 1_364, "refused_rows": 10}
    later = check_join(682, 682, later_rows={"trans": 3, "card": 0})
    assert [finding.message % finding.params for finding in later] == [
        (
            "3 rows of trans are later than the observation date of the rows they were joined to, so they were "
            "not known then. Name the table's date column, and they are left out."
        )
    ]
    assert alarms(check_join(682, 682, later_rows={"trans": 0}, refused_rows=54)) == []


@pytest.mark.slow
def test_every_test_that_passes_says_what_it_looked_at(clean: Clean) -> None:
    found = check(clean, clean.frame, clean.y)
    assert alarms(found) == []
    assert [finding.code for finding in found] == [
        "empty", "target_copy", "after_observation", "missing_by_class", "single_feature", "id_like", "month_proxy",
        "ablation", "name", "copy", "duplicates", "encoder_leak", "shuffled_target", "too_good", "ripening",
    ]  # fmt: skip
    assert all(finding.evidence["looked_at_rows"] == ROWS for finding in found if finding.code in ("empty", "ablation"))
    assert all(finding.message % finding.params for finding in found)
