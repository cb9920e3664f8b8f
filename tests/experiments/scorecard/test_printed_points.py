"""The points printed on a card are the score: added by hand they give what is exported, for every kind of question."""

import json
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from experiments.artifact.model import ModelArtifact
from experiments.experiment import run_experiment
from experiments.kinds import KINDS
from experiments.scorecard.scaling import POINTS_DIGITS
from experiments.scoring.sql import model_sql
from experiments.spec import ExperimentSpec, SearchBudget

ROWS, EVENTS_FOR_ISOTONIC = 5_000, 1_000
CUSTOMERS = 1_000


def customers(rows: int = ROWS, seed: int = 4) -> pd.DataFrame:
    """Numbers with gaps and a special value, categories with a rare level, and an event that bends."""
    random = np.random.default_rng(seed)
    income = random.gamma(2.0, 3_000.0, rows)
    debt = random.normal(0.4, 0.2, rows)
    job = random.choice(["clerk", "driver", "owner", "none"], rows, p=[0.5, 0.3, 0.19, 0.01])
    margin = -1.0 + 3.0 * (debt - 0.4) - income / 9_000 + 0.8 * (job == "driver") + np.sin(income / 2_000)
    table = pd.DataFrame({"income": income.round(2), "debt": debt.round(3), "job": job})
    table["answer"] = np.where(random.random(rows) < 1 / (1 + np.exp(-margin)), "yes", "no")
    table.loc[random.random(rows) < 0.1, "income"] = np.nan
    table.loc[random.random(rows) < 0.08, "debt"] = -999.0
    return table


def printed_points(card: list[dict[str, Any]], row: pd.Series) -> float:
    """Add up a customer's points as a clerk would, from the sheet alone."""
    total = 0.0
    for column in dict.fromkeys(line["column"] for line in card):
        lines = [line for line in card if line["column"] == column]
        line = next(line for line in lines if holds(line, row[column]))
        total += round(line["points"], POINTS_DIGITS)
    return total


def holds(line: dict[str, Any], value: Any) -> bool:
    match line["kind"]:
        case "missing":
            return bool(pd.isna(value))
        case "special":
            return not pd.isna(value) and str(float(value)) in map(str, map(float, line["levels"]))
        case "range":
            if pd.isna(value) or value == -999.0:
                return False
            return (line["low"] is None or value >= line["low"]) and (line["high"] is None or value < line["high"])
        case "levels":
            return value in line["levels"]
        case _:
            return True


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(KINDS))
def test_points_added_by_hand_are_what_is_exported(kind: str, tmp_path: Path) -> None:
    table = customers()
    assert (table["answer"] == "yes").sum() > EVENTS_FOR_ISOTONIC
    spec = ExperimentSpec(
        "answer", "yes", kind=kind, budget=SearchBudget(None, 1), learners=("linear",), feature_effort="off",  # type: ignore[arg-type]
        special_values={"debt": [-999.0]}, population_rate=0.1 if kind == "default" else None, ensemble=False,
    )  # fmt: skip
    run_experiment(spec, table, work_dir=tmp_path)
    folder = tmp_path / "models" / "scorecard"
    artifact, card = ModelArtifact.load(folder), json.loads((folder / "evidence.json").read_text())["scorecard"]["card"]
    rows = customers(CUSTOMERS, seed=5).drop(columns="answer")

    scored = artifact.score(rows).frame
    added = np.array([printed_points(card, row) for _, row in rows.iterrows()])

    # Each column's points are printed to a hundredth.
    cents = (len({line["column"] for line in card}) + 1) * 0.005 + 1e-9
    assert np.abs(added - scored["points"]).max() <= cents
    likelier = scored["points"].corr(scored["probability"], method="spearman")
    if KINDS[kind].is_risk:
        assert np.abs(scored["points"] - scored["score"]).max() <= 0.06
        assert likelier < -0.9999
    else:
        assert likelier > 0.9999
    read = duckdb.sql(f"SELECT * FROM ({model_sql(folder, 'rows')})").df()
    assert np.abs(read["points"] - scored["points"].to_numpy()).max() <= 0.005 + 1e-9
    assert np.abs(read["probability"] - scored["probability"].to_numpy()).max() < 1e-12
    bins = pd.DataFrame(card).groupby("column")["rows"].sum()
    assert (bins == ROWS).all()
