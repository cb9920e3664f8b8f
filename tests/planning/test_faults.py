"""A search that is struck: by a killed worker, by a power cut, by an impatient double click."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.platform_process import ROOT, wait_until
from tests.running_platform import Caller, PlatformWithoutSamples

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]
GERMAN = ROOT / "platform" / "catalog" / "samples" / "german_credit.csv.gz"
ENDED = ("finished", "failed", "cancelled")
BUSY_SECONDS = 240  # a worker that starts on a busy machine imports for a minute before it works


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlatformWithoutSamples]:
    process = PlatformWithoutSamples(tmp_path_factory.mktemp("platform") / "var")
    yield process
    process.stop_for_good()


@pytest.fixture
def platform(kept: PlatformWithoutSamples) -> PlatformWithoutSamples:
    kept.be_up()
    return kept


@pytest.fixture
def caller(platform: PlatformWithoutSamples) -> Caller:
    return platform.caller("analyst")


def test_a_search_outlives_a_killed_worker_and_a_killed_platform(
    platform: PlatformWithoutSamples, caller: Caller
) -> None:
    # Far more time than it needs: the test ends the search, however slow the machine is.
    experiment = checked_experiment(caller, seconds=600)
    caller.post(f"/experiments/{experiment}/start")
    wait_until(lambda: len(trials_of(caller, experiment)) >= 3, BUSY_SECONDS, "the first trials are there")

    before = trials_of(caller, experiment)
    os.kill(platform.child("worker 1 for experiments"), signal.SIGKILL)
    wait_until(lambda: len(trials_of(caller, experiment)) > len(before), BUSY_SECONDS, "the run goes on by itself")
    assert trials_of(caller, experiment)[: len(before)] == before

    kept = trials_of(caller, experiment)
    platform.kill()
    platform.forget_log()
    platform.start()
    wait_until(
        lambda: len(trials_of(caller, experiment)) > len(kept) or state_of(caller, experiment) in ENDED,
        BUSY_SECONDS,
        "the run continues after the next start",
    )
    caller.post(f"/experiments/{experiment}/finish")
    wait_until(lambda: state_of(caller, experiment) in ENDED, BUSY_SECONDS, "the run ends")

    assert state_of(caller, experiment) == "finished"
    trials = trials_of(caller, experiment)
    assert trials[: len(kept)] == kept
    numbers = [trial["number"] for trial in trials]
    assert len(numbers) == len(set(numbers))
    assert any(row["is_recommended"] for row in caller.get(f"/experiments/{experiment}/leaderboard"))


def test_a_double_click_starts_one_run(platform: PlatformWithoutSamples, caller: Caller) -> None:
    experiment = checked_experiment(caller, seconds=20)
    with ThreadPoolExecutor(4) as clicks:
        answers = list(clicks.map(lambda _: caller.post(f"/experiments/{experiment}/start"), range(4)))

    assert {answer["id"] for answer in answers} == {experiment}
    begun = f"Job.objects.filter(kind='experiment', subject_id={experiment}).count()"
    count = platform.manage("shell", "-c", f"from jobs.models import Job; print('JOBS', {begun})")
    assert "JOBS 1" in count.stdout


def checked_experiment(caller: Caller, *, seconds: int) -> int:
    version = caller.upload("/datasets", GERMAN)["id"]
    wait_until(lambda: caller.get(f"/datasets/{version}")["state"] == "ready", BUSY_SECONDS, "the file is read")
    question = {
        "name": "Struck",
        "kind": "default",
        "dataset_version_id": version,
        "target": "creditability",
        "event": "bad",
        "budget_seconds": seconds,
    }
    experiment = int(caller.post("/experiments", question)["id"])
    wait_until(
        lambda: caller.get(f"/experiments/{experiment}")["check_state"] == "ready", BUSY_SECONDS, "the check ends"
    )
    return experiment


def trials_of(caller: Caller, experiment: int) -> list[dict[str, Any]]:
    return list(caller.get(f"/experiments/{experiment}/trials"))


def state_of(caller: Caller, experiment: int) -> str:
    return str(caller.get(f"/experiments/{experiment}")["state"])
