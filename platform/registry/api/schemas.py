"""What the API answers about models and versions."""

from datetime import date
from typing import Any

from ninja import Schema

from common.answers import OneOf
from registry.evidence.later import Later
from registry.models import (
    Alias,
    EvidenceCheck,
    ModelVersion,
    VersionState,
)
from registry.queries.shown_checks import ShownCheck, shown_checks
from training.models import TargetKind


class CheckOut(Schema):
    code: str
    title: str
    state: OneOf[EvidenceCheck.State]
    finding: str

    @staticmethod
    def of(check: ShownCheck) -> dict[str, str]:
        return {"code": check.code, "title": check.title, "state": check.state, "finding": check.sentence}


class VersionOut(Schema):
    id: int
    model_id: int
    name: str
    number: int
    state: OneOf[VersionState]
    alias: OneOf[Alias]
    author: str
    purpose: str
    limits_of_use: str
    expires_on: date | None
    artifact_hash: str
    numbers: dict[str, Any]
    checks: list[CheckOut] = []

    @staticmethod
    def of(version: ModelVersion, *, with_checks: bool = False, later: Later | None = None) -> dict[str, Any]:
        checks = shown_checks(version, later) if with_checks else []
        return {
            "id": version.pk,
            "model_id": version.registered_model_id,
            "name": version.registered_model.name,
            "number": version.number,
            "state": version.state,
            "alias": version.alias,
            "author": version.author.username,
            "purpose": version.purpose,
            "limits_of_use": version.limits_of_use,
            "expires_on": version.expires_on,
            "artifact_hash": version.artifact_hash,
            "numbers": version.frozen.numbers.to_dict(),
            "checks": [CheckOut.of(check) for check in checks],
        }


class ModelOut(Schema):
    id: int
    name: str
    kind: OneOf[TargetKind]
    champion_version_id: int | None
    versions: list[VersionOut]
