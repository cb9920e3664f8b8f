"""The exported list of trials is really all that is needed: a file and a list make the same models again."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import DatasetVersion
from checks import tables as check_tables
from experiments.__main__ import main
from experiments.artifact.manifest import read_manifest
from experiments.data.sample.definition import SampleDefinition
from experiments.data.sample.rules import Rule
from experiments.ingest.reading import ReadingOptions, ingest_files
from jobs.models import Job, JobState
from planning.plans.plan import Plan
from planning.plans.spec import spec_of
from planning.services.drafting import save_plan
from planning.services.starting import start_experiment
from tests.experiments.customers import customers
from training.models import Budget, Experiment, ExperimentState


def _read_with_semicolons(version: DatasetVersion, media: Path) -> Path:
    """Give the version a file that has to be read as somebody chose, and return the file."""
    table = customers(400)
    table["month"] = [f"2025-{1 + number // 40:02d}-15" for number in range(400)]
    file = media / "loans.csv"
    table[["month", "age", "bad"]].to_csv(file, index=False, sep=";")
    ingest_files([(file, file.name)], media / "loans.parquet", options=ReadingOptions(delimiter=";"))
    version.sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    version.reading = {"delimiter": ";"}
    version.save()
    return file


PLANS: dict[str, dict[str, Any]] = {
    "counted trials": {"budget": Budget.TRIALS, "trials": 2},
    "under the clock": {"budget": Budget.CUSTOM, "seconds": 10},
}


@pytest.mark.slow
@pytest.mark.parametrize("budget", PLANS)
def test_the_exported_list_and_the_file_make_the_same_model_on_the_command_line(
    draft: Experiment, version: DatasetVersion, run_jobs: Callable[[], list[Job]], client: Client,
    settings: Any, tmp_path: Path, budget: str, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    file = _read_with_semicolons(version, Path(settings.MEDIA_ROOT))
    check = draft.data_check
    check.sample = SampleDefinition(exclusions=(Rule("age", "at_least", "66"),)).to_dict()
    check_tables.make_table(check, "yes", lambda _share: None)
    check.save()
    Job.objects.all().delete()
    plan = Plan(
        **PLANS[budget], learners=("linear",), seed=5, embargo_days=20, special_values={"age": [30.0]},
        monotone={"age": -1},
    )  # fmt: skip
    save_plan(draft, plan)
    start_experiment(draft, draft.owner)
    assert run_jobs()[0].state == JobState.SUCCEEDED
    draft.refresh_from_db()
    assert draft.state == ExperimentState.FINISHED
    client.force_login(draft.owner)
    exported = tmp_path / "trials.json"
    answer = client.get(reverse("experiment_trials_json", args=[draft.pk]))
    exported.write_bytes(b"".join(answer.streaming_content))
    hashes = dict(draft.leaderboard.values_list("candidate", "model_hash"))
    recommended = draft.leaderboard.get(is_recommended=True).candidate

    again = main(["fit", str(file), "--replay", str(exported), "--out", str(tmp_path / "again")])

    assert again == 0, capsys.readouterr().out
    assert read_manifest(tmp_path / "again")["hash"] == hashes[recommended]
    if budget == "counted trials":
        anew = main(["fit", str(file), "--settings", str(exported), "--single", "--out", str(tmp_path / "anew")])
        assert anew == 0
        assert read_manifest(tmp_path / "anew")["hash"] == hashes[recommended]
    file.write_text(file.read_text().replace(";no", ";yes", 40))
    assert main(["fit", str(file), "--replay", str(exported), "--out", str(tmp_path / "other")]) == 1
    assert "is not the file of that run" in capsys.readouterr().out


def test_a_list_that_is_none_or_of_a_run_that_goes_on_is_refused_in_one_sentence(
    client: Client, draft: Experiment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "rows.csv").write_text("a,b\n1,2\n")
    Experiment.objects.filter(pk=draft.pk).update(spec=spec_of(draft).to_dict(), state=ExperimentState.RUNNING)
    client.force_login(draft.owner)
    answer = client.get(reverse("experiment_trials_json", args=[draft.pk]))
    (tmp_path / "early.json").write_bytes(b"".join(answer.streaming_content))
    (tmp_path / "none.json").write_text("[1]")
    for name, sentence in (
        ("early", "exported before its run had ended"),
        ("none", "is not an exported list of trials"),
    ):
        told = ["fit", str(tmp_path / "rows.csv"), "--replay", str(tmp_path / f"{name}.json"), "--out", "x"]
        assert main(told) == 2
        assert sentence in capsys.readouterr().err
