"""Models side by side: asked for once, worked out by a worker, shown to whoever may see all of them."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from sklearn.metrics import roc_auc_score

from accounts.models import Role, User, Workspace
from catalog.models import Column
from comparisons import services
from comparisons.models import ModelComparison
from comparisons.queries.setup import setup_of
from comparisons.queries.subjects import Subject, subjects_named, with_models
from experiments.artifact.held_out_scores import read_held_out
from jobs.models import Job, JobState
from training.models import Experiment, Trial

pytestmark = pytest.mark.slow

RunJobs = Callable[[], list[Job]]
Make = Callable[..., Experiment]


def codes_of(experiment: Experiment, *candidates: str) -> list[str]:
    return [f"f-{experiment.leaderboard.get(candidate=name).pk}" for name in candidates]


def address(codes: list[str], **more: Any) -> str:
    query = "&".join([*(f"m={code}" for code in codes), *(f"{name}={value}" for name, value in more.items())])
    return f"{reverse('compare')}?{query}"


def compared(codes: list[str], workspace: Workspace, user: User, run_jobs: RunJobs, **more: Any) -> ModelComparison:
    subjects = subjects_named(codes, workspace)
    comparison = services.ask(subjects, workspace=workspace, user=user, **more)
    run_jobs()
    comparison.refresh_from_db()
    return comparison


def test_finalists_are_compared_on_the_rows_that_all_held_out(
    real_experiment: Make, workspace: Workspace, analyst: User, run_jobs: RunJobs
) -> None:
    experiment = real_experiment()
    codes = codes_of(experiment, "scorecard", "linear", "baseline")
    found = compared(codes, workspace, analyst, run_jobs).found.compared
    assert found is not None
    kept = read_held_out(experiment.leaderboard.get(candidate="linear").experiment.work_dir / "models" / "linear")
    assert kept is not None
    assert found.rows == len(kept.rows)
    assert found.models[1].measures["auc"].value == pytest.approx(roc_auc_score(kept.outcomes, kept.p))
    assert [each.name for each in found.against] == ["B", "C"]
    assert sum(month.rows for month in found.months) == found.rows
    assert found.against[0].swaps[0].equal_share.both.mean_amount is not None
    assert {segment.column for segment in found.against[0].swaps[0].segments} >= {"region"}
    shown = next(swap.rows for swap in found.against[0].swaps if swap.rows)
    assert all(each.customer.startswith("****") for each in shown)


def test_the_same_models_on_the_same_rows_are_compared_once(
    real_experiment: Make, workspace: Workspace, analyst: User, admin: User, run_jobs: RunJobs
) -> None:
    codes = codes_of(real_experiment(), "scorecard", "linear")
    first = compared(codes, workspace, analyst, run_jobs)
    again = services.ask(subjects_named(codes, workspace), workspace=workspace, user=admin)
    assert again.pk == first.pk
    assert Job.objects.count() == 1
    other_first = services.ask(subjects_named(codes[::-1], workspace), workspace=workspace, user=admin)
    assert other_first.pk != first.pk


def test_models_of_different_tables_are_refused_until_they_score_one_version(
    real_experiment: Make, workspace: Workspace, analyst: User, run_jobs: RunJobs
) -> None:
    old = real_experiment()
    new = real_experiment("second", rows=1_200, seed=2, without=("debt",))
    codes = [*codes_of(old, "linear"), *codes_of(new, "linear")]
    refused = compared(codes, workspace, analyst, run_jobs).found
    assert refused.compared is None
    assert refused.refusal is not None
    assert "different data" in str(refused.refusal)
    readings = new.out_of_time_readings

    scored = compared(codes, workspace, analyst, run_jobs, version=new.version).found
    assert scored.compared is not None
    kept = read_held_out(new.work_dir / "models" / "linear")
    assert kept is not None
    # The old model has seen none of the new table, the new one all but what it had set aside.
    assert scored.compared.rows == len(kept.rows)
    assert scored.compared.models[1].measures["auc"].value == pytest.approx(
        roc_auc_score(kept.outcomes, kept.p), abs=1e-9
    )
    assert scored.compared.against[0].verdict == "worse"
    assert "now scored by all" in str(scored.how)
    assert "left out" in str(scored.how)
    assert Experiment.objects.get(pk=new.pk).out_of_time_readings == readings + 1


def test_the_page_starts_waits_and_shows(
    real_experiment: Make, workspace: Workspace, analyst: User, client_of: Callable[[User], Client], run_jobs: RunJobs
) -> None:
    codes = codes_of(real_experiment(), "baseline", "scorecard")
    browser = client_of(analyst)
    before = browser.get(address(codes)).content.decode()
    assert "have not been compared on the same rows yet" in before
    assert "Differences in settings" in before
    assert not ModelComparison.objects.exists()
    started = browser.post(reverse("compare_start"), {"m": codes})
    assert started.url == address(codes).replace("/compare/?", "/compare/?")
    waiting = browser.get(address(codes)).content.decode()
    assert "Cancel the comparison" in waiting
    run_jobs()
    page = browser.get(address(codes)).content.decode()
    assert "B ranks better than A" in page
    assert "Submit B for approval" in page
    for name in ("approvals", "spread", "psi", "roc", "ks", "gains", "calibration"):
        figure = page.split(f'<script id="{name}" type="application/json">')[1].split("</script>")[0]
        assert json.loads(figure)["data"]
    names = ("measures", "differences", "approvals", "roc", "gains", "ks", "calibration", "spread", "psi", "swaps",
             "segments", "swapped", "moved", "reliance")  # fmt: skip
    for name in names:
        answer = browser.get(reverse("compare_table", args=[name]) + "?" + address(codes).split("?")[1])
        assert answer.status_code == 200
        assert len(b"".join(answer).splitlines()) > 1
    kept = browser.get(reverse("compare_file") + "?" + address(codes).split("?")[1])
    assert b"Comparison of models" in kept.content


def test_money_of_the_switch_is_that_of_who_comes_in_less_who_leaves(
    real_experiment: Make, workspace: Workspace, analyst: User, client_of: Callable[[User], Client], run_jobs: RunJobs
) -> None:
    codes = codes_of(real_experiment(), "baseline", "scorecard")
    found = compared(codes, workspace, analyst, run_jobs).found.compared
    assert found is not None
    swap = next(one for one in found.against[0].swaps if one.share == 0.8)
    money = 0.0
    for cell, sign in ((swap.equal_share.swap_in, 1), (swap.equal_share.swap_out, -1)):
        bad = cell.customers * cell.event_rate.value
        money += sign * (100 * (cell.customers - bad) - 900 * bad)
    page = client_of(analyst).get(address(codes, share="0.8", gain="100", cost="900")).content.decode()
    assert f"{abs(round(money)):,}" in page.split('id="swap-says"')[1].split("</p>")[0]
    assert money == pytest.approx(-1_000 * found.rows * swap.events_change.value)


def says(browser: Client, codes: list[str], **asked: str) -> str:
    page = browser.get(address(codes, **asked)).content.decode()
    return page.split('id="swap-says"')[1].split("</p>")[0]


def test_money_of_the_switch_has_an_interval_at_an_equal_share_and_at_an_equal_rate(
    real_experiment: Make, workspace: Workspace, analyst: User, client_of: Callable[[User], Client], run_jobs: RunJobs
) -> None:
    codes = codes_of(real_experiment(), "baseline", "scorecard")
    found = compared(codes, workspace, analyst, run_jobs).found.compared
    assert found is not None
    swap = next(one for one in found.against[0].swaps if one.share == 0.8)
    ends = sorted(-1_000 * found.rows * end for end in (swap.events_change.low, swap.events_change.high))
    told = says(client_of(analyst), codes, share="0.8", gain="100", cost="900")
    assert "95% interval" in told
    for end in ends:
        assert f"{abs(round(end)):,}" in told
    assert "95% interval" in says(client_of(analyst), codes, share="0.8", gain="100", cost="900", at="rate")


def test_any_column_of_amounts_can_be_chosen_and_money_told_as_a_part_of_it(
    real_experiment: Make, workspace: Workspace, analyst: User, client_of: Callable[[User], Client], run_jobs: RunJobs
) -> None:
    experiment = real_experiment()
    codes = codes_of(experiment, "baseline", "scorecard")
    for position, (name, kind) in enumerate(
        (("debt", "numeric"), ("loan_amount", "numeric"), ("region", "categorical")), start=20
    ):
        Column.objects.create(version=experiment.version, position=position, name=name, type=kind)
    browser = client_of(analyst)
    compared(codes, workspace, analyst, run_jobs)
    page = browser.get(address(codes)).content.decode()
    offered = page.split('id="swap-amount"')[1].split("</select>")[0]
    assert '<option value="loan_amount" selected>' in offered
    assert 'value="debt"' in offered
    assert not any(f'value="{name}"' in offered for name in ("id", "month", "bad", "region"))
    answer = browser.post(reverse("compare_start"), {"m": codes, "amount": "debt"})
    assert "amount=debt" in answer.url
    run_jobs()
    assert ModelComparison.objects.get(amount="debt").found.amount == "debt"
    assert ModelComparison.objects.count() == 2
    # Three in a hundred of an amount gained, sixty lost.
    told = says(browser, codes, share="0.8", gain="3", cost="60", per="amount")
    found = ModelComparison.objects.get(amount="").found.compared
    assert found is not None
    swap = next(one for one in found.against[0].swaps if one.share == 0.8)
    assert swap.by_amount is not None
    change = swap.by_amount.money(without_event=0.03, with_event=-0.6)
    for value in (change.value, change.low, change.high):
        assert f"{abs(round(found.rows * value)):,}" in told


@pytest.mark.parametrize("amount", ["region", "nothing", "bad"])
def test_a_column_that_holds_no_amounts_is_no_column_of_amounts(
    real_experiment: Make, workspace: Workspace, analyst: User, client_of: Callable[[User], Client], amount: str
) -> None:
    codes = codes_of(real_experiment(), "baseline", "scorecard")
    answer = client_of(analyst).post(reverse("compare_start"), {"m": codes, "amount": amount})
    assert answer.status_code == 404
    assert not ModelComparison.objects.exists()


def test_a_card_cut_by_hand_is_told_as_such_and_not_by_the_whole_of_its_bins(real_experiment: Make) -> None:
    trial = Trial(learner="scorecard", params={"max_binned": 9, "by_hand": {"columns": [{"name": "age", "bins": []}]}})
    lines = {line.label: line.cells[0].text for line in setup_of([Subject("t-1", "A", real_experiment(), trial=trial)])}
    assert lines["Hyper-parameters"] == "max_binned = 9, bins set by hand"


def test_how_models_were_made_is_carried_away_before_they_are_compared(
    real_experiment: Make, analyst: User, client_of: Callable[[User], Client]
) -> None:
    codes = codes_of(real_experiment(), "baseline", "scorecard")
    browser, query = client_of(analyst), "?" + address(codes).split("?")[1]
    assert reverse("compare_setup") in browser.get(address(codes)).content.decode()
    lines = b"".join(browser.get(reverse("compare_setup") + query)).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Setting,A: ")
    assert lines[0].endswith("Differs")
    assert any(line.startswith("Algorithm,") for line in lines)
    assert all(line.endswith("yes") for line in lines[1:])
    everything = b"".join(browser.get(reverse("compare_setup") + query + "&all=1")).decode("utf-8-sig").splitlines()
    assert len(everything) > len(lines)
    assert browser.get(reverse("compare_setup") + "?m=" + codes[0]).status_code == 404


def test_a_cancelled_comparison_is_not_begun_again_by_looking(
    real_experiment: Make, workspace: Workspace, analyst: User, client_of: Callable[[User], Client]
) -> None:
    codes = codes_of(real_experiment(), "baseline", "scorecard")
    browser = client_of(analyst)
    browser.post(reverse("compare_start"), {"m": codes})
    job = Job.objects.get()
    browser.post(reverse("job_cancel", args=[job.pk]), {"next": address(codes)})
    page = browser.get(address(codes)).content.decode()
    assert "was cancelled" in page
    assert 'hx-trigger="load"' not in page
    browser.post(reverse("compare_start"), {"m": codes, "again": "1"})
    assert Job.objects.filter(state=JobState.QUEUED).count() == 1


def test_a_failed_comparison_says_so_and_may_be_asked_for_again(
    real_experiment: Make, workspace: Workspace, analyst: User, client_of: Callable[[User], Client], run_jobs: RunJobs
) -> None:
    experiment = real_experiment()
    codes = codes_of(experiment, "baseline", "linear")
    manifest = experiment.work_dir / "models" / "linear" / "manifest.json"
    before = manifest.read_bytes()
    manifest.write_bytes(before.replace(b'"learner"', b'"lerner"'))
    comparison = compared(codes, workspace, analyst, run_jobs)
    assert not comparison.is_done
    assert "could not be compared" in client_of(analyst).get(address(codes)).content.decode()
    manifest.write_bytes(before)
    assert compared(codes, workspace, analyst, run_jobs).is_done


def test_a_trial_that_kept_no_model_is_shown_without_a_test(
    real_experiment: Make, workspace: Workspace, analyst: User, client_of: Callable[[User], Client]
) -> None:
    experiment = real_experiment()
    trial = Trial.objects.create(
        experiment=experiment, number=99, learner="lightgbm", backend="flaml", state="finished", auc=0.7123,
        params={"num_leaves": 7},
    )  # fmt: skip
    page = client_of(analyst).get(address([*codes_of(experiment, "linear"), f"t-{trial.pk}"])).content.decode()
    assert "0.7123" in page
    assert "num_leaves = 7" in page
    assert "only finalists and registered versions keep a model" in page


def test_what_differs_in_the_set_up_is_told_and_the_rest_is_not(
    real_experiment: Make, workspace: Workspace, analyst: User, client_of: Callable[[User], Client]
) -> None:
    old, new = real_experiment(), real_experiment("second", rows=1_200, seed=2, without=("debt",))
    codes = [*codes_of(old, "linear"), *codes_of(new, "linear")]
    page = client_of(analyst).get(address(codes)).content.decode().split('id="setup"')[1]
    assert "without debt" in page
    assert "Algorithm" not in page
    everything = client_of(analyst).get(address(codes, all="1")).content.decode().split('id="setup"')[1]
    assert "Algorithm" in everything


def test_a_stranger_sees_neither_page_nor_table_nor_starts_work(
    real_experiment: Make, other_workspace: Workspace, workspace: Workspace, analyst: User, run_jobs: RunJobs,
    add_person: Callable[..., User], client_of: Callable[[User], Client],
) -> None:  # fmt: skip
    codes = codes_of(real_experiment(), "baseline", "scorecard")
    compared(codes, workspace, analyst, run_jobs)
    stranger = client_of(add_person("stranger", Role.MODELER, other_workspace))
    assert stranger.get(address(codes)).status_code == 404
    assert stranger.post(reverse("compare_start"), {"m": codes}).status_code == 404
    table = reverse("compare_table", args=["measures"]) + "?" + address(codes).split("?")[1]
    assert stranger.get(table).status_code == 404
    assert Job.objects.count() == 1


def test_what_cannot_be_compared_leads_to_the_choice(
    real_experiment: Make, analyst: User, client_of: Callable[[User], Client]
) -> None:
    experiment = real_experiment()
    codes = codes_of(experiment, "linear", "baseline", "scorecard")
    browser = client_of(analyst)
    assert "Tick two to four" in browser.get(address(codes[:1])).content.decode()
    twice = browser.get(address([codes[0], codes[0]]))
    assert twice.status_code == 422
    assert "named twice" in twice.content.decode()
    assert browser.get(address([*codes, *codes])).status_code == 422
    assert browser.get(address([codes[0], "f-999999"])).status_code == 404
    assert browser.get(address([codes[0], "x"])).status_code == 404
    assert browser.get(address(codes[:2], on="nonsense")).status_code == 404


def test_the_page_opens_no_model_and_no_table(
    real_experiment: Make, workspace: Workspace, analyst: User, client_of: Callable[[User], Client],
    run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    codes = codes_of(real_experiment(), "baseline", "scorecard")
    compared(codes, workspace, analyst, run_jobs)

    def refuse(*_args: Any, **_more: Any) -> None:
        raise AssertionError("opened in the web process")

    monkeypatch.setattr("experiments.artifact.model.ModelArtifact.load", refuse)
    monkeypatch.setattr("pyarrow.parquet.read_table", refuse)
    monkeypatch.setattr("pyarrow.parquet.ParquetFile", refuse)
    assert client_of(analyst).get(address(codes)).status_code == 200


def test_the_first_page_shows_the_newest_verdict(
    real_experiment: Make, workspace: Workspace, analyst: User, client_of: Callable[[User], Client], run_jobs: RunJobs
) -> None:
    codes = codes_of(real_experiment(), "baseline", "scorecard")
    browser = client_of(analyst)
    assert "Compare the finalists" in browser.get("/").content.decode()
    compared(codes, workspace, analyst, run_jobs)
    assert "WOE scorecard ranks better than" in browser.get("/").content.decode()


def test_the_operation_starts_and_reads_a_comparison(
    real_experiment: Make, analyst: User, caller: Callable[[User], Client], run_jobs: RunJobs
) -> None:
    codes = codes_of(real_experiment(), "baseline", "scorecard")
    api = caller(analyst)
    started = api.post("/api/v1/model-comparisons", {"models": codes}, content_type="application/json")
    assert started.status_code == 202
    run_jobs()
    answer = api.get(f"/api/v1/model-comparisons/{started.json()['id']}").json()
    assert answer["state"] == "compared"
    assert answer["result"]["against"][0]["verdict"] == "better"
    assert np.isfinite(answer["result"]["against"][0]["measures"]["auc"]["p_holm"])
    unknown = api.post("/api/v1/model-comparisons", {"models": [codes[0], "f-999"]}, content_type="application/json")
    assert unknown.status_code == 404


def test_the_sample_s_finalists_are_compared_as_soon_as_they_are_there(
    real_experiment: Make, workspace: Workspace, run_jobs: RunJobs
) -> None:
    experiment = real_experiment()
    services.ask_for_sample(experiment)
    assert not Job.objects.exists()
    experiment.is_sample = True
    services.ask_for_sample(experiment)
    run_jobs()
    # Another model comes into the first places, and the samples are loaded again.
    second = experiment.leaderboard.filter(is_recommended=False).exclude(model_path="").order_by("rank").first()
    assert second is not None
    second.pk, second.candidate, second.rank = None, "by_hand", 0
    second.save()
    services.ask_for_sample(experiment)
    comparison = ModelComparison.objects.get()
    assert len(comparison.subjects) == services.SAMPLE_MODELS
    assert comparison.is_done


def test_the_page_takes_as_many_queries_for_four_models_as_it_has_models(
    real_experiment: Make, workspace: Workspace, analyst: User, client_of: Callable[[User], Client],
    run_jobs: RunJobs, django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    codes = codes_of(real_experiment(), "baseline", "scorecard", "linear")
    compared(codes, workspace, analyst, run_jobs)
    browser = client_of(analyst)
    browser.get(address(codes))
    with django_assert_max_num_queries(30):
        browser.get(address(codes))


def test_a_model_stands_before_a_trial_that_kept_none_so_that_letters_are_those_of_the_worker(
    real_experiment: Make, workspace: Workspace
) -> None:
    experiment = real_experiment()
    trial = Trial.objects.create(
        experiment=experiment, number=99, learner="lightgbm", backend="flaml", state="finished", auc=0.7
    )
    first, last = codes_of(experiment, "baseline", "scorecard")
    subjects = subjects_named([first, f"t-{trial.pk}", last], workspace)
    assert [(each.letter, each.code) for each in subjects] == [("A", first), ("B", last), ("C", f"t-{trial.pk}")]
    alone = subjects_named([first, last], workspace)
    assert [each.letter for each in with_models(subjects)] == [each.letter for each in alone]


def table_text(browser: Client, name: str, codes: list[str]) -> str:
    answer = browser.get(reverse("compare_table", args=[name]) + "?" + address(codes).split("?")[1])
    return b"".join(answer).decode("utf-8-sig")


def test_tables_to_take_away_speak_the_words_of_the_page_and_that_of_the_ks_has_its_axis(
    real_experiment: Make, workspace: Workspace, analyst: User, client_of: Callable[[User], Client], run_jobs: RunJobs
) -> None:
    codes = codes_of(real_experiment(), "baseline", "scorecard")
    found = compared(codes, workspace, analyst, run_jobs).found.compared
    assert found is not None
    browser = client_of(analyst)
    differences = table_text(browser, "differences", codes).splitlines()
    assert [line.split(",")[1] for line in differences[1:]] == ["AUC", "KS", "Lift"]
    assert differences[1].endswith(",Better")
    groups = {line.split(",")[3] for line in table_text(browser, "swaps", codes).splitlines()[1:]}
    assert groups == {"Chosen by both", "Swapped in", "Swapped out", "Chosen by neither"}
    assert "observed_expected" not in table_text(browser, "measures", codes)
    ks = [line.split(",") for line in table_text(browser, "ks", codes).splitlines()]
    assert ks[0] == ["Model", "Share", "Events captured", "Non-events included", "Gap"]
    own = [line for line in ks[1:] if line[0] == "B"]
    assert [float(line[1]) for line in own] == pytest.approx(found.models[1].curves.ks.share)
    assert max(float(line[4]) for line in own) == pytest.approx(found.models[1].curves.ks.ks, abs=1e-3)
    assert all(float(line[4]) == pytest.approx(float(line[2]) - float(line[3]), abs=1e-3) for line in own)
