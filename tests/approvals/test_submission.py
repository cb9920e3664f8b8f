"""Submitting a finalist: who may, what is copied, and what the checks say."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from approvals.services.decision import decide
from audit.models import AuditEntry
from experiments.artifact.manifest import attach
from experiments.errors import ArtifactError
from registry.models import ApprovalRequest, ModelVersion, RegisteredModel
from registry.queries.signed import digest_of
from registry.services.errors import RegistryError
from tests.conftest import PASSWORD
from tests.registry.conftest import GOOD_METRICS, deciles, sample, submit_gathered

pytestmark = pytest.mark.database


def states(version: ModelVersion) -> dict[str, str]:
    return {check.code: check.state for check in version.evidence_checks.all()}


def test_a_submission_makes_a_version_with_a_verified_copy_and_an_audit_entry(
    finished_experiment: Any, analyst: Any, settings: Any
) -> None:
    row = finished_experiment().leaderboard.get(candidate="scorecard")

    request = submit_gathered(row, analyst, "Phone", "Rank the call list", "First try")

    version = request.model_version
    assert (version.state, version.alias, version.number) == ("submitted", "", 1)
    assert (request.author, request.maker, request.decision) == (analyst, analyst, "pending")
    copied = Path(settings.MEDIA_ROOT) / version.artifact_path
    assert sorted(path.name for path in copied.iterdir()) == ["evidence.json", "manifest.json", "model.json"]
    entry = AuditEntry.objects.get(action="model_version.submitted")
    assert entry.details == {
        "artifact": row.model_hash,
        "seal": row.model_seal,
        "path": version.artifact_path,
        "author": "analyst",
        "participants": ["analyst"],
        "checks": digest_of(version.evidence_checks.all()),
        "experiment": row.experiment_id,
        "candidate": "scorecard",
    }


def test_checks_are_filled_and_what_was_not_measured_is_told_as_missing(submitted: Any) -> None:
    assert states(submitted().model_version) == {
        "sample": "passed",
        "leakage": "passed",
        "held_out": "passed",
        "overfit": "passed",
        "stability": "passed",
        "calibration": "passed",
        "deciles": "passed",
        "fairness": "missing",
        "signs": "passed",
        "rerun": "missing",
        "reasons": "passed",
        "fallback": "warning",
        "report": "missing",
    }


@pytest.mark.parametrize(
    ("facts", "code", "state"),
    [
        ({"events": 200}, "sample", "warning"),
        ({"events": 20}, "sample", "missing"),
        ({"metrics": {**GOOD_METRICS, "train": sample(0.9, 0.6)}}, "overfit", "failed"),
        ({"metrics": {"validation": GOOD_METRICS["validation"]}}, "overfit", "missing"),
        ({"metrics": {"validation": GOOD_METRICS["validation"]}}, "held_out", "missing"),
        ({"metrics": {**GOOD_METRICS, "out_of_time": {}, "held_out": sample(0.75, 0.38)}}, "held_out", "warning"),
        ({"metrics": {**GOOD_METRICS, "out_of_time": sample(0.48, 0.02)}}, "held_out", "failed"),
        ({"metrics": {**GOOD_METRICS, "out_of_time": sample(0.75, 0.38, slope=0.6)}}, "calibration", "failed"),
        ({"metrics": {**GOOD_METRICS, "out_of_time": sample(0.75, 0.38, ratio=1.2)}}, "calibration", "warning"),
        ({"evidence": {"score_psi": 0.31}}, "stability", "failed"),
        ({"evidence": {"score_psi": 0.12}}, "stability", "warning"),
        ({"evidence": {"score_psi": None}}, "stability", "missing"),
    ],
)
def test_a_check_says_what_the_evidence_says(submitted: Any, facts: dict[str, Any], code: str, state: str) -> None:
    assert states(submitted(**facts).model_version)[code] == state


def test_a_used_column_the_data_check_warned_about_is_named(finished_experiment: Any, analyst: Any) -> None:
    experiment = finished_experiment()
    finding = experiment.data_check.findings.get()
    finding.column.name = "age"
    finding.column.save()

    request = submit_gathered(experiment.leaderboard.get(rank=1), analyst, "Phone", "Rank the call list")

    check = request.model_version.evidence_checks.get(code="leakage")
    assert (check.state, check.value["params"]) == ("warning", {"columns": ["age"]})


def test_deciles_out_of_order_fail_unless_too_few_events_say_so(
    finished_experiment: Any, analyst: Any, settings: Any
) -> None:
    rates = [0.2, 0.3, 0.4, 0.3, 0.2, 0.2, 0.1, 0.1, 0.05, 0.01]
    found = {}
    for events in (40, 9):
        row = finished_experiment(name=f"With {events}").leaderboard.get(rank=1)
        evidence = json.dumps({"out_of_time": {"deciles": deciles(rates, events=events)}})
        row.model_seal = attach(Path(settings.MEDIA_ROOT) / row.model_path, {"evidence.json": evidence})["seal"]
        row.save()
        found[events] = states(submit_gathered(row, analyst, f"With {events}").model_version)["deciles"]

    assert found == {40: "failed", 9: "passed"}


def test_five_numbers_are_kept_with_the_version(submitted: Any) -> None:
    assert submitted().model_version.metrics["numbers"] == {
        "ks": {"value": 0.38, "low": 0.36, "high": 0.4, "sample": "out_of_time", "is_enough": True},
        "gap": {"value": 0.04, "shown": "0.040", "is_rise": False, "limit": 0.084, "state": "kept", "is_enough": True},
        "score_psi": {"value": 0.04, "limit": 0.1, "state": "kept", "is_enough": True, "by_chance": 0.0},
        "worst_segment": {"value": 0.652, "column": "contact", "kind": "level", "label": "landline"},
        "milliseconds": {"value": 0.4},
    }


def test_submitting_twice_asks_once(finished_experiment: Any, analyst: Any) -> None:
    row = finished_experiment().leaderboard.get(rank=1)

    first = submit_gathered(row, analyst, "Phone", "Rank the call list")
    second = submit_gathered(row, analyst, "Phone", "Rank the call list")

    assert first == second
    assert ModelVersion.objects.count() == 1


@pytest.mark.parametrize("name", ["model.json", "evidence.json", "added.json"])
def test_altered_model_files_are_refused_and_leave_nothing(
    finished_experiment: Any, analyst: Any, settings: Any, name: str
) -> None:
    row = finished_experiment().leaderboard.get(rank=1)
    (Path(settings.MEDIA_ROOT) / row.model_path / name).write_text("{}")

    with pytest.raises(ArtifactError) as refused:
        submit_gathered(row, analyst, "Phone", "Rank the call list")

    assert refused.value.params == {"file": name}
    assert not RegisteredModel.objects.exists()
    assert list((Path(settings.MEDIA_ROOT) / "registry").rglob("*.json")) == []


def test_a_name_and_a_purpose_are_needed(finished_experiment: Any, analyst: Any) -> None:
    with pytest.raises(RegistryError, match="Give the model a name"):
        submit_gathered(finished_experiment().leaderboard.get(rank=1), analyst, "Phone", " ")


def test_a_name_in_use_for_another_kind_of_question_is_refused(submitted: Any) -> None:
    submitted()

    with pytest.raises(RegistryError, match="Phone is a model for another kind of question"):
        submitted(kind="default")


def test_the_owner_and_a_modeler_submit_but_a_colleague_and_a_stranger_do_not(
    finished_experiment: Any, add_person: Any, modeler: Any, stranger: Any
) -> None:
    row = finished_experiment().leaderboard.get(rank=1)

    for person in (add_person("colleague"), stranger):
        with pytest.raises(PermissionDenied):
            submit_gathered(row, person, "Phone", "Rank the call list")
    assert submit_gathered(row, modeler, "Phone", "Rank the call list").author == modeler


def test_a_version_sent_back_is_taken_up_again_with_the_same_number(submitted: Any, admin: Any, analyst: Any) -> None:
    first = submitted()
    decide(first, admin, "change", "Say what it is for", PASSWORD)

    again = submit_gathered(first.model_version.leaderboard_row, analyst, "Phone", "Call savers in May")

    assert again != first
    assert again.model_version == first.model_version
    assert (again.model_version.purpose, again.model_version.state) == ("Call savers in May", "submitted")
    assert ApprovalRequest.objects.count() == 2
