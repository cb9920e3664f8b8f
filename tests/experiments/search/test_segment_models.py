"""Models of the segments themselves, beside one of all rows: what each brings."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments import ExperimentSpec, SearchBudget
from experiments.evaluation.crossed_segments import crossed_segments
from experiments.evaluation.metrics import auc
from experiments.evaluation.segment_gain import SIGNIFICANT
from experiments.evaluation.segments import rows_within, segment_table
from experiments.learners import LEARNERS
from experiments.search.preparing import read_question
from experiments.search.segment_models import gain_of_segment_models

SPEC = ExperimentSpec("bad", "yes", budget=SearchBudget(None, 4))
PARAMS = LEARNERS["linear"].first_configurations(3_000, 3)[0]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return customers whose income says the opposite in the north; of the islands there are too few."""
    random = np.random.default_rng(5)
    rows = 3_000
    region = random.choice(np.array(["north", "south", "island", None], dtype=object), rows, p=[0.4, 0.5, 0.02, 0.08])
    income = random.normal(size=rows)
    odds = np.where(region == "north", 1.5, -1.5) * income - 0.5
    bad = random.random(rows) < 1 / (1 + np.exp(-odds))
    frame = pd.DataFrame({"income": income, "region": region, "age": random.integers(18, 80, rows)})
    frame["bad"] = np.where(bad, "yes", "no")
    path = tmp_path_factory.mktemp("table") / "customers.parquet"
    frame.to_parquet(path)
    return path


def held_out(table: Path) -> tuple[np.ndarray, pd.DataFrame]:
    data = read_question(SPEC, table)
    rows = data.split.held_out
    return data.y[rows], pd.read_parquet(table).iloc[rows].reset_index(drop=True)


def test_a_segment_where_a_column_says_the_opposite_gains_by_a_model_of_its_own(table: Path) -> None:
    y, frame = held_out(table)
    segments = segment_table(y, np.full(len(y), 0.4), frame=frame, columns=["region"])
    told: list[int] = []
    gains, whole = gain_of_segment_models(
        SPEC, table, learner="linear", params=PARAMS, segments=[(each,) for each in segments], on_segment=told.append
    )
    found = {each.label: gain for each, gain in zip(segments, gains, strict=True)}
    north = found["north"]
    assert north.is_better
    assert north.low > 0.1
    assert north.gain == pytest.approx(north.own - north.common)
    # In the north alone the income ranks as it does there: the model reads little else.
    is_north = (frame["region"] == "north").to_numpy()
    assert north.own == pytest.approx(auc(y[is_north], frame["income"][is_north]), abs=0.03)
    assert (north.rows, north.events) == (is_north.sum(), y[is_north].sum())
    assert (found["island"].state, found["island"].is_better) == ("too_few", False)
    assert whole.gain > 0.05
    assert whole.rows == len(y)
    assert told == list(range(len(segments)))


def test_where_the_common_model_says_all_there_is_no_segment_gains(table: Path, tmp_path: Path) -> None:
    frame = pd.read_parquet(table)
    random = np.random.default_rng(6)
    bad = random.random(len(frame)) < 1 / (1 + np.exp(frame["income"]))
    path = tmp_path / "alike.parquet"
    frame.assign(bad=np.where(bad, "yes", "no")).to_parquet(path)
    y, rows = held_out(path)
    segments = segment_table(y, np.full(len(y), 0.4), frame=rows, columns=["age"])
    gains, whole = gain_of_segment_models(
        SPEC, path, learner="linear", params=PARAMS, segments=[(each,) for each in segments]
    )
    assert not any(each.is_better for each in gains)
    assert all(each.is_judged for each, cut in zip(gains, segments, strict=True) if cut.rows)
    assert whole.low < 0.02


def test_crossed_segments_share_the_rows_of_the_table_between_them(table: Path) -> None:
    y, frame = held_out(table)
    pairs = crossed_segments(y, np.full(len(y), 0.4), first=frame["region"], second=frame["age"])
    gains, _whole = gain_of_segment_models(
        SPEC, table, learner="linear", params=PARAMS, segments=[(each.row, each.other) for each in pairs]
    )
    assert [each.rows for each in gains] == [each.row.rows for each in pairs]


