"""A customer's score depends on the customer's own row, and a file that is written otherwise is told so by column."""

import numpy as np
import pandas as pd
import pytest

from experiments import ExperimentSpec, SearchBudget, run_experiment
from experiments.artifact.model import ModelArtifact
from experiments.features.encoding import CoverReport
from experiments.ingest.reading import ReadingOptions, ingest_file
from experiments.scoring.batch import score_file
from experiments.scoring.findings import COVERED, scoring_findings

pytestmark = pytest.mark.slow
MONTHS = ["01/23/2015", "05/28/2016", "02/03/2017", "11/12/2018", "07/04/2019"]


def borrowers(count: int, seed: int) -> pd.DataFrame:
    """Borrowers as a system writes them that has a decimal comma and the month before the day."""
    random = np.random.default_rng(seed)
    rate, income = random.uniform(1, 15, count).round(3), random.lognormal(9, 0.6, count).round(2)
    used, months = random.beta(2, 3, count).round(4), random.integers(1, 120, count)
    odds = np.exp(-3 + 0.2 * rate - 0.9 * np.log(income / 8000) + 1.5 * used)
    return pd.DataFrame(
        {
            "id": [f"{number:06d}" for number in range(count)],
            "rate": pd.Series(rate).map(lambda value: f"{value:g}".replace(".", ",")),
            "opened": random.choice(MONTHS, count),
            "income": income,
            "used": used,
            "months": np.where(random.random(count) < 0.05, "", months.astype(str)),
            "staff": random.choice(["Y", "N"], count, p=[0.1, 0.9]),
            "job": random.choice(["clerk", "nurse", "driver"], count),
            "bad": (random.random(count) < odds / (1 + odds)).astype(int),
        }
    )


def to_csv(frame, path):
    frame.to_csv(path, sep=";", index=False)
    return path


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("learnt")
    table = to_csv(borrowers(1500, 1), folder / "train.csv")
    ingest_file(table, folder / "train.parquet")
    spec = ExperimentSpec(
        target="bad",
        event="1",
        id_column="id",
        budget=SearchBudget(seconds=None, trials=1),
        learners=("lightgbm",),
        feature_effort="off",
    )
    result = run_experiment(spec, folder / "train.parquet", work_dir=folder / "work")
    return folder / "work" / "models" / result.recommended


@pytest.fixture
def score(model, tmp_path):
    def run(frame, name="rows.csv", **more):
        path = tmp_path / name
        if name.endswith(".csv"):
            to_csv(frame, path)
        elif name.endswith(".xlsx"):
            frame.to_excel(path, index=False)
        else:
            frame.to_parquet(path)
        summary = score_file(model, path, out_parquet=tmp_path / "out.parquet", reasons=0, **more).to_dict()
        return pd.read_parquet(tmp_path / "out.parquet")["probability"].tolist(), summary

    return run


def told(summary):
    """Return the warnings, or that there is none."""
    return [str(finding.sentence) for finding in scoring_findings(summary) if finding.tone != "info"]


@pytest.fixture(scope="module")
def next_month():
    return borrowers(200, 2).drop(columns="bad")


def test_a_file_written_as_in_training_is_covered_and_nothing_has_moved(score, next_month):
    _, summary = score(next_month)
    assert told(summary) == [COVERED]
    assert summary["moved"] == []


def test_a_row_has_one_score_alone_in_any_file_and_in_any_order(model, score, next_month):
    whole, _ = score(next_month)
    backwards, _ = score(next_month[::-1])
    assert backwards == whole[::-1]
    artifact = ModelArtifact.load(model)
    for row in range(3):
        one = next_month.iloc[row : row + 1]
        assert score(one)[0] == [whole[row]]
        assert artifact.score(one.astype(object), reasons=0).frame["probability"].tolist() == [whole[row]]
    thousandths = next_month[next_month["rate"].str.fullmatch(r"\d,\d{3}")]
    assert score(thousandths)[0] == [whole[row] for row in thousandths.index]


def test_what_can_only_mean_one_thing_has_the_same_score_however_it_is_written(score, next_month):
    whole, _ = score(next_month)
    pointed = next_month.assign(
        rate=next_month["rate"].str.replace(",", "."),
        opened=pd.to_datetime(next_month["opened"], format="%m/%d/%Y").dt.strftime("%Y-%m-%d"),
    )
    found, summary = score(pointed)
    assert found == whole
    assert any(sentence.startswith("rate: ") and "decimal point" in sentence for sentence in told(summary))
    typed = pointed.assign(rate=pointed["rate"].astype(float), opened=pd.to_datetime(pointed["opened"]))
    for name in ("rows.parquet", "rows.xlsx"):
        found, summary = score(typed, name)
        assert found == pytest.approx(whole, abs=1e-12)
        assert told(summary) == [COVERED]


