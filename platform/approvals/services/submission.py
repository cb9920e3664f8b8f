"""Taking a finalist over into the registry, with its checks, and asking for a decision."""

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_noop

from accounts.models import User, Workspace
from accounts.permissions import require_edit
from approvals.services import comparisons, dossiers
from approvals.services.participants import note_participants
from audit.services import record
from registry.evidence.checks import read_checks
from registry.evidence.gathered import Evidence
from registry.evidence.numbers import facts_of
from registry.evidence.reading import Reading
from registry.facts import VersionFacts
from registry.models import ApprovalRequest, Dossier, EvidenceCheck, ModelVersion, RegisteredModel, VersionState
from registry.moves import EDITABLE
from registry.queries import signed
from registry.queries.artifacts import require_untouched
from registry.queries.models import champion_of
from registry.services.errors import RegistryError
from registry.services.moving import move
from training.models import LeaderboardRow


def submit_for_approval(row: LeaderboardRow, user: User, name: str, purpose: str, note: str = "") -> ApprovalRequest:
    """Take the finalist over into the registry, fill its checks and ask for a decision; asking twice asks once.

    Raises
    ------
    EvidenceNotGathered : the finalist's dossier is not complete; a worker is at it, or has to be asked again.
    """
    require_edit(user, row.experiment)
    if not name.strip() or not purpose.strip():
        raise RegistryError(gettext_noop("Give the model a name and say what it will be used for."))
    dossier = dossiers.complete(row, user)
    require_untouched(dossier.sealed_folder, dossier.model_hash, dossier.found.seal)
    evidence = evidence_in(dossier, row, name)
    facts, readings = facts_of(evidence), read_checks(evidence)
    with transaction.atomic():
        model = named_model(row, name.strip())
        open_request = open_request_for(model, row)
        if open_request:
            return open_request
        version = take_over(model, row, dossier, facts, readings)
        version.purpose = purpose.strip()
        move(version, "submit", also=["purpose"])
        request = ApprovalRequest.objects.create(
            model_version=version,
            author=user,
            maker=row.experiment.owner,
            note=note.strip(),
            independence_days=settings.INDEPENDENCE_DAYS,
        )
        note_participants(request)
        details = {
            **signed.facts_signed(version),
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
        model_dir=dossier.sealed_folder,
        facts=dossier.found,
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
    earlier = model.versions.filter(leaderboard_row=row).exclude(state__in=EDITABLE).first()
    if earlier is None:
        return None
    if earlier.state == VersionState.SUBMITTED:
        return earlier.approval_requests.get(decision=ApprovalRequest.Decision.PENDING)
    raise RegistryError(
        gettext_noop("This model was already decided on as %(version)s. Train another one."), version=str(earlier)
    )


def take_over(
    model: RegisteredModel, row: LeaderboardRow, dossier: Dossier, facts: VersionFacts, readings: dict[str, Reading]
) -> ModelVersion:
    """Return a draft version with the sealed copy of the finalist; one sent back for a change is taken up again."""
    version = model.versions.filter(leaderboard_row=row, state__in=EDITABLE).first()
    if version is None:
        version = new_version(model, row, dossier)
    version.metrics = facts.to_dict()
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
        artifact_seal=dossier.found.seal,
    )


def keep_checks(version: ModelVersion, readings: dict[str, Reading]) -> None:
    version.evidence_checks.all().delete()
    EvidenceCheck.objects.bulk_create(
        EvidenceCheck(model_version=version, position=position, code=code, state=reading.state, value=reading.to_dict())
        for position, (code, reading) in enumerate(readings.items(), start=1)
    )
