"""The experiments of a workspace, narrowed and sorted by the database, in a fixed number of queries."""

from collections.abc import Sequence

from django.db.models import F, FilteredRelation, Prefetch, Q, QuerySet

from accounts.models import User, Workspace
from tracking.models import ChosenColumns, Favourite, Tagged
from tracking.queries.asked import Asked
from tracking.words import COLUMNS, SORTABLE, USUAL
from training.models import Experiment, LeaderboardRow, RecommendedMeasure
from training.queries.experiments import TRIAL_COUNT, holds


def narrowed(workspace: Workspace, asked: Asked, user: User) -> QuerySet[Experiment]:
    """Return the experiments that are asked for, in no order."""
    found = Experiment.objects.filter(workspace=workspace, archived_at__isnull=not asked.archived).order_by()
    same = {"kind": asked.kind, "state": asked.state, "owner": asked.owner, "version__dataset": asked.dataset}
    found = found.filter(**{name: value for name, value in same.items() if value})
    if asked.tag:
        found = found.filter(pk__in=Tagged.objects.filter(tag__iexact=asked.tag).values("experiment"))
    if asked.favourites:
        found = found.filter(pk__in=Favourite.objects.filter(user=user).values("experiment"))
    return found.filter(_holds(asked.q)) if asked.q else found


def _holds(text: str) -> Q:
    return (
        holds(text)
        | Q(note__text__icontains=text)
        | Q(pk__in=Tagged.objects.filter(tag__icontains=text).values("experiment"))
    )


def in_order(experiments: QuerySet[Experiment], asked: Asked) -> QuerySet[Experiment]:
    """Sort by a column; what is unknown comes last either way, and the newest first of what is equal."""
    column = SORTABLE[asked.column]
    if column.metric:
        measure = Q(measured__sample=column.sample, measured__metric=column.metric)
        experiments = experiments.annotate(sorted_by=FilteredRelation("measured", condition=measure))
    field = F("sorted_by__value" if column.metric else column.sort)
    by = field.desc(nulls_last=True) if asked.falls else field.asc(nulls_last=True)
    return experiments.order_by(by, "-updated_at", "-pk")


def shown(keys: Sequence[int], columns: Sequence[str], user: User) -> list[Experiment]:
    """Return experiments in the order of their keys, with what these columns show of them."""
    measures = [COLUMNS[name] for name in columns if COLUMNS[name].metric]
    wanted = Q(pk__in=[])
    for each in measures:
        wanted |= Q(sample=each.sample, metric=each.metric)
    rows = (
        Experiment.objects.filter(pk__in=keys)
        .select_related("owner", "version__dataset", "job", "data_check", "note")
        .prefetch_related(
            "tagged",
            Prefetch("measured", RecommendedMeasure.objects.filter(wanted), to_attr="measures_shown"),
            Prefetch(
                "leaderboard",
                LeaderboardRow.objects.filter(is_recommended=True).only(
                    "experiment", "learner", "candidate", "metrics"
                ),
                to_attr="recommended_rows",
            ),
            Prefetch("favourites", Favourite.objects.filter(user=user), to_attr="own_favourites"),
        )
    )
    if "trials" in columns:
        rows = rows.annotate(trial_count=TRIAL_COUNT)
    by_key = {row.pk: row for row in rows}
    return [by_key[key] for key in keys if key in by_key]


def columns_of(user: User) -> list[str]:
    """Return the columns in which a person reads the list, in their order."""
    chosen = ChosenColumns.objects.filter(user=user).values_list("names", flat=True).first()
    names = USUAL if chosen is None else chosen
    return [name for name in COLUMNS if name in names]
