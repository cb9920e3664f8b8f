"""Taking models over, deciding on them, and moving the champion's alias."""

from datetime import date
from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from accounts.attempts import is_own_password
from accounts.models import Role, User, Workspace
from accounts.permissions import can_edit, role_in
from audit.services import record
from experiments.errors import ExperimentError
from experiments.kinds import KINDS
from registry import approved, comparisons, deciders, dossiers
from registry.artifacts import require_untouched
from registry.evidence import Evidence, Reading, read_checks
from registry.models import Alias, ApprovalRequest, Dossier, EvidenceCheck, ModelVersion, RegisteredModel, VersionState
from registry.numbers import facts_of
from registry.queries import champion_of, missing_codes, needs_limits_of_use
from registry.reruns import settled_checks
from training.models import LeaderboardRow

Decision = ApprovalRequest.Decision

NOT_YOUR_PASSWORD = gettext_noop("That is not your password. Nothing was decided.")
WITHOUT_COMMENT = gettext_noop("Write a comment: it goes to the audit log.")


class RegistryError(ExperimentError):
    """A wish about a model that cannot be granted, with the reason."""


class DecidedAlready(RegistryError):
    """Someone else was first; nothing was changed."""


class WrongPassword(RegistryError):
    """The second signature was not the person's own."""


def submit_for_approval(row: LeaderboardRow, user: User, name: str, purpose: str, note: str = "") -> ApprovalRequest:
    """Take the finalist over into the registry, fill its checks and ask for a decision; asking twice asks once.

    Raises
    ------
    EvidenceNotGathered : the finalist's dossier is not complete; a worker is at it, or has to be asked again.
    """
    if not can_edit(user, row.experiment):
        raise PermissionDenied
    if not name.strip() or not purpose.strip():
        raise RegistryError(gettext_noop("Give the model a name and say what it will be used for."))
    dossier = dossiers.complete(row, user)
    require_untouched(dossiers.folder_of(dossier), dossier.model_hash, dossier.facts.get("seal", ""))
    evidence = evidence_in(dossier, row, name)
    facts, readings = facts_of(evidence), read_checks(evidence)
    with transaction.atomic():
        model = named_model(row, name.strip())
        open_request = open_request_for(model, row)
        if open_request:
            return open_request
        version = take_over(model, row, dossier, facts, readings)
        version.state, version.purpose = VersionState.SUBMITTED, purpose.strip()
        version.save(update_fields=["state", "purpose"])
        request = ApprovalRequest.objects.create(
            model_version=version,
            author=user,
            maker=row.experiment.owner,
            note=note.strip(),
            independence_days=settings.INDEPENDENCE_DAYS,
        )
        deciders.note_participants(request)
        details = {
            **approved.facts_signed(version),
            "experiment": row.experiment_id,
            "candidate": row.candidate,
            "participants": sorted(request.participants.values_list("user__username", flat=True)),
        }
        record(user, "model_version.submitted", workspace=model.workspace, obj=version, details=details)
        if evidence.former is not None:
            comparisons.ask(version, evidence.former, user)
    return request


def preview_checks(dossier: Dossier, row: LeaderboardRow, name: str = "") -> dict[str, Reading]:
    """Return what the checks would say of a finalist, without writing anything."""
    return read_checks(evidence_in(dossier, row, name))


def evidence_in(dossier: Dossier, row: LeaderboardRow, name: str) -> Evidence:
    """Return everything the checks look at, as it would be for a version of the named model."""
    model = RegisteredModel.objects.filter(workspace=row.experiment.workspace, name=name.strip()).first()
    return Evidence(
        row=row,
        model_dir=dossiers.folder_of(dossier),
        facts=dossier.facts,
        former=champion_of(model) if model else None,
    )


def named_model(row: LeaderboardRow, name: str) -> RegisteredModel:
    """Return the workspace's model of this name, locked, so that two submissions do not count alike."""
    experiment = row.experiment
    Workspace.objects.select_for_update().get(pk=experiment.workspace_id)
    model, _created = RegisteredModel.objects.get_or_create(
        workspace=experiment.workspace, name=name, defaults={"kind": experiment.kind}
    )
    if model.kind != experiment.kind:
        raise RegistryError(
            gettext_noop("%(name)s is a model for another kind of question. Choose another name."), name=model.name
        )
    return model


def open_request_for(model: RegisteredModel, row: LeaderboardRow) -> ApprovalRequest | None:
    """Return the pending request for the same finalist; refuse what was decided already."""
    earlier = model.versions.filter(leaderboard_row=row).exclude(state=VersionState.DRAFT).first()
    if earlier is None:
        return None
    if earlier.state == VersionState.SUBMITTED:
        return earlier.approval_requests.get(decision=Decision.PENDING)
    raise RegistryError(
        gettext_noop("This model was already decided on as %(version)s. Train another one."), version=str(earlier)
    )


