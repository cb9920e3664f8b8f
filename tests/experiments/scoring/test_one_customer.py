"""One customer and one model: the score, its parts, other values, the smallest change, and who is alike."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.__main__ import main
from experiments.artifact.model import ModelArtifact
from experiments.errors import BadInput
from experiments.experiment import run_experiment
from experiments.kinds import KINDS
from experiments.scoring.one_customer.changes import changed, read_change
from experiments.scoring.one_customer.finding import find_row, is_sampled, row_at, sample_of
from experiments.scoring.one_customer.knobs import knobs_of
from experiments.scoring.one_customer.score import score_customer
from experiments.scoring.one_customer.smallest import CutOff, smallest_changes
from experiments.scoring.one_customer.surroundings import Surroundings, customers_alike
from experiments.spec import ExperimentSpec, SearchBudget
from tests.experiments.customers import customers

ROW = 7


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A boosted model in which the probability may only fall with income, and age is protected but used."""
    spec = ExperimentSpec(
        "bad", "yes", id_column="id", budget=SearchBudget(None, 1), learners=("lightgbm",), ensemble=False,
        feature_effort="off", monotone={"income": -1}, protected=("age",),
    )  # fmt: skip
    result = run_experiment(spec, customers(500), work_dir=tmp_path_factory.mktemp("run"))
    return next(row.model_dir for row in result.finalists if row.candidate == "lightgbm" and row.model_dir)


@pytest.fixture(scope="module")
def model(folder: Path) -> ModelArtifact:
    return ModelArtifact.load(folder)


@pytest.fixture(scope="module")
def around(model: ModelArtifact) -> Surroundings:
    return Surroundings.of(model, customers(500))


@pytest.fixture
def row() -> pd.DataFrame:
    return customers(500).iloc[[ROW]]


@pytest.mark.slow
def test_the_parts_are_those_of_shap_and_add_up_to_the_margin(
    folder: Path, model: ModelArtifact, row: pd.DataFrame
) -> None:
    import lightgbm
    import shap

    found = score_customer(model, row)

    table, _cover = model.prepare(row)
    boosters = [lightgbm.Booster(model_file=str(path)) for path in sorted(folder.glob("member_*.txt"))]
    assert len(boosters) == len(model.members)
    parts = np.mean(
        [
            np.asarray(shap.TreeExplainer(booster).shap_values(table.to_numpy())).reshape(-1, table.shape[1])[-1]
            for booster in boosters
        ],
        axis=0,
    )
    assert list(found.contributions.values()) == pytest.approx(parts.tolist(), abs=1e-6)
    assert sum(found.contributions.values()) + found.base == pytest.approx(found.margin, abs=1e-9)
    assert found.probability == pytest.approx(float(model.predict(row)[0]), abs=1e-12)
    scored = model.score(row).frame.iloc[0]
    assert (found.score, found.band) == (scored["score"], scored["band"])


def test_a_change_is_scored_as_the_changed_row_would_be(model: ModelArtifact, row: pd.DataFrame) -> None:
    typed = row.assign(income=3_000.0, job="none")

    then = score_customer(model, changed(model, row, changes={"income": "3,000", "job": "none"}))

    assert then.probability == pytest.approx(float(model.predict(typed)[0]), abs=1e-12)
    assert then.values["income"] == "3,000"
    assert row["income"].iloc[0] != 3_000


def test_an_empty_value_is_a_missing_one(model: ModelArtifact, row: pd.DataFrame) -> None:
    gone = score_customer(model, changed(model, row, changes={"income": " "}))
    assert gone.probability == pytest.approx(float(model.predict(row.assign(income=np.nan))[0]), abs=1e-12)
    assert gone.values["income"] == ""


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"incme": "5"}, "The model has no column incme. Did you mean income?"),
        ({"zzz": "5"}, "The model has no column zzz."),
        ({"income": "much"}, "income takes a number; much is not a number."),
        ({"income": "inf"}, "income takes a number; inf is not a number."),
        ({"job": "pilot"}, "job has no value pilot. It takes one of:"),
    ],
)
def test_a_change_that_cannot_be_says_what_the_column_takes(
    changes: dict[str, str], told: str, model: ModelArtifact, row: pd.DataFrame
) -> None:
    with pytest.raises(BadInput) as refused:
        changed(model, row, changes=changes)
    assert str(refused.value).startswith(told)


@pytest.mark.parametrize("text", ["income", "=5", " = "])
def test_a_change_without_column_or_sign_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="Write a change as COLUMN=VALUE"):
        read_change(text)


def risky(model: ModelArtifact, around: Surroundings) -> tuple[pd.DataFrame, float]:
    place = int(np.argsort(around.probability)[int(0.9 * len(around.probability))])
    return around.frame.iloc[[place]], float(around.probability[place])


