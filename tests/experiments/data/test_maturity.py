"""Months watched too briefly are found; stable, noisy, seasonal and improving series alarm nobody."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments.__main__ import main
from experiments.data.maturity import (
    TREND,
    WATCHED_LONG,
    count_months,
    end_of_records,
    look_for_immature,
    window_that_keeps,
)
from experiments.data.schema import ColumnSchema
from experiments.leakage import check_leakage
from experiments.search.preparing import read_question
from experiments.spec import ExperimentSpec

Rates = Callable[[np.random.Generator, int], np.ndarray]


def months_of(rates: np.ndarray, rows: np.ndarray, random: np.random.Generator) -> list[dict[str, Any]]:
    return [
        {"period": str(np.datetime64("2021-01", "M") + place), "rows": int(count), "events": int(events)}
        for place, (count, events) in enumerate(zip(rows, random.binomial(rows, rates), strict=True))
    ]


def share_of_alarms(rates: Rates, *, series: int = 200, least: int = 6, rows: tuple[int, int] = (30, 4_000)) -> float:
    random = np.random.default_rng(7)
    alarms = 0
    for _ in range(series):
        count = int(random.integers(least, 49))
        size = random.poisson(random.integers(*rows), count) + 1
        alarms += look_for_immature(months_of(rates(random, count), size, random), "default").is_immature
    return alarms / series


def around(random: np.random.Generator, count: int, moved: np.ndarray | float = 0.0, noise: float = 0.1) -> np.ndarray:
    level = np.log(random.uniform(0.01, 0.3))
    return np.clip(np.exp(level + moved + random.normal(0, noise, count)), 0.0, 0.95)


def stable(random: np.random.Generator, count: int) -> np.ndarray:
    return around(random, count, noise=0.0)


def noisy(random: np.random.Generator, count: int) -> np.ndarray:
    return around(random, count, noise=0.3)


def seasonal(random: np.random.Generator, count: int) -> np.ndarray:
    return around(random, count, 0.3 * np.sin(2 * np.pi * (np.arange(count) + random.integers(12)) / 12))


def sluggish(random: np.random.Generator, count: int) -> np.ndarray:
    moved = np.zeros(count)
    for place in range(1, count):
        moved[place] = 0.6 * moved[place - 1] + random.normal(0, 0.15)
    return around(random, count, moved, noise=0.03)


def improving(random: np.random.Generator, count: int) -> np.ndarray:
    return around(random, count, np.linspace(0, np.log(0.4), count))


@pytest.mark.parametrize("rates", [stable, noisy, seasonal, sluggish, improving])
@pytest.mark.slow
def test_of_200_series_that_are_ripe_hardly_any_alarms(rates: Rates) -> None:
    assert share_of_alarms(rates) <= 0.01


def falling_to_the_trough(random: np.random.Generator, count: int) -> np.ndarray:
    return around(random, count, -0.3 * np.cos(2 * np.pi * (np.arange(count) - count + 1) / 12), noise=0.05)


def quiet_decembers(random: np.random.Generator, count: int) -> np.ndarray:
    return around(random, count, np.where((np.arange(count) - count + 1) % 12 == 0, -0.4, 0.0), noise=0.08)


@pytest.mark.parametrize("rates", [falling_to_the_trough, quiet_decembers])
def test_what_falls_so_every_year_is_a_season(rates: Rates) -> None:
    assert share_of_alarms(rates, series=100, least=26) <= 0.02


@pytest.mark.slow
def test_a_step_of_the_business_is_told_from_months_that_ripen() -> None:
    def stepped(random: np.random.Generator, count: int) -> np.ndarray:
        return around(random, count, np.where(np.arange(count) >= count - 6, np.log(0.5), 0.0), noise=0.08)

    assert share_of_alarms(stepped, series=100, least=18, rows=(500, 4_000)) <= 0.06


@pytest.mark.parametrize("window", [2, 3, 4, 6, 12])
@pytest.mark.slow
def test_months_watched_too_briefly_are_found_and_what_is_left_is_ripe(window: int) -> None:
    random = np.random.default_rng(5)
    found, shown_of_newest = 0, []
    for _ in range(60):
        count = int(random.integers(window + 6, 42))
        shown = np.clip((np.arange(count)[::-1] + 0.5) / window, 0, 1)
        rates = around(random, count, noise=0.08) * shown
        told = look_for_immature(months_of(rates, random.poisson(1_500, count), random), "default")
        if told.is_immature:
            found += 1
            shown_of_newest.append(shown[-len(told.months) - 1])
            assert told.window == len(told.months)
    assert found >= 54
    # Of two months the second has shown three quarters; noise may hide that, and never more.
    assert np.quantile(shown_of_newest, 0.1) >= (0.75 if window == 2 else 0.85)


def issue_rates() -> list[dict[str, Any]]:
    rates = [0.285, 0.279, 0.291, 0.284, 0.288, 0.28, 0.283, 0.287, 0.281, 0.285, 0.262, 0.231, 0.19, 0.146, 0.102]
    return [
        {"period": str(np.datetime64("2023-01", "M") + place), "rows": 2_000, "events": round(2_000 * rate)}
        for place, rate in enumerate(rates)
    ]


def test_a_file_with_later_records_has_watched_its_months_long_enough() -> None:
    told = look_for_immature(issue_rates(), "default")
    assert (told.is_immature, told.months[-1], told.known_until) == (True, "2024-03", "2024-03-31")
    assert told.months[0] in ("2023-09", "2023-10", "2023-11")
    sentence = told.message % told.params
    assert "28.5% to 10.2%" in sentence or "28.4% to 10.2%" in sentence
    # A quarter of later records lengthens the window; three years of them say that the fall is real.
    later = look_for_immature(issue_rates(), "default", records_until=date(2024, 6, 30))
    assert later.window == told.window + 3
    assert look_for_immature(issue_rates(), "default", records_until=date(2027, 3, 31)).message == WATCHED_LONG


def test_a_fall_longer_than_any_window_of_the_kind_is_a_trend() -> None:
    told = look_for_immature(issue_rates(), "response")
    assert (told.is_immature, told.message) == (False, TREND)


def test_the_end_of_a_contract_is_not_the_end_of_the_records() -> None:
    observed = pd.Series(pd.date_range("2022-01-01", "2024-03-31", freq="D"))
    planned = observed + pd.Timedelta(days=1_800)
    assert end_of_records(observed, [planned]) is None
    last_paid = pd.Series(np.minimum(observed + pd.Timedelta(days=700), pd.Timestamp("2024-09-15")))
    assert end_of_records(observed, [planned, last_paid]) == date(2024, 9, 15)


def test_a_window_ends_with_the_day_until_which_outcomes_are_known() -> None:
    assert window_that_keeps("2023-12", "2024-03-31") == 3
    assert window_that_keeps("2023-12", "2024-02-29") == 2
    assert window_that_keeps("2023-12", "2024-03-30") == 2


def loans(count: int = 12_000) -> pd.DataFrame:
    """Loans of fifteen months of which the last five were not watched for the whole half year."""
    random = np.random.default_rng(4)
    month = random.integers(0, 15, count)
    income = random.normal(size=count)
    shown = np.clip((14 - month + 0.5) / 5.5, 0, 1)
    bad = random.random(count) < shown * np.clip(0.28 * np.exp(-0.4 * income), 0, 1)
    days = np.array([f"{2023 + each // 12}-{each % 12 + 1:02}-{day:02}" for each, day in zip(
        month, random.integers(1, 28, count), strict=True)])  # fmt: skip
    return pd.DataFrame({"day": days, "income": income, "age": random.integers(20, 70, count), "bad": bad.astype(int)})


@pytest.mark.slow
def test_the_data_check_proposes_the_months_to_leave_out() -> None:
    frame = loans()
    y = frame.pop("bad").to_numpy(float)
    frame["day"] = pd.to_datetime(frame["day"])
    schema = [ColumnSchema(name, name, "date" if name == "day" else "numeric") for name in frame]
    for kind in ("default", "attrition", "conversion"):
        spec = ExperimentSpec(target="bad", event="1", kind=kind, time_column="day")
        (found,) = [
            finding for finding in check_leakage(frame, y, spec=spec, schema=schema) if finding.code == "ripening"
        ]
        assert (found.severity, found.action) == ("warning", "none")
        assert found.evidence["months"][-1] == "2024-03"
        assert 4 <= len(found.evidence["months"]) <= 7
        assert found.evidence["performance_months"] == len(found.evidence["months"])


def test_a_run_says_it_and_its_split_keeps_the_note() -> None:
    frame = loans()
    frame["day"] = pd.to_datetime(frame["day"])
    spec = ExperimentSpec("bad", "1", time_column="day")
    notes = [note["message"] % note["params"] for note in read_question(spec, frame).split.notes]
    assert any("Leave them out" in note for note in notes)
    assert count_months(frame["day"], frame["bad"].to_numpy(float))[0]["period"] == "2023-01"


@pytest.mark.slow
def test_fit_warns_of_immature_months_and_leaves_them_out_when_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loans(6_000).to_csv(tmp_path / "loans.csv", index=False)
    asked = ["fit", str(tmp_path / "loans.csv"), "--target", "bad", "--time", "day", "--trials", "1", "--learners",
             "linear", "--features", "off", "--out", str(tmp_path / "model")]  # fmt: skip
    assert main(asked) == 0
    assert "--performance-months" in capsys.readouterr().out
    assert main([*asked, "--performance-months", "6"]) == 0
    told = capsys.readouterr().out
    assert "Window of 6 months not closed by 2024-03-31" in told
    assert "to 2023-09" in told
    assert "not yet known" not in told
    assert main([*asked, "--known-until", "2024-03-31"]) == 2