def take_over(
    model: RegisteredModel, row: LeaderboardRow, dossier: Dossier, facts: dict[str, Any], readings: dict[str, Reading]
) -> ModelVersion:
    """Return a draft version with the sealed copy of the finalist; one sent back for a change is taken up again."""
    version = model.versions.filter(leaderboard_row=row, state=VersionState.DRAFT).first()
    if version is None:
        version = new_version(model, row, dossier)
    version.metrics = facts
    version.save(update_fields=["metrics"])
    keep_checks(version, readings)
    return version


def new_version(model: RegisteredModel, row: LeaderboardRow, dossier: Dossier) -> ModelVersion:
    newest = model.versions.order_by("-number").first()
    return ModelVersion.objects.create(
        registered_model=model,
        number=newest.number + 1 if newest else 1,
        author=row.experiment.owner,
        leaderboard_row=row,
        artifact_path=dossier.folder,
        artifact_hash=dossier.model_hash,
        artifact_seal=dossier.facts.get("seal", ""),
    )


def keep_checks(version: ModelVersion, readings: dict[str, Reading]) -> None:
    version.evidence_checks.all().delete()
    EvidenceCheck.objects.bulk_create(
        EvidenceCheck(model_version=version, position=position, code=code, state=reading.state, value=reading.to_dict())
        for position, (code, reading) in enumerate(readings.items(), start=1)
    )


def decide(
    request: ApprovalRequest,
    user: User,
    decision: str,
    comment: str,
    password: str,
    *,
    limits_of_use: str = "",
    expires_on: date | None = None,
    address: str = "",
) -> ApprovalRequest:
    """Approve, ask for a change or refuse: by an admin without a part in the model, with comment and password."""
    require_decider(request, user)
    require_password(request, user, password, address)
    if decision not in (Decision.APPROVED, Decision.CHANGE, Decision.REFUSED):
        raise RegistryError(gettext_noop("Choose: approve, ask for a change, or refuse."))
    if not comment.strip():
        raise RegistryError(WITHOUT_COMMENT).about("comment")
    with transaction.atomic():
        request = ApprovalRequest.objects.select_for_update().get(pk=request.pk)
        if request.is_pending:
            take_decision(request, user, decision, comment.strip(), limits_of_use=limits_of_use, expires_on=expires_on)
            return request
    refuse_late_decision(request, user, decision, comment.strip())


def take_decision(
    request: ApprovalRequest, user: User, decision: str, comment: str, *, limits_of_use: str, expires_on: date | None
) -> None:
    """Write a decision down, with what follows from it."""
    approved.require_as_submitted(request.model_version)
    deciders.note_participants(request)
    request.decision, request.comment = decision, comment
    request.decided_by, request.decided_at = user, timezone.now()
    request.save(update_fields=["decision", "comment", "decided_by", "decided_at"])
    if decision == Decision.APPROVED:
        approve_version(request, limits_of_use.strip(), expires_on)
    else:
        turn_down_version(request)


def refuse_late_decision(request: ApprovalRequest, user: User, decision: str, comment: str) -> NoReturn:
    """Put on record what someone wanted to decide too late, and say who was first; a second tab knows nothing of it."""
    version = request.model_version
    details = {"wanted": decision, "comment": comment, "decided": request.decision, "by": str(request.decided_by)}
    record(user, "approval.too_late", workspace=version.registered_model.workspace, obj=version, details=details)
    raise DecidedAlready(
        gettext_noop(
            "%(person)s had already decided at %(time)s: %(decision)s. Your "
            "decision did not take effect; it is recorded "
            "in the audit log."
        ),
        person=str(request.decided_by),
        time=timezone.localtime(request.decided_at).strftime("%Y-%m-%d %H:%M"),
        decision=str(request.get_decision_display()),
    )


def require_decider(request: ApprovalRequest, user: User) -> None:
    """Raise unless ``user`` is an admin of the workspace, has no part in the model, and is held by nobody who has."""
    refusal = deciders.refusal_for(request, user)
    if refusal:
        raise PermissionDenied(refusal)


def require_password(request: ApprovalRequest, user: User, password: str, address: str) -> None:
    if is_own_password(user, password, address):
        return
    version, details = request.model_version, {"address": address}
    record(
        user, "approval.password_refused", workspace=version.registered_model.workspace, obj=version, details=details
    )
    raise WrongPassword(NOT_YOUR_PASSWORD).about("password")