def test_words_where_a_number_or_date_belongs_are_told_with_the_words(score, next_month):
    changed = next_month.assign(income=["高", "低"] * 100, opened="十年前", staff="maybe")
    _, summary = score(changed)
    assert told(summary)[:3] == [
        "income: 200 cells hold text where a number belongs (低, 高)",
        "opened: 200 cells hold text where a date belongs (十年前)",
        "staff: 200 cells hold neither yes nor no (maybe)",
    ]
    assert COVERED not in told(summary)
    assert [summary["cover"]["unreadable_cells"][column] for column in ("income", "opened", "staff")] == [200] * 3


def test_a_column_never_empty_in_training_is_named_when_some_of_it_is(score, next_month):
    empty = next_month.assign(used=None)
    empty.loc[3, "income"] = None
    _, summary = score(empty)
    finding = scoring_findings(summary)[0]
    assert str(finding.sentence) == "Columns that were never empty in training have empty cells"
    assert {name: str(word) for name, word in finding.details} == {
        "used": "completely empty",
        "income": "1 of 200 empty",
    }
    assert COVERED not in told(summary)


def test_a_column_with_gaps_in_training_is_named_when_it_has_nothing_else(score, next_month):
    assert told(score(next_month.head(1).assign(months=""))[1]) == [COVERED]
    finding = scoring_findings(score(next_month.assign(months=""))[1])[0]
    assert str(finding.sentence).startswith("The values of these columns are distributed differently")
    ((name, word),) = finding.details
    assert (name, "empty 100%" in str(word)) == ("months", True)


@pytest.mark.parametrize(
    ("column", "factor", "words"), [("used", 100, "about 100 times"), ("income", 1e-4, "1/11,000")]
)
def test_another_unit_is_told_by_the_column_that_moved(score, next_month, column, factor, words):
    _, summary = score(next_month.assign(**{column: (next_month[column] * factor).round(6)}))
    assert [each["column"] for each in summary["moved"]] == [column]
    assert told(summary)[0].startswith(f"{column}: typical values are ")
    assert words in told(summary)[0]


def test_day_before_month_is_told_and_never_guessed(score, next_month):
    turned = next_month.assign(opened=pd.to_datetime(next_month["opened"]).dt.strftime("%d/%m/%Y"))
    _, summary = score(turned)
    late = int(turned["opened"].str[:2].astype(int).gt(12).sum())
    assert summary["cover"]["contradictions"]["opened"]["otherwise"] == {"other_day_order": late}
    assert any("a different order from training" in sentence for sentence in told(summary))


def test_a_person_may_say_which_decimal_mark_a_file_has(score, next_month):
    whole, _ = score(next_month)
    assert score(next_month, reading=ReadingOptions(decimal=","))[0] == whole


def test_the_training_file_itself_has_moved_nowhere(score):
    _, summary = score(borrowers(1500, 1).drop(columns="bad"))
    assert told(summary) == [COVERED]


def test_chance_alone_seldom_names_a_column(model):
    from experiments.evaluation.column_shift import ColumnTally

    artifact = ModelArtifact.load(model)
    named = 0
    for seed in range(100):
        frame = borrowers(150, 100 + seed)
        tallies = {name: ColumnTally(found) for name, found in artifact.baselines.items() if found.type == "numeric"}
        for name, tally in tallies.items():
            values = frame[name].str.replace(",", ".").replace("", None) if name in ("rate", "months") else frame[name]
            tally.add_numbers(values.astype(float).to_numpy())
        named += any(tally.shift(len(tallies)) for tally in tallies.values())
    assert named <= 10


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ({"given": 2000, "rows": 2000, "nothing": 0, "withheld": 0, "masked": 0}, []),
        (
            {"given": 1992, "rows": 2000, "nothing": 8, "withheld": 0, "masked": 0},
            [
                "1,992 of 2,000 customers have a reason; for the other 8 no value raises the probability above "
                "that of the customers they are compared with."
            ],
        ),
        (
            {"given": 1980, "rows": 2000, "nothing": 0, "withheld": 20, "masked": 256},
            [
                "1,980 of 2,000 customers have a reason; for the other 20 only protected columns raise the "
                "probability, and these are never given as a reason.",
                "For 236 of the 1,980 with a reason a protected column weighs more; the reasons are those that come "
                "after it.",
            ],
        ),
        (
            {"given": 135, "rows": 200, "nothing": 29, "withheld": 36, "masked": 36},
            [
                "135 of 200 customers have a reason; for 29 no value raises the probability above that of the "
                "customers they are compared with, and for 36 only protected columns do, which are never given as a "
                "reason.",
            ],
        ),
    ],
)
def test_a_scored_file_says_who_has_no_reason_and_why(counts, told):
    summary = {"cover": CoverReport(rows=2000).to_dict(), "reasons": counts}

    found = [str(finding.sentence) for finding in scoring_findings(summary)]

    assert found == [*told, COVERED]
