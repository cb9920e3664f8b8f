"""A model on generated columns asks for the original ones only, and speaks of the generated ones by name."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from experiments.artifact.model import ModelArtifact
from experiments.errors import BadInput
from experiments.experiment import ExperimentResult, run_experiment
from experiments.report import make_report
from experiments.scoring.batch import score_file
from experiments.spec import ExperimentSpec, SearchBudget

LABELS = {"loan": {"en": "Loan", "zh": "贷款"}, "income": {"en": "Income", "zh": "收入"}}
SPEC = ExperimentSpec(
    "bad", "1", budget=SearchBudget(seconds=None, trials=3), learners=("lightgbm",), labels=LABELS, ensemble=False,
)  # fmt: skip


def loans(rows: int = 2000) -> pd.DataFrame:
    """Return loans that go bad where they are about as large as the income."""
    random = np.random.default_rng(1)
    income, loan = random.lognormal(9, 0.8, rows), random.lognormal(9, 0.8, rows)
    margin = np.where(np.abs(np.log(loan / income)) < 0.3, 2.0, -2.0)
    bad = (random.random(rows) < 1 / (1 + np.exp(-margin))).astype(int)
    return pd.DataFrame({"income": income, "loan": loan, "age": random.integers(20, 70, rows), "bad": bad})


@pytest.fixture(scope="module")
def result(tmp_path_factory) -> ExperimentResult:
    return run_experiment(SPEC, loans(), work_dir=tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def model(result) -> ModelArtifact:
    finalist = next(row for row in result.finalists if row.candidate == "lightgbm")
    return ModelArtifact.load(finalist.model_dir)


@pytest.mark.slow
def test_the_model_asks_for_original_columns_and_names_the_generated_ones_in_its_reasons(model):
    (made,) = [name for name in model.generator.names_ if "÷" in name]

    assert [column["name"] for column in model.signature] == ["income", "loan", "age"]
    assert model.columns[:3] == ["income", "loan", "age"]
    assert model.importance[made] == max(model.importance.values())
    scored = model.score(loans().drop(columns="bad"), language="zh")
    assert scored.cover.missing_columns == []
    texts = scored.frame.filter(like="reason_").to_numpy().ravel().tolist()
    assert any("贷款" in text for text in texts)
    assert not any("÷" in text or made in text for text in texts)
    assert model.facts["labels"][made]["en"] in ("Loan ÷ Income", "Income ÷ Loan")


@pytest.mark.slow
def test_reasons_are_told_of_the_files_own_columns_and_every_customer_of_whom_something_speaks_has_one(model):
    rows = loans().drop(columns="bad")
    phi, base = model.contributions(rows)
    told = model.generator.told_by_sources(phi, model.columns, frame=model.generator.extend(rows))

    typical = np.array([column.reference for column in model.reason_book.columns])
    counts = model.score(rows).reasons

    np.testing.assert_allclose(told.sum(axis=1) + base, model.margin(rows), atol=1e-9)
    assert model.reason_book.names == model.own_columns == ["income", "loan", "age"]
    assert counts.nothing == int((np.round(told - typical, 9) <= 0).all(axis=1).sum())
    assert (counts.rows, counts.withheld) == (len(rows), 0)


@pytest.mark.slow
def test_a_protected_column_gives_no_reason_and_is_the_source_of_nothing(tmp_path):
    protected = replace(SPEC, protected=("age", "loan"), budget=SearchBudget(seconds=None, trials=2))
    result = run_experiment(protected, loans(), work_dir=tmp_path)
    finalist = next(row for row in result.finalists if row.candidate == "lightgbm")
    model = ModelArtifact.load(finalist.model_dir)

    scored = model.score(loans().drop(columns="bad"))

    assert model.generator.names_ == []
    assert {"age", "loan"} <= set(model.columns)
    told = scored.frame.filter(like="reason_").to_numpy().ravel().tolist()
    assert not any(text.lower().startswith(("age", "loan")) for text in told)
    assert scored.reasons.masked > 0
    assert "受保护列，可入模但不作为原因：age、贷款。" in make_report(finalist.model_dir, language="zh").decode()


@pytest.mark.slow
def test_without_protected_columns_a_model_does_not_know_them(tmp_path):
    spec = replace(SPEC, protected=("age",), without_protected=True, budget=SearchBudget(seconds=None, trials=2))
    result = run_experiment(spec, loans(), work_dir=tmp_path)

    models = [ModelArtifact.load(row.model_dir) for row in result.finalists if row.model_dir]

    assert models
    assert not any("age" in source for model in models for source in [*model.own_columns, *model.columns_heard])


@pytest.mark.slow
def test_all_that_explains_a_model_speaks_of_the_files_own_columns(result):
    finalist = next(row for row in result.finalists if row.candidate == "lightgbm")
    explained = json.loads((finalist.model_dir / "explanation.json").read_text())
    found = json.loads((finalist.model_dir / "evidence.json").read_text())

    own = {"income", "loan", "age"}
    assert set(explained["importance"]["columns"]) == {factor["column"] for factor in explained["factors"]} == own
    assert {factor["column"] for factor in explained["beeswarm"]["factors"]} == own
    assert set(explained["dependence"]) <= own
    assert {row["column"] for row in found["segments"]} <= own
    shares = {factor["column"]: factor["share"] for factor in explained["factors"]}
    # The quotient carries the model, and both its columns have their half of it.
    assert min(shares["income"], shares["loan"]) > 2 * shares["age"]
    assert sum(shares.values()) == pytest.approx(1)
    for example in explained["examples"].values():
        assert {step["column"] for step in example["waterfall"]["steps"]} <= own
        assert example["waterfall"]["total"] == pytest.approx(example["margin"] - example["base"])


@pytest.mark.slow
def test_the_report_gives_reasons_of_its_three_customers_in_the_files_own_words(result):
    finalist = next(row for row in result.finalists if row.candidate == "lightgbm")

    page = make_report(finalist.model_dir, language="zh").decode()

    reasons = page.split("三位客户示例")[1].split("</section>")[0]
    assert [part.count("<ol>") for part in reasons.split("<h3>")[1:4]] == [1, 1, 1]
    assert "贷款" in reasons
    assert "÷" not in "".join(part.split("</ol>")[0] for part in reasons.split("<ol>")[1:])


@pytest.mark.slow
def test_a_row_alone_scores_as_within_its_table_and_stale_columns_are_made_anew(model):
    rows = loans().drop(columns="bad").head(20)
    stale = rows.assign(**dict.fromkeys(model.generator.names_, 0.0))

    alone = np.concatenate([model.predict(rows.iloc[[row]]) for row in range(20)])

    assert np.array_equal(alone, model.predict(rows))
    assert np.array_equal(alone, model.predict(stale))


@pytest.mark.slow
def test_the_source_of_a_column_that_matters_is_asked_for(model):
    with pytest.raises(BadInput, match="loan"):
        model.score(loans().drop(columns=["loan", "bad"]))


@pytest.mark.slow
def test_a_file_is_scored_from_its_original_columns(model, result, tmp_path):
    finalist = next(row for row in result.finalists if row.candidate == "lightgbm")
    rows = loans().drop(columns="bad").head(50)
    rows.to_csv(tmp_path / "rows.csv", index=False)

    summary = score_file(finalist.model_dir, tmp_path / "rows.csv", out_csv=tmp_path / "scores.csv")

    assert summary.rows == 50
    assert summary.cover["neutral_cells"] == {}
    scores = pd.read_csv(tmp_path / "scores.csv")["probability"]
    np.testing.assert_allclose(scores, model.predict(rows), atol=1e-6)


@pytest.mark.slow
def test_the_scorecard_is_made_of_the_columns_as_they_came(result):
    finalist = next(row for row in result.finalists if row.candidate == "scorecard")
    card = ModelArtifact.load(finalist.model_dir)

    assert set(card.members[0].card.columns_) <= {"income", "loan", "age"}
    assert (card.generator.names_, card.columns) == ([], ["income", "loan", "age"])
    assert "÷" not in make_report(finalist.model_dir).decode()


@pytest.mark.slow
def test_the_scorecard_bins_generated_columns_where_that_is_asked_for(tmp_path):
    asked = replace(SPEC, derived_on_card=True, budget=SearchBudget(seconds=None, trials=2))
    result = run_experiment(asked, loans(), work_dir=tmp_path)
    finalist = next(row for row in result.finalists if row.candidate == "scorecard")
    card = ModelArtifact.load(finalist.model_dir)

    assert set(card.generator.names_) & set(card.members[0].card.columns_)
    assert card.predict(loans().head(3)).shape == (3,)


@pytest.mark.slow
def test_the_choice_is_remembered_for_a_run_that_goes_on(result):
    kept = json.loads((result.finalists[0].model_dir.parents[1] / "features.json").read_text())

    assert kept["effort"] == "standard"
    assert kept["features"][0]["kind"] == "ratio"


@pytest.mark.slow
@pytest.mark.parametrize(("language", "heading"), [("en", "Derived columns"), ("zh", "衍生列")])
def test_the_report_lists_generated_columns_with_their_formulas(result, language, heading):
    finalist = next(row for row in result.finalists if row.candidate == "lightgbm")
    (made,) = [name for name in ModelArtifact.load(finalist.model_dir).generator.names_ if "÷" in name]

    page = make_report(finalist.model_dir, language=language).decode()

    assert f"<caption>{heading}</caption>" in page
    assert f"<code>{made}</code>" in page