def approve_version(request: ApprovalRequest, limits_of_use: str, expires_on: date | None) -> None:
    """Make the version champion; the former one stays approved, to fall back on."""
    version = request.model_version
    approved.sealed_folder_of(version)
    require_evidence(version, limits_of_use)
    version.state, version.limits_of_use = VersionState.APPROVED, limits_of_use
    version.expires_on = accepted_expiry(version.registered_model.kind, expires_on)
    version.save(update_fields=["state", "limits_of_use", "expires_on"])
    former = give_alias(version)
    record(
        request.decided_by,
        "model_version.approved",
        workspace=version.registered_model.workspace,
        obj=version,
        details={
            "comment": request.comment,
            "limits_of_use": limits_of_use,
            "expires_on": version.expires_on.isoformat(),
            "former_champion": str(former) if former else None,
            **approved.facts_signed(version),
        },
    )


def require_evidence(version: ModelVersion, limits_of_use: str) -> None:
    checks = settled_checks(version)
    if missing_codes(checks):
        raise RegistryError(gettext_noop("Evidence required for approval is missing. Ask for a change instead."))
    if needs_limits_of_use(checks) and not limits_of_use:
        raise RegistryError(gettext_noop("A check failed or has no evidence: write the limits of use.")).about(
            "limits_of_use"
        )


def accepted_expiry(kind: str, wanted: date | None) -> date:
    """Return the last day of use: as long as models of the kind may be used, or earlier when wanted."""
    today = timezone.localdate()
    latest = add_months(today, KINDS[kind].months_of_use)
    if wanted is None:
        return latest
    if not today < wanted <= latest:
        raise RegistryError(
            gettext_noop("The expiry must lie after today and not after %(latest)s."), latest=str(latest)
        ).about("expires_on")
    return wanted


def add_months(day: date, months: int) -> date:
    """Return the same day some months later, or the last day of that month when it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(day.year + years, month + 1, last)
        except ValueError:
            continue
    raise ValueError(day)


def turn_down_version(request: ApprovalRequest) -> None:
    version = request.model_version
    asked = request.decision == Decision.CHANGE
    version.state = VersionState.DRAFT if asked else VersionState.REFUSED
    version.save(update_fields=["state"])
    record(
        request.decided_by,
        "model_version.change_asked" if asked else "model_version.refused",
        workspace=version.registered_model.workspace,
        obj=version,
        details={"comment": request.comment},
    )


def give_alias(version: ModelVersion) -> ModelVersion | None:
    """Move the champion's alias to ``version`` and return who had it."""
    former = champion_of(version.registered_model)
    if former:
        former.alias = Alias.NONE
        former.save(update_fields=["alias"])
    version.alias = Alias.CHAMPION
    version.save(update_fields=["alias"])
    return former


def make_champion(version: ModelVersion, user: User, comment: str) -> ModelVersion:
    """Give the alias to another approved version: the way back when a new champion disappoints."""
    workspace = require_admin_with_comment(version, user, comment)
    with transaction.atomic():
        version = ModelVersion.objects.select_for_update().get(pk=version.pk)
        if version.state != VersionState.APPROVED or version.has_expired:
            raise RegistryError(gettext_noop("Only an approved version that has not expired can be champion."))
        approved.sealed_folder_of(version)
        if not version.is_champion:
            former = give_alias(version)
            details = {"comment": comment.strip(), "former_champion": str(former) if former else None}
            record(user, "model_version.made_champion", workspace=workspace, obj=version, details=details)
    return version


def retire(version: ModelVersion, user: User, comment: str) -> ModelVersion:
    """Take a version out of use for good."""
    workspace = require_admin_with_comment(version, user, comment)
    with transaction.atomic():
        version = ModelVersion.objects.select_for_update().get(pk=version.pk)
        if version.state != VersionState.APPROVED:
            raise RegistryError(gettext_noop("Only an approved version can be retired."))
        version.alias, version.state, version.retired_at = Alias.NONE, VersionState.RETIRED, timezone.now()
        version.save(update_fields=["alias", "state", "retired_at"])
        record(user, "model_version.retired", workspace=workspace, obj=version, details={"comment": comment.strip()})
    return version


def require_admin_with_comment(version: ModelVersion, user: User, comment: str) -> Workspace:
    workspace = version.registered_model.workspace
    if role_in(user, workspace) != Role.ADMIN:
        raise PermissionDenied
    if not comment.strip():
        raise RegistryError(WITHOUT_COMMENT).about("comment")
    return workspace
