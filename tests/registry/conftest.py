"""A finished experiment with two finalists on disk, and a stand-in for the engine that loads them at once."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from math import nan
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from accounts.models import User, Workspace
from approvals.runner.dossier import gather
from approvals.services.submission import submit_for_approval
from catalog.models import Column, Dataset, DatasetVersion
from checks.models import DataCheck, Finding
from experiments.artifact.manifest import attach, write_manifest
from experiments.evaluation.deciles import DecileRow, DecileTable
from experiments.evaluation.segments import SegmentRow
from experiments.explanation.reason_codes.counts import ReasonCounts
from registry.evidence.checks import read_checks
from registry.evidence.reading import Reading
from registry.models import ApprovalRequest, Dossier
from registry.queries.artifacts import require_untouched
from tests.kept_rows import kept_row
from training.models import Experiment, ExperimentState, LeaderboardRow

FEATURES = ["age", "income"]


def metric(value: float, width: float = 0.02) -> dict[str, float]:
    return {"value": value, "low": round(value - width, 4), "high": round(value + width, 4)}


def sample(auc: float, ks: float, slope: float = 1.0, ratio: float = 1.0) -> dict[str, Any]:
    return {
        "auc": metric(auc),
        "ks": metric(ks),
        "calibration_slope": metric(slope),
        "observed_expected": metric(ratio),
    }


GOOD_METRICS = {"train": sample(0.78, 0.42), "validation": sample(0.77, 0.4), "out_of_time": sample(0.75, 0.38)}
SEGMENTS = [
    kept_row(SegmentRow, column="contact", kind="level", label="landline", auc=0.652, is_enough=True),
    kept_row(SegmentRow, column="contact", kind="level", label="cellular", auc=0.71, is_enough=True),
    kept_row(SegmentRow, column="job", kind="level", label="student", auc=nan, is_enough=False),
]
DECILES = [0.5, 0.4, 0.3, 0.25, 0.2, 0.15, 0.1, 0.08, 0.05, 0.02]


def deciles(rates: list[float], events: int = 40) -> dict[str, Any]:
    rows = [kept_row(DecileRow, event_rate=rate, row_events=events) for rate in rates]
    return kept_row(DecileTable, rows=(), edges=()) | {"rows": rows}


class StandInArtifact:
    """What the registry asks of an artifact: its hashes, its columns, its scores."""

    hash = seal = ""
    columns = [*FEATURES, "never_asked"]
    columns_heard = FEATURES
    importance = {"age": 0.75, "income": 0.25}
    members = (SimpleNamespace(card=SimpleNamespace(coefficients_=[0.4, 0.7])),)

    def __init__(self, folder: Path) -> None:
        self.learner = json.loads((folder / "model.json").read_text()).get("learner")

    def score(self, frame: pd.DataFrame, reasons: int = 4) -> Any:
        scored = pd.DataFrame({"band": list("AE"), "reason_1": ["Age is 30"] * len(frame)})
        return SimpleNamespace(reasons=ReasonCounts(rows=len(frame)), frame=scored)


def load_stand_in(folder: Path, expected_hash: str, seal: str = "") -> StandInArtifact:
    artifact = StandInArtifact(folder)
    artifact.hash, artifact.seal = expected_hash, require_untouched(folder, expected_hash, seal)
    return artifact


@pytest.fixture(autouse=True)
def stand_in_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("approvals.runner.dossier.verified", load_stand_in)


@pytest.fixture
def finished_experiment(workspace: Workspace, analyst: User, settings: Any) -> Callable[..., Experiment]:
    """Make a finished experiment: ``finished_experiment(owner=modeler, metrics={...})``."""

    def make(
        owner: User = analyst,
        *,
        name: str = "Phone campaign",
        kind: str = "response",
        metrics: dict[str, Any] = GOOD_METRICS,
        evidence: dict[str, Any] | None = None,
        events: int = 900,
    ) -> Experiment:
        experiment = make_experiment(workspace, owner, name=name, kind=kind, events=events)
        for rank, learner in enumerate(["scorecard", "lightgbm"], start=1):
            model_path = f"experiments/{experiment.pk}/models/{learner}"
            manifest = save_model(Path(settings.MEDIA_ROOT) / model_path, learner)
            LeaderboardRow.objects.create(
                experiment=experiment,
                candidate=learner,
                learner=learner,
                rank=rank,
                is_recommended=rank == 1,
                metrics=metrics,
                evidence={"score_psi": 0.04, "ms_per_row": 0.4, "features": 2, **(evidence or {})},
                model_path=model_path,
                model_hash=manifest["hash"],
                model_seal=manifest["seal"],
            )
        return experiment

    return make


def make_experiment(workspace: Workspace, owner: User, *, name: str, kind: str, events: int) -> Experiment:
    dataset = Dataset.objects.create(workspace=workspace, name=f"{name} data", owner=owner)
    version = DatasetVersion.objects.create(
        dataset=dataset,
        number=1,
        state="ready",
        owner=owner,
        file_name="rows.csv",
        source_path="rows.csv",
        parquet_path="rows.parquet",
        row_count=9000,
        sha256="ab" * 32,
    )
    check = DataCheck.objects.create(
        version=version,
        owner=owner,
        kind=kind,
        target="y",
        event="yes",
        state=DataCheck.State.READY,
        event_count=events,
        labelled_count=9000,
    )
    leak = Column.objects.create(version=version, position=0, name="duration", type="numeric")
    Finding.objects.create(check_of=check, code="ablation", severity="warning", column=leak, message="leaks")
    return Experiment.objects.create(
        workspace=workspace,
        name=name,
        kind=kind,
        owner=owner,
        version=version,
        data_check=check,
        state=ExperimentState.FINISHED,
        spec={"target": "y", "event": "yes", "kind": kind},
    )


def save_model(folder: Path, learner: str) -> dict[str, Any]:
    """Make a folder with a true manifest, though what it holds is no model that could score."""
    folder.mkdir(parents=True)
    (folder / "model.json").write_text(json.dumps({"learner": learner, "folder": str(folder)}))
    write_manifest(folder, {"learner": learner, "facts": {}, "versions": {}})
    evidence = json.dumps({"out_of_time": {"deciles": deciles(DECILES)}, "segments": SEGMENTS})
    manifest = attach(folder, {"evidence.json": evidence})
    rows = folder.parents[3] / "rows.parquet"
    pd.DataFrame({"age": [30.0, 40.0], "income": [1.0, 2.0]}).to_parquet(rows)
    return manifest


def submit_gathered(
    row: LeaderboardRow, user: User, name: str = "Phone", purpose: str = "Rank the call list", note: str = ""
) -> ApprovalRequest:
    """Submit a finalist once its evidence has been gathered, as a worker does."""
    gathered(row.experiment, row)
    return submit_for_approval(row, user, name, purpose, note)


def gathered(experiment: Experiment, row: LeaderboardRow | None = None) -> Experiment:
    """Return the experiment once the evidence of a finalist, the recommended one unless named, was gathered."""
    row = row or experiment.leaderboard.get(is_recommended=True)
    gather(Dossier(leaderboard_row=row, model_hash=row.model_hash), lambda **_progress: None)
    return experiment


@contextmanager
def nothing_missing(state: str) -> Iterator[None]:
    """Let what no check can measure here be read as measured: ``with nothing_missing("passed"): submitted()``."""

    def read(evidence: Any) -> dict[str, Reading]:
        found = read_checks(evidence)
        return {code: replace(r, state=state) if r.state == "missing" else r for code, r in found.items()}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("approvals.services.submission.read_checks", read)
        yield


@pytest.fixture
def submitted(finished_experiment: Callable[..., Experiment], analyst: User) -> Callable[..., ApprovalRequest]:
    """Submit a finalist of a new experiment: ``submitted(candidate="lightgbm", metrics={...})``."""

    def submit(
        owner: User = analyst, *, candidate: str = "scorecard", model: str = "Phone", **facts: Any
    ) -> ApprovalRequest:
        count = Experiment.objects.count() + 1
        experiment = finished_experiment(owner, name=f"Phone campaign {count}", **facts)
        row = experiment.leaderboard.get(candidate=candidate)
        return submit_gathered(row, owner, model, note="Please look at PSI.")

    return submit
