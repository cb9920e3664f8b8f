"""A conversion in two stages: two models, one artifact, never above the response, exact in what it explains."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments import ExperimentSpec, ModelArtifact, SearchBudget, run_experiment
from experiments.errors import BadInput, FinishNow
from experiments.evaluation.calibrators import BetaCalibrator, PlattCalibrator
from experiments.features.encoding import TableEncoder
from experiments.learners.two_stage import CONVERSION, RESPONSE, Stage, TwoStageModel
from experiments.progress import Said, Skipped, Tick, TrialFinished
from experiments.scoring.batch import score_file
from experiments.search.preparing import prepare
from experiments.search.replay import Replay
from experiments.search.run import Run
from experiments.search.two_stage import (
    ENDED_BEFORE_STAGES,
    direct_spec,
    has_enough,
    is_two_stage,
    make_two_stage,
    read_responses,
)

SPEC = ExperimentSpec(
    "bought", "1", kind="conversion", id_column="id", response_column="visited", response_event="1",
    budget=SearchBudget(None, 3), learners=("lightgbm", "linear"),
)  # fmt: skip


def visitors(rows: int = 1500, seed: int = 1) -> pd.DataFrame:
    """Return customers of whom some visit for one reason and some visitors buy for another."""
    random = np.random.default_rng(seed)
    recency, spend = random.integers(1, 13, rows), random.lognormal(4, 1, rows)
    channel = random.choice(["web", "phone", "both"], rows)
    visits = random.random(rows) < 1 / (1 + np.exp(0.2 + 0.25 * (recency - 6)))
    buys = visits & (random.random(rows) < 1 / (1 + np.exp(0.5 - 0.9 * (np.log(spend) - 4) - (channel == "web"))))
    return pd.DataFrame(
        {"id": np.arange(rows), "recency": recency, "spend": spend, "channel": channel,
         "visited": visits.astype(int), "bought": buys.astype(int)}
    )  # fmt: skip


class Straight:
    """A margin that is a straight line in two columns."""

    iterations = 1

    def __init__(self, slopes: list[float], shift: float) -> None:
        self.slopes, self.shift = np.asarray(slopes), shift

    def margin(self, table: pd.DataFrame) -> np.ndarray:
        return table.to_numpy() @ self.slopes + self.shift

    def contributions(self, table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        return table.to_numpy() * self.slopes, np.full(len(table), self.shift)


ROWS = pd.DataFrame(np.random.default_rng(2).normal(0, 3, (200, 2)), columns=["a", "b"])
ENCODER = TableEncoder().fit(ROWS, ["a", "b"])
NUMBER = st.floats(-4, 4)


def two_stage_of(
    response: list[float], conversion: list[float], shift: float = 0.0, steep: float = 1.0
) -> TwoStageModel:
    return TwoStageModel(
        ENCODER,
        {
            RESPONSE: Stage("lightgbm", [Straight(response, shift)], PlattCalibrator(-0.5, steep)),
            CONVERSION: Stage("lightgbm", [Straight(conversion, -shift)], BetaCalibrator(0.3, steep, 0.5)),
        },
    )


@settings(max_examples=60, deadline=None)
@given(NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, st.floats(0.01, 30))
def test_a_conversion_is_never_likelier_than_the_response_it_needs(a, b, c, d, shift, steep):
    two_stage = two_stage_of([a, b], [c, d], shift, steep)
    p = np.exp(two_stage.margin(ROWS))
    assert np.all(p <= np.exp(two_stage.log_probabilities(ROWS)[RESPONSE]))
    assert np.all(p <= np.exp(two_stage.log_probabilities(ROWS)[CONVERSION]))
    assert np.all(p >= 0)


@settings(max_examples=60, deadline=None)
@given(NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, st.floats(0.01, 30))
def test_contributions_and_base_add_up_to_the_margin(a, b, c, d, shift, steep):
    two_stage = two_stage_of([a, b], [c, d], shift, steep)
    phi, base = two_stage.contributions(ROWS)
    np.testing.assert_allclose(phi.sum(axis=1) + base, two_stage.margin(ROWS), rtol=1e-9, atol=1e-7)


def test_a_column_of_one_link_only_keeps_its_sign_and_its_place():
    two_stage = two_stage_of([1.0, 0.0], [0.0, -2.0])
    phi, _ = two_stage.contributions(ROWS)
    assert np.all(np.sign(phi[:, 0]) == np.sign(ROWS["a"]))
    assert np.all(np.sign(phi[:, 1]) == -np.sign(ROWS["b"]))


def test_where_contributions_cancel_the_columns_still_count():
    two_stage = two_stage_of([1.0, -1.0], [1.0, 1.0])
    phi, base = two_stage.contributions(pd.DataFrame({"a": [2.0], "b": [2.0]}))
    assert phi[0, 0] > 0.2
    np.testing.assert_allclose(
        phi.sum(axis=1) + base, two_stage.margin(pd.DataFrame({"a": [2.0], "b": [2.0]})), atol=1e-9
    )


def test_a_response_column_belongs_to_a_question_about_conversion():
    assert is_two_stage(SPEC)
    assert not is_two_stage(replace(SPEC, response_column=None))
    with pytest.raises(BadInput, match="is only for conversion"):
        is_two_stage(replace(SPEC, kind="response"))
    with pytest.raises(BadInput, match="cannot be corrected to a population event rate"):
        is_two_stage(replace(SPEC, population_rate=0.01))


def test_a_few_conversions_without_a_response_on_record_count_as_responses_and_many_are_refused():
    table = visitors()
    y = table["bought"].to_numpy(dtype=float)
    bought = np.flatnonzero(y == 1)
    table.loc[bought[:3], "visited"] = 0
    assert read_responses(SPEC, table, y)[bought[:3]].tolist() == [1, 1, 1]
    table.loc[bought[: len(bought) // 2], "visited"] = 0
    with pytest.raises(BadInput, match="of the customers who converted did not respond according to visited"):
        read_responses(SPEC, table, y)


def test_too_few_conversions_make_no_two_stage_model_and_it_is_told():
    table = visitors(400)
    responded = np.flatnonzero(table["visited"] == 1)
    table["bought"] = 0
    table.loc[responded[:14], "bought"] = 1
    table.loc[responded[14:], "visited"] = 0
    told = []
    data = prepare(SPEC, table)
    assert make_two_stage(SPEC, data, Run.begun(SPEC.budget, told.append), None) is None
    (skipped,) = [event for event in told if isinstance(event, Skipped)]
    assert "each needs at least 10" in skipped.message % skipped.params


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    told = []
    result = run_experiment(SPEC, visitors(), work_dir=tmp_path_factory.mktemp("two_stage"), on_progress=told.append)
    return result, told


def row_of(result, candidate="two_stage"):
    return next(row for row in result.finalists if row.candidate == candidate)


@pytest.mark.slow
def test_two_stage_and_direct_models_stand_on_one_leaderboard_and_are_compared(finished):
    result, told = finished
    names = {row.candidate for row in result.finalists}
    assert {"two_stage", "scorecard", "baseline"} <= names
    row = row_of(result)
    assert set(row.metrics) == {"validation", "held_out", "train"}
    assert row.metrics["validation"]["auc"]["value"] > 0.6
    assert 0.7 < row.metrics["validation"]["calibration_slope"]["value"] < 1.4
    assert row.evidence["difference"].keys() == names - {"two_stage"}
    sentences = [event.message % event.params for event in told if isinstance(event, Said)]
    assert any(sentence.startswith("Two-stage model: AUC 0.") for sentence in sentences)
    assert len({trial.number for trial in result.trials}) == len(result.trials)
    assert result.out_of_time_readings == 1


@pytest.mark.slow
def test_a_saved_two_stage_model_scores_bit_for_bit_the_same_with_bands_and_reasons(finished, tmp_path):
    row = row_of(finished[0])
    loaded = ModelArtifact.load(row.model_dir)
    assert loaded.hash == row.model_hash
    rows = visitors(300, seed=5).drop(columns=["visited", "bought"])
    assert loaded.save(tmp_path / "again") == row.model_hash
    again = ModelArtifact.load(tmp_path / "again")
    np.testing.assert_array_equal(loaded.predict(rows), again.predict(rows))
    scored = loaded.score(rows, reasons=4).frame
    assert list(scored.columns) == ["id", "probability", "score", "band", *(f"reason_{n}" for n in range(1, 5))]
    assert set(scored["band"]) <= set("ABCDE")
    assert scored.loc[scored["band"].isin(["A", "B"]), "reason_1"].str.len().gt(0).all()
    phi, base = loaded.contributions(rows)
    np.testing.assert_allclose(phi.sum(axis=1) + base, loaded.margin(rows), atol=1e-9)
    np.testing.assert_allclose(np.exp(loaded.margin(rows)), loaded.predict(rows), rtol=1e-9)
    (two_stage,) = loaded.members
    response = np.exp(two_stage.log_probabilities(rows[loaded.columns])[RESPONSE])
    assert np.all(loaded.predict(rows) <= response)


@pytest.mark.slow
def test_a_file_is_scored_by_a_two_stage_model_as_by_any_model(finished, tmp_path):
    row = row_of(finished[0])
    visitors(50, seed=6).drop(columns=["visited", "bought"]).to_csv(tmp_path / "rows.csv", index=False)
    summary = score_file(row.model_dir, tmp_path / "rows.csv", out_csv=tmp_path / "scores.csv", reasons=2)
    assert (summary.rows, summary.kind, summary.model_hash) == (50, "conversion", row.model_hash)
    manifest = json.loads((row.model_dir / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["learner"] == "two_stage"
    assert set(manifest["facts"]["params"]) == {RESPONSE, CONVERSION}


@pytest.mark.slow
def test_counted_trials_make_the_same_two_stage_model_again(finished, tmp_path):
    again = run_experiment(SPEC, visitors(), work_dir=tmp_path)
    assert row_of(again).model_hash == row_of(finished[0]).model_hash


@pytest.mark.slow
@pytest.mark.parametrize("trials", [1, 4])
def test_trials_of_both_links_are_among_those_asked_for_and_told_as_they_end(trials, tmp_path):
    told = []
    spec = replace(SPEC, budget=SearchBudget(None, trials), learners=("lightgbm",))
    result = run_experiment(spec, visitors(), work_dir=tmp_path, on_progress=told.append)
    counted = [trial for trial in result.trials if trial.is_counted]
    assert len(counted) == trials
    assert {trial.stage for trial in result.trials} == {"", RESPONSE, CONVERSION}
    assert [event.trial for event in told if isinstance(event, TrialFinished)] == list(result.trials)
    shares = [event.fraction for event in told if isinstance(event, Tick)]
    assert shares == sorted(shares)
    assert row_of(result).model_dir is not None
    # What a stage found is no candidate for the question itself.
    own = {trial.learner for trial in result.trials if not trial.stage}
    assert {row.learner for row in result.finalists} - {"two_stage", "ensemble"} == own


def test_where_too_few_responded_for_two_stages_the_direct_search_gets_every_trial():
    table = visitors(300)
    table["visited"] = [1] * 20 + [0] * 280
    table["bought"] = [1] * 18 + [0] * 282
    spec = replace(SPEC, budget=SearchBudget(None, 10))
    assert not has_enough(prepare(spec, table))
    assert direct_spec(spec, prepare(spec, table)).budget.trials == 10
    assert direct_spec(spec, prepare(spec, visitors())).budget.trials == 6


@pytest.mark.slow
def test_a_two_stage_model_under_the_clock_is_repeated_exactly_from_its_story(tmp_path):
    spec = replace(SPEC, budget=SearchBudget(12.0), learners=("lightgbm",))
    first = run_experiment(spec, visitors(), work_dir=tmp_path / "first")
    replay = Replay.of(first.finalists[0].model_dir)
    again = run_experiment(replay.spec, visitors(), work_dir=tmp_path / "again", replay=replay)
    hashes = [{row.candidate: row.model_hash for row in result.finalists} for result in (first, again)]
    assert hashes[0] == hashes[1]


@pytest.mark.slow
def test_who_ends_a_run_while_its_stages_are_made_does_not_wait_for_both_models(tmp_path):
    told = []

    def enough(event):
        told.append(event)
        if isinstance(event, TrialFinished) and event.trial.stage == RESPONSE:
            raise FinishNow

    result = run_experiment(SPEC, visitors(), work_dir=tmp_path, on_progress=enough)
    assert "two_stage" not in {row.candidate for row in result.finalists}
    assert Skipped("two_stage", ENDED_BEFORE_STAGES, {}) in told
    assert {trial.stage for trial in result.trials} == {"", RESPONSE}
