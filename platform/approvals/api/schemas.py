"""What the API answers about evidence, requests and decisions."""

from datetime import datetime
from typing import Any, Literal

from ninja import Field, Schema

from approvals.queries.shown_comparison import shown_comparison
from approvals.services.submission import preview_checks
from common.answers import OneOf
from registry.api.schemas import CheckOut, VersionOut
from registry.evidence.later import Later
from registry.models import (
    ApprovalRequest,
    Comparison,
    Dossier,
)
from registry.queries.shown_checks import shown_readings
from training.models import LeaderboardRow
from training.words import sentence


class EvidenceOut(Schema):
    candidate: str
    state: Literal["waiting", "gathering", "gathered", "failed"]
    percent: float
    error: str
    checks: list[CheckOut]

    @staticmethod
    def of(dossier: Dossier, row: LeaderboardRow) -> dict[str, Any]:
        job = dossier.job
        readings = preview_checks(dossier, row) if dossier.is_gathered else {}
        return {
            "candidate": row.candidate,
            "state": dossier.state,
            "percent": 100.0 if dossier.is_gathered else job.percent if job else 0.0,
            "error": sentence(job.error_message, job.error_params) if job and dossier.has_failed else "",
            "checks": [CheckOut.of(check) for check in shown_readings(readings, row)],
        }


class AgainstChampionOut(Schema):
    """A version beside the champion on the same rows; ``measures`` hold the paired differences, new less champion."""

    champion_version_id: int
    state: Literal["waiting", "failed", "refused", "compared"]
    finding: str
    rows: int | None
    events: int | None
    verdict: Literal["better", "worse", "mixed", "slight", "alike", "too_few"] | None
    measures: dict[str, Any]
    groups: list[dict[str, Any]] = Field(
        [],
        description="both versions group by group: protected columns, then the segments of the new version; intervals "
        "are at the `level` at which Holm's step judged a group (95 % for all together): one that holds 0 is `alike`",
    )

    @staticmethod
    def of(comparison: Comparison) -> dict[str, Any]:
        shown, facts = shown_comparison(comparison), comparison.found
        return {
            "champion_version_id": comparison.former_id,
            "state": shown.state if shown else "waiting",
            "finding": shown.headline if shown else "",
            "rows": facts.rows,
            "events": facts.events,
            "verdict": facts.verdict,
            "measures": {name: measure.to_dict() for name, measure in facts.measures.items()},
            "groups": [group.to_dict() for group in facts.segments],
        }


class ApprovalOut(Schema):
    id: int
    decision: OneOf[ApprovalRequest.Decision]
    author: str
    note: str
    decided_by: str | None
    comment: str
    created_at: datetime
    decided_at: datetime | None
    version: VersionOut
    comparison: AgainstChampionOut | None = None

    @staticmethod
    def of(
        approval: ApprovalRequest, later: Later | None = None, comparison: Comparison | None = None
    ) -> dict[str, Any]:
        return {
            "id": approval.pk,
            "decision": approval.decision,
            "author": approval.author.username,
            "note": approval.note,
            "decided_by": approval.decided_by.username if approval.decided_by else None,
            "comment": approval.comment,
            "created_at": approval.created_at,
            "decided_at": approval.decided_at,
            "version": VersionOut.of(approval.model_version, with_checks=True, later=later),
            "comparison": AgainstChampionOut.of(comparison) if comparison else None,
        }
