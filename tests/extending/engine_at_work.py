"""What docs/extending.md adds to the engine, at work; run by test_the_engine in a copy of the engine that has it."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.artifact.model import ModelArtifact
from experiments.experiment import run_experiment
from experiments.kinds import KINDS
from experiments.leakage.check import check_leakage
from experiments.learners import LEARNERS, FitRequest
from experiments.report import make_report
from experiments.scoring.batch import score_file
from experiments.spec import ExperimentSpec, SearchBudget

ROWS = 1_500


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    random = np.random.default_rng(7)
    spending = random.gamma(2.0, 2_000.0, ROWS).round(2)
    spending[random.random(ROWS) < 0.05] = np.nan
    table = pd.DataFrame({"no": [f"{number:06d}" for number in range(ROWS)], "spending": spending})
    table["products"] = random.integers(1, 6, ROWS).astype(float)
    chance = 1 / (1 + np.exp(3.5 - np.nan_to_num(spending) / 2_500 - table["products"] / 4))
    table["upgraded"] = (random.random(ROWS) < chance).astype(int).astype(str)
    return table


@pytest.fixture(scope="module")
def model(customers: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The learner's model for the kind's question."""
    spec = ExperimentSpec(
        "upgraded", "1", kind="upgrade", id_column="no", learners=("naive_bayes",), budget=SearchBudget(None, 3),
        contact_share=0.2,
    )  # fmt: skip
    work_dir = tmp_path_factory.mktemp("run")
    result = run_experiment(spec, customers, work_dir=work_dir)
    assert any(trial["learner"] == "naive_bayes" for trial in told(work_dir))
    assert result.recommended
    return next(path for path in (work_dir / "models").iterdir() if "naive_bayes" in path.name)


def told(work_dir: Path) -> list[dict[str, str]]:
    lines = [line for path in work_dir.rglob("trials*.jsonl") for line in path.read_text().splitlines()]
    return [json.loads(line) for line in lines]


def test_the_learner_fits_and_scores_rows_alike_alone_and_in_company(model: Path, customers: pd.DataFrame) -> None:
    p = ModelArtifact.load(model).predict(customers)

    y = customers["upgraded"].to_numpy(int)
    assert p[y == 1].mean() > p[y == 0].mean() + 0.1
    assert np.array_equal(ModelArtifact.load(model).predict(customers.iloc[7:8]), p[7:8])


def test_its_contributions_add_up_and_it_is_read_as_it_was_written(customers: pd.DataFrame, tmp_path: Path) -> None:
    table, y = customers[["spending", "products"]], customers["upgraded"].to_numpy(float)
    family = LEARNERS["naive_bayes"]
    fitted = family.fit(FitRequest(table, y, family.first_configurations(ROWS, 2)[0]))
    fitted.save(tmp_path, "member")
    again = family.model.load(tmp_path, "member")

    phi, base = again.contributions(table)
    assert np.ptp(phi, axis=0).min() > 0
    assert np.allclose(phi.sum(axis=1) + base, fitted.margin(table), rtol=0, atol=1e-12)
    assert np.array_equal(again.margin(table), fitted.margin(table))


def test_the_kind_is_searched_scored_and_reported_in_its_own_words(model: Path, customers: pd.DataFrame) -> None:
    artifact = ModelArtifact.load(model)
    rich, poor = customers.assign(spending=20_000.0).head(1), customers.assign(spending=10.0).head(1)

    assert artifact.score_of(artifact.predict(rich)) > artifact.score_of(artifact.predict(poor))
    page = make_report(model, language="en").decode()
    assert KINDS["upgrade"].words.events == "Upgraders"
    assert "upgrade" in page


def test_the_check_finds_what_it_looks_for_and_passes_what_is_clean(customers: pd.DataFrame) -> None:
    random = np.random.default_rng(1)
    y = customers["upgraded"].to_numpy(float)
    computed = random.gamma(2.0, 2_000.0, ROWS).round(2)
    by_hand = random.random(ROWS) < np.where(y == 1, 0.95, 0.3)
    typed = np.where(by_hand, np.maximum(np.round(computed, -3), 1_000.0), computed)
    spec = ExperimentSpec(target="upgraded", event="1", kind="upgrade", id_column="no")

    def codes(table: pd.DataFrame) -> dict[str, str]:
        return {found.code: found.severity for found in check_leakage(table, y, spec=spec, schema=())}

    assert codes(customers.assign(limit=typed))["typed"] == "warning"
    assert codes(customers.assign(limit=computed))["typed"] == "passed"


def test_the_export_is_written_by_program_and_by_command(model: Path, customers: pd.DataFrame, tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"
    customers.drop(columns="upgraded").to_csv(rows, index=False)
    score_file(model, rows, out_csv=tmp_path / "scores.csv", outputs={"jsonl": tmp_path / "scores.jsonl"})
    lines = [json.loads(line) for line in (tmp_path / "scores.jsonl").read_text(encoding="utf-8").splitlines()]

    assert [line["no"] for line in lines] == customers["no"].tolist()
    assert np.allclose([line["probability"] for line in lines], pd.read_csv(tmp_path / "scores.csv")["probability"])
    command = (sys.executable, "-m", "experiments", "score", model, rows)
    ended = subprocess.run([*command, "--out", tmp_path / "by_command.jsonl"], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr + ended.stdout
    assert json.loads((tmp_path / "by_command.jsonl").read_text(encoding="utf-8").splitlines()[0])["no"] == "000000"


def test_the_chapter_stands_in_every_form_and_says_why_where_it_cannot_be_had(model: Path) -> None:
    from experiments.report.placeholders import placeholders

    page = make_report(model, language="en").decode()
    assert "Seasons" in page
    assert "The question names no observation date, so quarters cannot be told apart." in page
    assert make_report(model, "docx", language="en")[:2] == b"PK"
    assert "{{p chapter.seasons }}" in placeholders()