def test_the_smallest_change_crosses_and_is_nearer_than_any_other_that_does(
    model: ModelArtifact, around: Surroundings
) -> None:
    row, before = risky(model, around)
    cut_off = CutOff(0.8 * before, wants_below=True)

    found = smallest_changes(around, row, cut_off=cut_off, changeable=["income"])

    assert found
    best = found[0]
    assert float(model.predict(changed(model, row, changes=best.changes))[0]) == pytest.approx(best.probability)
    assert best.probability < cut_off.probability <= before
    own, new = float(row["income"].iloc[0]), float(best.changes["income"])
    assert new > own
    between = around.frame["income"][(around.frame["income"] > own) & (around.frame["income"] < new)]
    tried = [
        float(model.predict(changed(model, row, changes={"income": str(value)}))[0]) for value in sorted(between)[:-3]
    ]
    assert sum(p < cut_off.probability for p in tried) <= len(tried) // 10


def test_what_may_not_be_changed_or_is_protected_is_never_advised(model: ModelArtifact, around: Surroundings) -> None:
    row, before = risky(model, around)
    cut_off = CutOff(0.9 * before, wants_below=True)
    assert "age" in model.columns_heard

    assert smallest_changes(around, row, cut_off=cut_off, changeable=[]) == []
    for found in (
        smallest_changes(around, row, cut_off=cut_off, changeable=["age"]),
        smallest_changes(around, row, cut_off=cut_off, changeable=["age", "income", "job"]),
    ):
        assert all("age" not in one.changes for one in found)


def test_a_column_with_a_direction_is_advised_that_way_only(model: ModelArtifact, around: Surroundings) -> None:
    for place in range(0, 200, 10):
        row, p = around.frame.iloc[[place]], float(around.probability[place])
        if pd.isna(row["income"].iloc[0]):
            continue
        for found in smallest_changes(around, row, cut_off=CutOff(0.98 * p, wants_below=True), changeable=["income"]):
            assert float(found.changes["income"]) > float(row["income"].iloc[0])


def test_nothing_is_advised_to_who_is_across_already(model: ModelArtifact, around: Surroundings) -> None:
    row, before = risky(model, around)
    assert smallest_changes(around, row, cut_off=CutOff(before + 0.01, wants_below=True), changeable=["income"]) == []


def test_two_columns_are_changed_where_one_is_not_enough(model: ModelArtifact, around: Surroundings) -> None:
    worst = around.frame.assign(income=float(around.frame["income"].min()), job="none")
    row = worst.iloc[[int(np.argmax(model.predict(worst)))]]
    richest = str(float(around.frame["income"].max()))
    with_one = min(
        float(model.predict(changed(model, row, changes={name: value}))[0])
        for name, values in (
            ("income", np.unique(around.frame["income"].dropna())),
            ("job", ("clerk", "nurse", "driver")),
        )
        for value in map(str, values)
    )
    with_two = float(model.predict(changed(model, row, changes={"income": richest, "job": "clerk"}))[0])
    assert with_two < with_one

    (found,) = smallest_changes(
        around, row, cut_off=CutOff((with_one + with_two) / 2, wants_below=True), changeable=["income", "job"]
    )

    assert set(found.changes) == {"income", "job"}
    assert float(model.predict(changed(model, row, changes=found.changes))[0]) == pytest.approx(found.probability)


def test_sliders_span_what_customers_have_and_hold_the_customers_own_value(
    model: ModelArtifact, around: Surroundings
) -> None:
    row = around.frame.iloc[[ROW]].assign(income=1e6)

    knobs = {knob.column: knob for knob in knobs_of(around, row)}

    assert set(knobs) == set(model.columns_heard)
    income, age = knobs["income"], knobs["age"]
    assert income.high == 1e6
    assert (age.step, age.low, age.high) == (1.0, 20.0, 69.0)
    assert float(age.value) == row["age"].iloc[0]
    assert sum(age.counts) >= 490
    assert set(knobs["job"].levels) == {"clerk", "nurse", "driver", "none"}


def test_who_is_alike_scores_alike_and_the_outcome_is_counted(model: ModelArtifact, around: Surroundings) -> None:
    phi = around.contributions[ROW]

    found = customers_alike(around, phi, leave_out=around.frame.iloc[[ROW]])

    assert found.rows == 50
    assert found.event_rate == pytest.approx(found.events / 50)
    assert [one.has_event in (True, False) for one in found.shown] == [True] * 5
    own = float(around.probability[ROW])
    assert abs(found.shown[0].probability - own) < 0.5 * float(np.ptp(around.probability))
    again = customers_alike(around, phi)
    assert again.shown[0].probability == pytest.approx(own)


def test_only_the_customers_own_row_is_no_neighbour(model: ModelArtifact) -> None:
    frame = customers(60)
    twins = pd.concat([frame, *[frame.iloc[[ROW]]] * 3], ignore_index=True)
    around = Surroundings.of(model, twins)
    own = around.frame.iloc[[ROW]]
    phi = around.contributions[ROW]

    found = customers_alike(around, phi, leave_out=own)

    def is_twin(values: dict[str, str]) -> bool:
        return all(values[name] == same.values[name] for name in values)

    same = customers_alike(around, phi).shown[0]
    assert sum(is_twin(one.values) for one in found.shown) == 3
    assert sum(is_twin(one.values) for one in customers_alike(around, phi).shown) == 4


