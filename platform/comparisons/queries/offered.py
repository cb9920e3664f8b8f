"""What may be compared, and on which tables, in a workspace."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.models import Workspace
from catalog.models import DatasetVersion, VersionState
from comparisons.queries.hidden import hidden_in
from comparisons.queries.subjects import Subject, finalists_in
from registry.models import VersionState as RegisteredState
from registry.queries.models import versions_in
from training.models import Experiment, ExperimentState, LeaderboardRow
from training.words import learner_name

EXPERIMENTS_SHOWN = 12
VERSIONS_SHOWN = 30
TABLES_SHOWN = 20


@dataclass(frozen=True)
class Choice:
    """One model to tick."""

    code: str
    name: str
    more: str
    is_chosen: bool
    is_recommended: bool = False


def versions_to_choose(workspace: Workspace, chosen: Sequence[str]) -> list[Choice]:
    """Return the registered versions that still count, newest first."""
    found = versions_in(workspace).exclude(state__in=[RegisteredState.REFUSED]).order_by("-created_at")
    return [
        Choice(f"v-{each.pk}", str(each), each.get_state_display(), f"v-{each.pk}" in chosen, each.is_champion)
        for each in found[:VERSIONS_SHOWN]
    ]


def experiments_to_choose(workspace: Workspace, chosen: Sequence[str]) -> list[tuple[Experiment, list[Choice]]]:
    """Return the newest finished experiments with their finalists that have a model."""
    newest = list(_finished_in(workspace)[:EXPERIMENTS_SHOWN])
    rows = _with_model(finalists_in(workspace).filter(experiment__in=newest)).order_by("rank")
    by_experiment: dict[int, list[Choice]] = {each.pk: [] for each in newest}
    for row in rows:
        auc = row.measures.validation.value("auc") if row.measures.validation else None
        more = "" if auc is None else f"AUC {auc:.4f}"
        code = f"f-{row.pk}"
        by_experiment[row.experiment_id].append(
            Choice(code, learner_name(row.candidate), more, code in chosen, row.is_recommended)
        )
    return [(each, by_experiment[each.pk]) for each in newest if by_experiment[each.pk]]


def tables_to_score(workspace: Workspace, subjects: Sequence[Subject]) -> QuerySet[DatasetVersion]:
    """Return the dataset versions that hold the outcome the models are about, newest first."""
    target = subjects[0].experiment.asked.target
    ready = DatasetVersion.objects.filter(dataset__workspace=workspace, state=VersionState.READY)
    return ready.filter(columns__name=target).select_related("dataset").order_by("-created_at")[:TABLES_SHOWN]


def amounts_offered(subjects: Sequence[Subject], version: DatasetVersion | None) -> list[str]:
    """Return the columns of numbers that amounts may be read from, by what is on record: no table is opened."""
    table = version or subjects[0].experiment.version
    spec, hidden = subjects[0].experiment.asked, hidden_in(subjects, version).unshown
    never = {spec.target, spec.id_column, spec.time_column, spec.weight_column, *hidden}
    numeric = table.columns.filter(type="numeric").order_by("position").values_list("name", flat=True)
    return [name for name in numeric if name not in never]


def first_finalists(workspace: Workspace) -> tuple[Experiment, list[str]] | None:
    """Return the newest experiment with two models, and the names of the recommended one and the next best."""
    newest = list(_finished_in(workspace).only("name")[:EXPERIMENTS_SHOWN])
    rows = _with_model(LeaderboardRow.objects.filter(experiment__in=newest)).order_by("-is_recommended", "rank")
    codes: dict[int, list[str]] = {each.pk: [] for each in newest}
    for experiment_id, pk in rows.values_list("experiment_id", "pk"):
        codes[experiment_id].append(f"f-{pk}")
    return next(((each, codes[each.pk][:3]) for each in newest if len(codes[each.pk]) > 1), None)


def _finished_in(workspace: Workspace) -> QuerySet[Experiment]:
    finished = Experiment.objects.filter(workspace=workspace, state=ExperimentState.FINISHED)
    return finished.order_by("-finished_at", "-pk")


def _with_model(rows: QuerySet[LeaderboardRow]) -> QuerySet[LeaderboardRow]:
    return rows.exclude(model_path="")
