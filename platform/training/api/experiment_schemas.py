"""An experiment as the API tells it, with its findings and faults."""

from datetime import datetime
from typing import Any, Literal

from django.utils import timezone
from ninja import Field, Schema

from checks import attributes
from checks.models import DataCheck, Finding
from common.answers import OneOf
from experiments.spec import TARGET_KINDS
from jobs.models import Job
from training.models import Experiment, ExperimentState
from training.queries.outcome import doubts, ended_early
from training.words import LEARNERS, sentence

FAMILIES = tuple(LEARNERS)
Kind = Literal[TARGET_KINDS]  # type: ignore[valid-type]


class FindingOut(Schema):
    code: str
    severity: OneOf[Finding.Severity]
    column: str | None
    finding: str
    undone: bool
    took_out: bool = Field(description="whether the check took the column out; otherwise it only asks about it")
    months: list[str] = Field([], description="for ripening: the months that leave-out-immature leaves out")


class FaultOut(Schema):
    field: str
    fault: str


class ExperimentOut(Schema):
    id: int
    name: str
    kind: Kind
    owner: str
    dataset_version_id: int
    target: str
    event: str
    state: OneOf[ExperimentState]
    check_state: OneOf[DataCheck.State]
    percent: float
    stage: str
    error: str
    budget_seconds: int
    budget_trials: int | None
    trial_count: int = Field(description="settings that the search proposed and that have ended, as the budget counts")
    beside_count: int = Field(description="models that every run makes beside its trials: baseline, first look, card")
    seconds_left: float | None = Field(description="that the run is expected to take; null while nobody can tell")
    has_result: bool = Field(description="the leaderboard stands, also where the rest of it is still being made")
    ended_early: dict[str, Any] | None = Field(description="what was kept and dropped where the search was ended")
    doubts: str = Field(
        "", description="what the result is without columns that the data check asks about, where it leans on them"
    )
    out_of_time_readings: int
    spec: dict[str, Any]
    expected_end_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    protected_columns: list[str] = Field([], description="features that hold protected attributes, decided or proposed")
    findings: list[FindingOut] = []
    faults: list[FaultOut] = Field([], description="what in the plan cannot be done; each of them prevents a start")

    @staticmethod
    def of(experiment: Experiment, *, with_findings: bool = False) -> dict[str, Any]:
        job, check = experiment.job, experiment.data_check
        plain = ("name", "kind", "state", "budget_seconds", "budget_trials", "started_at", "finished_at", "spec")
        failed = job if job and job.error_message else check.job
        return {name: getattr(experiment, name) for name in plain} | {
            "id": experiment.pk,
            "owner": experiment.owner.username,
            "dataset_version_id": experiment.version_id,
            "target": check.target,
            "event": check.event,
            "check_state": check.state,
            "percent": job.percent if job else 0.0,
            "stage": sentence(job.stage, job.stage_params) if job else "",
            "error": sentence(failed.error_message, failed.error_params) if failed else "",
            "trial_count": experiment.trial_count,  # type: ignore[attr-defined]
            "beside_count": experiment.beside_count,  # type: ignore[attr-defined]
            "seconds_left": seconds_left(job),
            "has_result": experiment.has_result,
            "ended_early": ended_early(experiment),
            "doubts": doubts(experiment),
            "out_of_time_readings": experiment.out_of_time_readings,
            "expected_end_at": job.expected_end_at if job else None,
            "protected_columns": attributes.protected_features(check) if with_findings else [],
            "findings": findings_of(experiment) if with_findings else [],
        }


def seconds_left(job: Job | None) -> float | None:
    if job is None or job.is_terminated or job.expected_end_at is None:
        return None
    return round(max(0.0, (job.expected_end_at - timezone.now()).total_seconds()), 1)


def findings_of(experiment: Experiment) -> list[dict[str, Any]]:
    return [
        {
            "code": finding.code,
            "severity": finding.severity,
            "column": finding.column.name if finding.column else None,
            "finding": sentence(finding.message, finding.params),
            "undone": finding.undone_at is not None,
            "took_out": bool(finding.action) and finding.undone_at is None,
            "months": list(finding.found.months) if finding.code == "ripening" else [],
        }
        for finding in experiment.data_check.findings.select_related("column")
    ]
