"""Every column is set against the target over all rows, and the figures agree with those of plain formulas."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from experiments.data.by_target import rows
from experiments.data.by_target.profile import profile_by_target
from experiments.errors import BadInput
from experiments.evaluation.psi import psi
from experiments.evaluation.reliability import jeffreys_interval
from experiments.features.single_feature import single_feature_power
from experiments.features.woe import information_value
from experiments.ingest.reading import ingest_file

ROWS = 4_000


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    random = np.random.default_rng(6)
    months = np.sort(random.integers(0, 12, ROWS))
    score = random.normal(size=ROWS)
    events = random.random(ROWS) < 1 / (1 + np.exp(1.5 - score))
    drifting = random.normal(size=ROWS) + np.where(months >= 9, 1.5, 0)
    return pd.DataFrame(
        {
            "month": (np.datetime64("2023-01") + months).astype("datetime64[D]").astype(str),
            "score": score.round(4),
            "grade": random.integers(1, 6, ROWS),
            "noise": np.where(random.random(ROWS) < 0.1, np.nan, random.normal(size=ROWS).round(4)),
            "drifting": drifting.round(4),
            "coded": np.where(random.random(ROWS) < 0.2, -999, random.integers(0, 50, ROWS)),
            "city": random.choice(["北京", "上海", "广州"], ROWS),
            "street": [f"street {number}" for number in random.integers(0, 400, ROWS)],
            "empty": [None] * ROWS,
            "y": np.where(events, "yes", "no"),
        }
    )


@pytest.fixture(scope="module")
def parquet(frame, tmp_path_factory):
    folder = tmp_path_factory.mktemp("by-target")
    frame.to_csv(folder / "t.csv", index=False)
    ingest_file(folder / "t.csv", folder / "t.parquet")
    return folder / "t.parquet"


@pytest.fixture(scope="module")
def found(parquet):
    result = profile_by_target(parquet, "y", event="yes", time_column="month", special_values={"coded": [-999]})
    return result, {column["name"]: column for column in result["columns"]}


def test_the_totals_are_those_of_the_table(found, frame):
    result, columns = found
    events = int((frame["y"] == "yes").sum())
    assert (result["rows"], result["labelled"], result["events"], result["rate"]) == (ROWS, ROWS, events, events / ROWS)
    assert (len(result["periods"]), result["periods"][0]["name"]) == (12, "2023-01")
    assert sum(period["events"] for period in result["periods"]) == events
    assert list(columns) == ["score", "grade", "noise", "drifting", "coded", "city", "street", "empty"]
    assert len(json.dumps(result)) < 3_000 * len(columns)


def test_bins_hold_all_rows_with_their_rate_and_its_interval(found, frame):
    _, columns = found
    score = columns["score"]
    assert (len(score["bins"]), sum(bin_["rows"] for bin_ in score["bins"])) == (10, ROWS)
    assert all(300 <= bin_["rows"] <= 500 for bin_ in score["bins"])
    for bin_ in score["bins"]:
        inside = (frame["score"] >= bin_["low"]) & (frame["score"] < bin_["high"])
        inside |= (frame["score"] == bin_["high"]) & (bin_["high"] == frame["score"].max())
        assert bin_["rows"] == pytest.approx(int(inside.sum()), abs=2)
        low, high = jeffreys_interval(bin_["events"], bin_["rows"])
        assert (bin_["rate"], bin_["rate_low"], bin_["rate_high"]) == pytest.approx(
            (bin_["events"] / bin_["rows"], low, high), rel=1e-4
        )


def test_few_values_and_levels_have_a_bin_each(found, frame):
    _, columns = found
    counts = frame["grade"].value_counts().sort_index()
    assert [bin_["rows"] for bin_ in columns["grade"]["bins"]] == counts.tolist()
    assert {bin_["level"]: bin_["rows"] for bin_ in columns["city"]["bins"]} == frame["city"].value_counts().to_dict()
    assert len(columns["street"]["bins"]) == 10
    assert columns["street"]["bins"][-1]["other"] is True


def test_missing_and_special_values_have_bins_of_their_own(found, frame):
    _, columns = found
    missing = int(frame["noise"].isna().sum())
    assert (columns["noise"]["bins"][-1]["missing"], columns["noise"]["bins"][-1]["rows"]) == (True, missing)
    special = columns["coded"]["bins"][-1]
    assert (special["special"], special["rows"]) == (-999, int((frame["coded"] == -999).sum()))
    assert columns["coded"]["bins"][0]["low"] == 0
    assert columns["empty"]["bins"][0]["missing"] is True
    assert (columns["empty"]["auc"], columns["empty"]["iv"]) == (None, None)


def test_power_alone_is_that_of_plain_formulas(found, frame):
    _, columns = found
    y = (frame["y"] == "yes").astype(int)
    assert columns["score"]["auc"] == pytest.approx(roc_auc_score(y, frame["score"]), abs=0.003)
    assert (columns["score"]["rises"], columns["noise"]["auc"] < 0.53) == (True, True)
    bins = columns["score"]["bins"]
    events = np.array([bin_["events"] for bin_ in bins], dtype=float)
    others = np.array([bin_["rows"] for bin_ in bins]) - events
    assert columns["score"]["iv"] == pytest.approx(
        information_value(events, others) - columns["score"]["iv_floor"], rel=1e-3
    )
    assert columns["noise"]["iv"] < 0.02


def test_the_histogram_is_split_by_the_answer(found, frame):
    _, columns = found
    histogram = columns["score"]["histogram"]
    assert (len(histogram["edges"]), sum(histogram["events"])) == (21, int((frame["y"] == "yes").sum()))
    assert sum(histogram["events"]) + sum(histogram["others"]) == ROWS


def test_the_psi_by_month_finds_what_drifts(found, frame):
    result, columns = found
    first = [period["is_baseline"] for period in result["periods"]]
    shifts = columns["drifting"]["psi"]
    assert all((shift is None) == is_first for shift, is_first in zip(shifts, first, strict=True))
    assert min(shifts[9:]) > 0.5
    stable = [shift for shift in columns["score"]["psi"] if shift is not None]
    limits = [limit for limit in columns["score"]["psi_limit"] if limit is not None]
    assert np.mean([shift <= limit for shift, limit in zip(stable, limits, strict=True)]) > 0.7
    months = frame["month"].str[:7]
    baseline = [period["name"] for period in result["periods"] if period["is_baseline"]]
    expected = frame["grade"][months.isin(baseline)].value_counts().sort_index()
    actual = frame["grade"][months == "2023-12"].value_counts().sort_index()
    assert columns["grade"]["psi"][-1] == pytest.approx(psi(expected, actual), rel=1e-3)


def test_parts_and_blocks_change_nothing(found, parquet, monkeypatch):
    monkeypatch.setattr(rows, "ROWS_AT_ONCE", 700)
    monkeypatch.setattr(rows, "CELLS_AT_ONCE", 1_400)
    again = profile_by_target(parquet, "y", event="yes", time_column="month", special_values={"coded": [-999]})
    assert again == found[0]


def test_rows_without_an_answer_count_for_the_psi_only(tmp_path):
    frame = pd.DataFrame({"x": range(200), "y": ["1", "0", None, "0"] * 50})
    frame.to_csv(tmp_path / "t.csv", index=False)
    ingest_file(tmp_path / "t.csv", tmp_path / "t.parquet")
    result = profile_by_target(tmp_path / "t.parquet", "y", event="1")
    assert (result["rows"], result["labelled"], result["events"], result["periods"]) == (200, 150, 50, [])
    bins = result["columns"][0]["bins"]
    assert (sum(bin_["rows"] for bin_ in bins), sum(bin_["events"] for bin_ in bins)) == (200, 50)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("gone", "1"), "The table has no column gone."),
        (("y", "maybe"), "The target column y has no value maybe. Its values are no, yes"),
        (("grade", "1"), "The target column grade has 5 different values"),
    ],
)
def test_a_question_that_does_not_fit_is_refused(parquet, arguments, sentence):
    with pytest.raises(BadInput) as caught:
        profile_by_target(parquet, arguments[0], event=arguments[1])
    assert str(caught.value).startswith(sentence)


def test_a_category_of_many_levels_is_as_strong_as_all_of_its_levels_are(tmp_path):
    random = np.random.default_rng(8)
    # Seventy branches, hardly two alike in size, and the extreme ones are the smallest that still count.
    sizes = np.linspace(40, 600, 70).astype(int)
    rates = 0.05 + 0.9 * np.linspace(1, 0, 70) ** 2
    branch = np.repeat([f"b{number:02d}" for number in range(70)], sizes)
    y = (random.random(len(branch)) < np.repeat(rates, sizes)).astype(int)
    table = pd.DataFrame({"branch": branch, "y": y}).sample(frac=1, random_state=1)
    table.to_csv(tmp_path / "t.csv", index=False)
    ingest_file(tmp_path / "t.csv", tmp_path / "t.parquet")
    by_branch = table.groupby("branch")["y"].agg(["sum", "size"])
    honest = roc_auc_score(y, np.repeat(rates, sizes))
    events, others = by_branch["sum"].to_numpy(float), (by_branch["size"] - by_branch["sum"]).to_numpy(float)

    [column] = profile_by_target(tmp_path / "t.parquet", "y", event="1")["columns"]
    auc, iv = single_feature_power(table[["branch"]].reset_index(drop=True), table["y"].to_numpy(float))["branch"]

    assert len(column["bins"]) == 10
    assert column["auc"] == pytest.approx(honest, abs=0.02)
    assert auc == pytest.approx(honest, abs=0.02)
    floor = 69 * (1 / events.sum() + 1 / others.sum())
    assert column["iv"] == pytest.approx(information_value(events, others) - floor, rel=1e-3)
    assert iv == pytest.approx(column["iv"], rel=1e-3)


def test_levels_of_a_row_each_say_nothing(tmp_path):
    table = pd.DataFrame({"street": [f"s{number}" for number in range(3_000)], "y": [0, 0, 1] * 1_000})
    table.to_csv(tmp_path / "t.csv", index=False)
    ingest_file(tmp_path / "t.csv", tmp_path / "t.parquet")

    [column] = profile_by_target(tmp_path / "t.parquet", "y", event="1", columns=["street"])["columns"]
    auc, iv = single_feature_power(table[["street"]], table["y"].to_numpy(float))["street"]

    assert auc is None or abs(auc - 0.5) < 0.03
    assert column["auc"] is None or abs(column["auc"] - 0.5) < 0.03
    assert not iv
    assert not column["iv"]


@pytest.mark.parametrize(
    ("name", "target", "event", "column"),
    [
        ("bank_marketing_additional_full", "y", "yes", "job"),
        ("bank_marketing_additional_full", "y", "yes", "month"),
        ("lead_scoring_x_education", "Converted", 1, "City"),
        ("lead_scoring_x_education", "Converted", 1, "Specialization"),
        ("lendingclub_2007_2011", "target_default", 1, "sub_grade"),
        ("lendingclub_2007_2011", "target_default", 1, "addr_state"),
    ],
)
def test_a_column_of_many_levels_measures_what_plain_counting_gives(shared_set, name, target, event, column):
    table = pd.read_csv(shared_set(name), usecols=[target, column], low_memory=False)
    y = (table[target] == event).to_numpy(float)
    levels = table[column].astype(object).where(table[column].notna(), "—")
    counts = levels.value_counts()
    # Each level of thirty rows stands for itself, the others together, what is missing apart.
    group = levels.where(levels.isin(counts.index[counts >= 30]) | (levels == "—"), "…")
    by_group = pd.DataFrame({"group": group, "y": y}).groupby("group")["y"].agg(["sum", "size"])
    events, others = by_group["sum"].to_numpy(), (by_group["size"] - by_group["sum"]).to_numpy()
    floor = (len(by_group) - 1) * (1 / events.sum() + 1 / others.sum())

    auc, iv = single_feature_power(table[[column]], y)[column]

    assert iv == pytest.approx(information_value(events, others) - floor, rel=1e-6)
    # Rates learnt on the rows they are judged on flatter, by little in thousands of rows.
    flattered = roc_auc_score(y, group.map(by_group["sum"] / by_group["size"]))
    assert flattered - 0.02 <= auc <= flattered
