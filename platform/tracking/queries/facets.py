"""What the list of a workspace can be narrowed to: only what is there."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from accounts.models import User, Workspace
from catalog.models import Dataset
from tracking.models import Favourite, Tagged
from training.models import Experiment, ExperimentState, TargetKind


@dataclass(frozen=True)
class Counts:
    """How many experiments there are, for the chips above the list."""

    by_state: dict[str, int]
    archived: int
    favourites: int

    @property
    def listed(self) -> int:
        return sum(self.by_state.values())

    @property
    def is_empty(self) -> bool:
        return not self.listed and not self.archived


def counts_of(workspace: Workspace, user: User) -> Counts:
    """Count the experiments of a workspace that are listed by state, those archived, and a person's favourites."""
    found = Experiment.objects.filter(workspace=workspace).order_by()
    is_listed = Q(archived_at=None)
    states = dict(found.filter(is_listed).values_list("state").annotate(n=Count("pk")))
    favourites = Favourite.objects.filter(
        user=user, experiment__workspace=workspace, experiment__archived_at=None
    ).count()
    return Counts(
        by_state={str(state): states[state] for state in ExperimentState.values if state in states},
        archived=found.exclude(is_listed).count(),
        favourites=favourites,
    )


def choices_of(workspace: Workspace) -> dict[str, list[tuple[Any, str]]]:
    """Return the kinds, datasets, people and tags that the experiments of a workspace have."""
    mine = Experiment.objects.filter(workspace=workspace).order_by()
    kinds = set(mine.values_list("kind", flat=True).distinct())
    owners = User.objects.filter(pk__in=mine.values("owner"))
    datasets = Dataset.objects.filter(pk__in=mine.values("version__dataset")).order_by("name")
    tags = Tagged.objects.filter(experiment__workspace=workspace).order_by("tag").values_list("tag", flat=True)
    return {
        "kind": [(kind.value, str(kind.label)) for kind in TargetKind if kind.value in kinds],
        "dataset": list(datasets.values_list("pk", "name")),
        "owner": sorted(((owner.pk, str(owner)) for owner in owners), key=lambda each: each[1]),
        "tag": [(tag, tag) for tag in dict.fromkeys(tags.distinct())],
    }
