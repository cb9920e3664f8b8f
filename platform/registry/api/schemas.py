"""What the API answers about models and versions."""

from datetime import date
from typing import Any, Literal

from ninja import Field, Schema

from common.answers import OneOf
from registry.evidence.later import Later
from registry.models import (
    Alias,
    EvidenceCheck,
    ModelVersion,
    VersionState,
)
from registry.queries.shown_checks import ShownCheck, shown_checks
from registry.queries.shown_moves import ShownMove
from training.models import TargetKind


class CheckOut(Schema):
    code: str
    title: str
    state: OneOf[EvidenceCheck.State]
    finding: str
    to_do: str = Field(description="what settles a check without evidence; empty where nothing is left to do")
    url: str = Field(description="page of the product on which that is done, or the check looked into")

    @staticmethod
    def of(check: ShownCheck) -> dict[str, str]:
        names = {"code": check.code, "title": check.title, "state": check.state, "finding": check.sentence}
        return names | {"to_do": check.to_do, "url": check.url}


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


class MoveOut(Schema):
    name: str
    label: str
    before: list[OneOf[VersionState]]
    after: OneOf[VersionState]
    by: Literal["editor", "decider", "admin"]
    who: str
    needs: str
    effects: str
    alias_before: list[OneOf[Alias]]
    alias_after: OneOf[Alias] | None = Field(description="null where the alias stays")


class OpenMoveOut(Schema):
    name: str
    label: str
    who: str
    needs: str
    effects: str
    is_allowed: bool
    refusal: str

    @staticmethod
    def of(move: ShownMove) -> dict[str, Any]:
        words = {name: getattr(move, name) for name in ("name", "label", "who", "needs", "effects", "refusal")}
        return words | {"is_allowed": not move.refusal}


class LineageNodeOut(Schema):
    id: str
    kind: Literal["source", "data", "experiment", "trial", "software", "model"]
    title: str
    hash: str = Field(description="SHA-256 of a file or table, of a question, of settings")
    url: str
    facts: dict[str, Any]


class LineageEdgeOut(Schema):
    source: str = Field(description="id of what it was made of")
    target: str


class ModelLineageOut(Schema):
    nodes: list[LineageNodeOut]
    edges: list[LineageEdgeOut]