def test_a_sample_is_spread_over_the_table_and_tells_who_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pd.DataFrame({"x": range(40)}).to_parquet(path, row_group_size=7)

    taken = sample_of(path, rows=10)["x"].tolist()

    assert taken == [row for row in range(40) if is_sampled(path, row, rows=10)]
    assert [row_at(path, row)["x"].item() for row in (0, 6, 7, 39)] == [0, 6, 7, 39]
    pd.DataFrame({"x": []}).to_parquet(tmp_path / "empty.parquet")
    assert sample_of(tmp_path / "empty.parquet", rows=10).columns.tolist() == ["x"]


def test_every_decline_has_a_reason_none_protected_none_against_its_sentence(
    model: ModelArtifact, around: Surroundings
) -> None:
    # Reasons compare with those just approved, so every decline has one; of the approved, some have none.
    declined = np.flatnonzero(around.probability >= np.quantile(around.probability, KINDS["default"].approved_share))
    without = 0
    for place in declined.tolist():
        found = score_customer(model, around.frame.iloc[[place]])
        told = [one for one in found.reasons if one.column]
        without += not told
        assert len(found.reasons) <= 4
        assert all(one.column != "age" for one in told)
        # With a direction that the model keeps, a high income never speaks against a customer, nor a low one for.
        assert all(one.state != "high" for one in told if one.column == "income")
        assert all((one.phi or 0) > 0 for one in told)
    assert without == 0


def test_a_customer_is_found_by_the_id_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pd.DataFrame({"text": ["007", " A1 ", None, "007"], "whole": [7, 8, 9007199254740993, 7], "x": [1.0, 2, 3, 4]}
                 ).to_parquet(path, row_group_size=2)  # fmt: skip

    def place(column: str, asked: str) -> tuple[int, int] | None:
        found = find_row(path, asked, column=column)
        return None if found is None else (found.row, found.count)

    assert place("text", "007") == (3, 2)
    assert place("text", "A1") == (1, 1)
    assert place("text", "7") is None
    assert place("whole", "8") == (1, 1)
    assert place("whole", "9007199254740993") == (2, 1)
    assert place("whole", "9007199254740992") is None
    assert place("whole", "A1") is None
    assert place("x", "2") == (1, 1)
    assert row_at(path, 3)["x"].tolist() == [4.0]
    assert len(sample_of(path, rows=3)) == 3
    with pytest.raises(BadInput, match="no column nothing"):
        find_row(path, "1", column="nothing")
    with pytest.raises(BadInput, match="no row 5; it has 4"):
        row_at(path, 4)


def test_the_command_tells_before_and_after_in_both_languages(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    customers(60).to_csv(tmp_path / "rows.csv", index=False)
    rows, out = str(tmp_path / "rows.csv"), tmp_path / "told.json"
    asked = ["explain", str(folder), rows, "--row", "C00007", "--what-if", "income=3000", "--what-if", "job=none"]

    assert main([*asked, "--out", str(out)]) == 0
    english = capsys.readouterr().out
    assert main([*asked, "--language", "zh"]) == 0
    chinese = capsys.readouterr().out

    told = json.loads(out.read_text(encoding="utf-8"))
    assert f"probability {told['score']['probability']:.2%}" in english
    assert f"→ {told['then']['probability']:.2%}" in english
    assert "Reasons:" in english
    assert "原因：" in chinese
    assert "Reasons" not in chinese
    assert told["what_if"] == {"income": "3000", "job": "none"}


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--row", "C9"], "rows.csv has no row whose id is C9."),
        (["--row", "C00007", "--what-if", "incme=3"], "Did you mean income?"),
        (["--row", "C00007", "--what-if", "income=much"], "income takes a number"),
        (["--row", "C00007", "--what-if", "income"], "Write a change as COLUMN=VALUE"),
        (["--row", "C00007", "--what-if", "income=1", "--what-if", "income=2"], "income is given two values."),
        (["--row", "C00007", "--cut-off", "0.1"], "Give --cut-off together with --changeable."),
        (["--row", "C00007", "--cut-off", "10", "--changeable", "income"], "A cut-off is a probability"),
        # Before the file is read: nobody has this id.
        (["--row", "C9", "--cut-off", "10", "--changeable", "income"], "A cut-off is a probability"),
        (["--row", "C9", "--cut-off", "0.1", "--changeable", "incme"], "Did you mean income?"),
    ],
)
def test_the_command_refuses_with_one_sentence(
    more: list[str], told: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    customers(60).to_csv(tmp_path / "rows.csv", index=False)

    assert main(["explain", str(folder), str(tmp_path / "rows.csv"), *more]) == 2

    assert told in capsys.readouterr().err
