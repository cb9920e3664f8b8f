"""What was approved, by its signed entry: the database's own word about a version is compared with it before use."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_noop

from audit.chain import Finding, is_genuine
from audit.models import AuditEntry
from common.storage import local_path
from experiments.artifact.manifest import hash_of
from experiments.errors import ArtifactError
from registry.models import ApprovalRequest, ModelVersion, VersionState
from registry.moves import BY_NAME
from registry.queries.artifacts import require_untouched

SUBMITTED, APPROVED = (BY_NAME[name].act for name in ("submit", "approve"))
MADE_CHAMPION, RETIRED = (BY_NAME[name].act for name in ("make_champion", "retire"))
MOVE_OF = {
    ApprovalRequest.Decision.APPROVED: "approve",
    ApprovalRequest.Decision.REFUSED: "refuse",
    ApprovalRequest.Decision.CHANGE: "ask_change",
}
ACTION_OF = {decision: BY_NAME[name].act for decision, name in MOVE_OF.items()}
NOT_SIGNED = gettext_noop(
    "%(version)s cannot be used: the audit log holds no genuine entry of its approval. Tell an admin and your "
    "security officer."
)
NOT_CHAMPION = gettext_noop(
    "%(version)s cannot be used: according to the signed audit log another "
    "version is the champion. Tell an admin and your "
    "security officer."
)
NOT_DECIDED_SO = gettext_noop(
    "The decision on %(version)s in the database is not the one in the signed audit log. Tell an admin and your "
    "security officer."
)
DIFFERENT = {
    "artifact": gettext_noop(
        "%(version)s cannot be used: its model file is not the one in the signed approval. Tell an admin and your "
        "security officer."
    ),
    "limits_of_use": gettext_noop(
        "%(version)s cannot be used: its limits of use are not those in the signed approval. Tell an admin and your "
        "security officer."
    ),
    "expires_on": gettext_noop(
        "%(version)s cannot be used: its expiry is not the one in the signed approval. Tell an admin and your "
        "security officer."
    ),
    "checks": gettext_noop(
        "%(version)s cannot be used: its checks are not those in the signed entry. Tell an admin and your security "
        "officer."
    ),
    "people": gettext_noop(
        "%(version)s cannot be used: its author is not the one in the signed entry. Tell an admin and your security "
        "officer."
    ),
}


def facts_signed(version: ModelVersion) -> dict[str, Any]:
    """Return what an entry about a version keeps, so that nobody swaps it in the database alone."""
    return {
        "artifact": version.artifact_hash,
        "seal": version.artifact_seal,
        "path": version.artifact_path,
        "author": version.author.username,
        "checks": digest_of(version.evidence_checks.all()),
    }


def digest_of(checks: Any) -> str:
    """Return one hash of all checks of a version."""
    plain = [[check.code, check.state, check.value] for check in sorted(checks, key=lambda check: check.code)]
    return hash_of({"checks": plain})


def require_as_submitted(version: ModelVersion) -> None:
    """Raise unless a version is still what somebody asked a decision on."""
    _require_same(version, signed_entry(version, SUBMITTED))


def require_as_approved(version: ModelVersion) -> None:
    """Raise unless a version is what the signed entry of its approval says.

    Raises
    ------
    ArtifactError : model file, limits, expiry, checks or author are others, or nobody has signed; the sentence tells.
    """
    version = ModelVersion.objects.select_related("registered_model").get(pk=version.pk)
    _require_same(version, signed_entry(version, APPROVED))


def require_champion(version: ModelVersion) -> None:
    """Raise unless by the signed entries this version is the champion of its model.

    That another version was retired since says nothing of this one: only who was made champion last counts, and that
    it was not retired itself.
    """
    require_as_approved(version)
    versions = [str(pk) for pk in version.registered_model.versions.values_list("pk", flat=True)]
    moves = AuditEntry.objects.filter(
        Q(object_id__in=versions, action__in=(APPROVED, MADE_CHAMPION)) | Q(object_id=str(version.pk), action=RETIRED),
        object_type=ModelVersion._meta.label_lower,
    )
    last = next((entry for entry in moves.order_by("-id").iterator() if is_genuine(entry)), None)
    if last is None or last.object_id != str(version.pk) or last.action == RETIRED:
        raise ArtifactError(NOT_CHAMPION, version=str(version))


def sealed_folder_of(version: ModelVersion) -> Path:
    """Return where a version's files lie, once each of them has proved to be the one that was recorded and signed.

    Raises
    ------
    ArtifactError : a file is missing, altered or does not belong there, or the version is not the one in the signed
        entry; the sentence tells.
    """
    if version.state in (VersionState.APPROVED, VersionState.RETIRED):
        require_as_approved(version)
    elif version.state == VersionState.SUBMITTED:
        require_as_submitted(version)
    folder = local_path(version.artifact_path)
    require_untouched(folder, version.artifact_hash, version.artifact_seal)
    return folder


def signed_entry(version: ModelVersion, action: str) -> AuditEntry | None:
    """Return the newest genuine entry of an act on a version."""
    entries = AuditEntry.objects.filter(
        object_type=ModelVersion._meta.label_lower, object_id=str(version.pk), action=action
    )
    return next((entry for entry in entries.order_by("-id").iterator() if is_genuine(entry)), None)


def differences() -> list[Finding]:
    """Compare every decided version and request with the signed entries, and tell what differs."""
    found: list[Finding] = []
    decided = (VersionState.APPROVED, VersionState.RETIRED)
    for version in ModelVersion.objects.filter(state__in=decided).select_related("registered_model").order_by("pk"):
        try:
            require_champion(version) if version.is_champion else require_as_approved(version)
        except ArtifactError as refused:
            found.append((refused.message, refused.params))
    return [*found, *_rewritten()]


def _rewritten() -> Iterator[Finding]:
    requests = ApprovalRequest.objects.exclude(decision=ApprovalRequest.Decision.PENDING)
    for request in requests.select_related("model_version__registered_model").order_by("pk"):
        if not _is_as_signed(request):
            yield NOT_DECIDED_SO, {"version": str(request.model_version)}


def _is_as_signed(request: ApprovalRequest) -> bool:
    """Is there a genuine entry with this decision, comment and person?"""
    entries = AuditEntry.objects.filter(
        object_type=ModelVersion._meta.label_lower,
        object_id=str(request.model_version_id),
        action=ACTION_OF[ApprovalRequest.Decision(request.decision)],
        actor=request.decided_by_id,
    )
    return any(entry.details.get("comment") == request.comment and is_genuine(entry) for entry in entries)


def _require_same(version: ModelVersion, entry: AuditEntry | None) -> None:
    if entry is None:
        raise ArtifactError(NOT_SIGNED, version=str(version))
    now = facts_signed(version)
    if entry.action == APPROVED:
        now |= {"limits_of_use": version.limits_of_use, "expires_on": _text(version.expires_on)}
    for name, value in now.items():
        if entry.details.get(name) != value:
            what = {"seal": "artifact", "path": "artifact", "author": "people"}.get(name, name)
            raise ArtifactError(DIFFERENT[what], version=str(version))


def _text(day: Any) -> str | None:
    return day.isoformat() if day else None
