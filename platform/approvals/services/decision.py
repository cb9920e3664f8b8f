"""Deciding on a request: approve, ask for a change or refuse."""

from datetime import date
from typing import NoReturn

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from accounts.attempts import is_own_password
from accounts.models import User
from approvals.queries import deciders
from approvals.queries.approvals import missing_codes, needs_limits_of_use
from approvals.services.errors import NOT_YOUR_PASSWORD, DecidedAlready, WrongPassword
from approvals.services.participants import note_participants
from audit.services import record
from experiments.kinds import KINDS
from registry.evidence.later import current_checks
from registry.models import ApprovalRequest, ModelVersion
from registry.moves import BY_NAME
from registry.queries import signed
from registry.services.errors import WITHOUT_COMMENT, RegistryError
from registry.services.moving import hold_model, move


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
    if decision not in (
        ApprovalRequest.Decision.APPROVED,
        ApprovalRequest.Decision.CHANGE,
        ApprovalRequest.Decision.REFUSED,
    ):
        raise RegistryError(gettext_noop("Choose: approve, ask for a change, or refuse."))
    if not comment.strip():
        raise RegistryError(WITHOUT_COMMENT).about("comment")
    with transaction.atomic():
        hold_model(request.model_version.registered_model_id)
        request = ApprovalRequest.objects.select_for_update().get(pk=request.pk)
        if request.is_pending:
            take_decision(request, user, decision, comment.strip(), limits_of_use=limits_of_use, expires_on=expires_on)
            return request
    refuse_late_decision(request, user, decision, comment.strip())


def take_decision(
    request: ApprovalRequest, user: User, decision: str, comment: str, *, limits_of_use: str, expires_on: date | None
) -> None:
    """Write a decision down, with what follows from it."""
    signed.require_as_submitted(request.model_version)
    note_participants(request)
    request.decision, request.comment = decision, comment
    request.decided_by, request.decided_at = user, timezone.now()
    request.save(update_fields=["decision", "comment", "decided_by", "decided_at"])
    if decision == ApprovalRequest.Decision.APPROVED:
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
    signed.sealed_folder_of(version)
    require_evidence(version, limits_of_use)
    version.limits_of_use = limits_of_use
    version.expires_on = accepted_expiry(version.registered_model.kind, expires_on)
    former = move(version, "approve", also=["limits_of_use", "expires_on"])
    record(
        request.decided_by,
        BY_NAME["approve"].act,
        workspace=version.registered_model.workspace,
        obj=version,
        details={
            "comment": request.comment,
            "limits_of_use": limits_of_use,
            "expires_on": version.expires_on.isoformat(),
            "former_champion": str(former) if former else None,
            **signed.facts_signed(version),
        },
    )


def require_evidence(version: ModelVersion, limits_of_use: str) -> None:
    checks = current_checks(version)
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
    name = signed.MOVE_OF[ApprovalRequest.Decision(request.decision)]
    move(version, name)
    record(
        request.decided_by,
        BY_NAME[name].act,
        workspace=version.registered_model.workspace,
        obj=version,
        details={"comment": request.comment},
    )
