"""Asking for a comparison: the same models on the same rows are compared once, whoever asks."""

import hashlib
import json
from collections.abc import Sequence

from django.db import transaction

from accounts.models import User, Workspace
from catalog.models import DatasetVersion
from comparisons.job_kinds import JobKind
from comparisons.models import ModelComparison
from comparisons.queries.offered import amounts_offered
from comparisons.queries.subjects import Subject, subjects_named, table_hash, with_models
from experiments.comparison.evidence import ModelsCompared
from experiments.errors import BadInput, gettext_noop
from jobs import services as jobs
from training.models import Experiment

SAMPLE_MODELS = 3
NO_SUCH_AMOUNT = gettext_noop("There is no numeric column “%(column)s” to read amounts from.")


def share_of(subjects: Sequence[Subject]) -> float:
    """Return the share of customers that the first one's experiment contacts or declines."""
    return float(subjects[0].experiment.contact_share)


def key_of(subjects: Sequence[Subject], version: DatasetVersion | None, amount: str = "") -> str:
    """Return the hash of all that a comparison rests on: models, tables, rows, share and the column of amounts."""
    rests_on = {
        "form": ModelsCompared.version,
        "models": [[each.hash, table_hash(each.experiment.data_check)] for each in with_models(subjects)],
        "rows": None if version is None else [version.pk, version.parquet_sha256 or version.sha256],
        "share": share_of(subjects),
        # What was worked out before amounts could be chosen keeps its key.
        **({"amount": amount} if amount else {}),
    }
    return hashlib.sha256(json.dumps(rests_on, sort_keys=True).encode()).hexdigest()


def known(
    subjects: Sequence[Subject], workspace: Workspace, version: DatasetVersion | None, amount: str = ""
) -> ModelComparison | None:
    """Return the comparison of these models, if it was ever asked for."""
    found = ModelComparison.objects.select_related("job", "version__dataset")
    return found.filter(workspace=workspace, key=key_of(subjects, version, amount)).first()


@transaction.atomic
def ask(
    subjects: Sequence[Subject],
    *,
    workspace: Workspace,
    user: User,
    version: DatasetVersion | None = None,
    amount: str = "",
) -> ModelComparison:
    """Have models compared, unless they are or a worker is at it; of several who ask at once one is heard.

    Raises
    ------
    BadInput : there is no such column of amounts.
    """
    if amount and amount not in amounts_offered(subjects, version):
        raise BadInput(NO_SUCH_AMOUNT, column=amount).about("amount")
    comparison, _is_new = ModelComparison.objects.select_related("job").get_or_create(
        workspace=workspace,
        key=key_of(subjects, version, amount),
        defaults={
            "amount": amount,
            "owner": user,
            "subjects": [each.code for each in with_models(subjects)],
            "version": version,
            "share": share_of(subjects),
        },
    )
    comparison = ModelComparison.objects.select_for_update(of=("self",)).select_related("job").get(pk=comparison.pk)
    if comparison.has_ended_without:
        comparison.job = jobs.enqueue(
            JobKind.COMPARE_MODELS,
            workspace=workspace,
            owner=user,
            subject_id=comparison.pk,
            size=max(each.experiment.version.size_bytes for each in subjects),
        )
        comparison.save(update_fields=["job"])
    return comparison


def ask_for_sample(experiment: Experiment) -> None:
    """Have the recommended finalist of the sample experiment set beside the next best ones, unless it ever was."""
    if not experiment.is_sample:
        return
    rows = experiment.leaderboard.exclude(model_path="").order_by("-is_recommended", "rank")[:SAMPLE_MODELS]
    if len(rows) < SAMPLE_MODELS:
        return
    codes = [f"f-{row.pk}" for row in rows]
    compared = ModelComparison.objects.filter(workspace=experiment.workspace).values_list("subjects", flat=True)
    # A card cut by hand may have joined the next best since.
    if any(codes[0] in known for known in compared):
        return
    subjects = subjects_named(codes, experiment.workspace)
    ask(subjects, workspace=experiment.workspace, user=experiment.owner)