def test_a_segment_that_a_family_cannot_be_fitted_on_costs_only_itself(
    table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    y, frame = held_out(table)
    family, fit = LEARNERS["linear"], LEARNERS["linear"].fit

    def fit_unless_small(request: object) -> object:
        if len(request.y) < 1_000:  # type: ignore[attr-defined]
            raise ValueError("too small for me")
        return fit(request)  # type: ignore[arg-type]

    monkeypatch.setattr(family, "fit", fit_unless_small)
    segments = segment_table(y, np.full(len(y), 0.4), frame=frame, columns=["region"])
    gains, whole = gain_of_segment_models(
        SPEC, table, learner="linear", params=PARAMS, segments=[(each,) for each in segments]
    )
    assert {each.state for each in gains} == {"failed", "too_few"}
    assert whole.gain == 0


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("std::bad_alloc")])
def test_want_of_memory_is_no_fault_of_a_segment(
    error: Exception, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    y, frame = held_out(table)
    family, fit = LEARNERS["linear"], LEARNERS["linear"].fit

    def fit_unless_small(request: object) -> object:
        if len(request.y) < 1_000:  # type: ignore[attr-defined]
            raise error
        return fit(request)  # type: ignore[arg-type]

    monkeypatch.setattr(family, "fit", fit_unless_small)
    segments = segment_table(y, np.full(len(y), 0.4), frame=frame, columns=["region"])
    with pytest.raises(type(error)):
        gain_of_segment_models(SPEC, table, learner="linear", params=PARAMS, segments=[(each,) for each in segments])


def test_the_intervals_of_gains_say_what_their_p_values_say(table: Path) -> None:
    y, frame = held_out(table)
    segments = segment_table(y, np.full(len(y), 0.4), frame=frame, columns=["age"])
    gains, whole = gain_of_segment_models(
        SPEC, table, learner="linear", params=PARAMS, segments=[(each,) for each in segments]
    )
    judged = [each for each in gains if each.is_judged]
    assert len(judged) > 2
    assert all((each.p_holm < SIGNIFICANT) == (each.low > 0 or each.high < 0) for each in judged)
    # Those that are not rejected are judged at one level, of all of them together, not at 95 % each.
    rejected = sum(each.p_holm < SIGNIFICANT for each in judged)
    kept = [each.level for each in judged if each.p_holm >= SIGNIFICANT]
    assert kept == pytest.approx([1 - 0.05 / (len(judged) - rejected)] * len(kept))
    assert whole.level == pytest.approx(0.95)


@pytest.mark.parametrize("name", ["city", "age", "is_new", "opened", "grade"])
def test_segments_of_one_sample_find_each_row_of_another_table_at_most_once(name: str) -> None:
    random = np.random.default_rng(7)

    def rows(count: int) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "city": random.choice(np.array([*(f"c{n}" for n in range(20)), None], dtype=object), count),
                "age": np.where(random.random(count) < 0.1, np.nan, random.integers(18, 80, count)),
                "is_new": random.random(count) < 0.5,
                "opened": pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 90, count), unit="D"),
                "grade": random.integers(1, 4, count),
            }
        )

    y, sample, other = (random.random(2_000) < 0.3).astype(float), rows(2_000), rows(5_000)
    cuts = segment_table(y, np.full(2_000, 0.3), frame=sample, columns=[name])
    named = {cut.label for cut in cuts if cut.kind == "level"}
    here = sum(rows_within(cut, sample[name], named=named).astype(int) for cut in cuts)
    there = sum(rows_within(cut, other[name], named=named).astype(int) for cut in cuts)
    assert [int(rows_within(cut, sample[name], named=named).sum()) for cut in cuts] == [cut.rows for cut in cuts]
    assert (np.asarray(here) == 1).all()
    assert (np.asarray(there) == 1).all()
