"""Where customers of an experiment are looked for: versions of its dataset and lists scored by its models."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from catalog.models import Column, DatasetVersion, VersionState
from common.templatetags.formatting import day
from explanations.models import CustomerLook, PlaceKind
from privacy.protection import protect_values_as
from scoring.models import ScoringJob, ScoringState
from training.models import Experiment

MOST_PLACES = 20


@dataclass(frozen=True)
class Place:
    """A table with customers.

    Attributes
    ----------
    column : of the ids; empty where rows are known by their number only. protect : how an id that is typed is hidden,
        as those of the table are.
    """

    kind: str
    pk: int
    name: str
    table: str
    column: str
    rows: int
    protect: Callable[[list[Any]], list[str | None]] | None = None

    @property
    def key(self) -> str:
        return f"{self.kind}-{self.pk}"

    def spellings(self, typed: str) -> list[str]:
        """Return how an id may stand in the table: as it was typed, or hidden."""
        hidden = self.protect([typed])[0] if self.protect else None
        return [typed, *([hidden] if hidden and hidden != typed else [])]


def places_of(experiment: Experiment) -> list[Place]:
    """Return the tables in which customers of an experiment may stand, its own first, then the newest."""
    versions = (
        experiment.version.dataset.versions.filter(state=VersionState.READY)
        .exclude(parquet_path="")
        .select_related("dataset")
        .order_by("-number")[:MOST_PLACES]
    )
    own_first = sorted(versions, key=lambda version: version.pk != experiment.version_id)
    lists = (
        ScoringJob.objects.filter(
            model_version__leaderboard_row__experiment=experiment,
            state=ScoringState.FINISHED,
            deleted_at=None,
        )
        .select_related("source_version__dataset")
        .order_by("-created_at")[:MOST_PLACES]
    )
    of_lists = (_of_list(experiment, one) for one in lists)
    return [_of_version(experiment, version) for version in own_first] + [place for place in of_lists if place]


def _of_version(experiment: Experiment, version: DatasetVersion) -> Place:
    column = _id_column(experiment, version)
    return Place(
        PlaceKind.VERSION, version.pk, str(version), version.parquet_path, column.name if column else "",
        version.row_count, protect_values_as(column) if column else None,
    )  # fmt: skip


def _of_list(experiment: Experiment, scored: ScoringJob) -> Place | None:
    """Return the table of a scored list: the version it was made of, or what was kept of a file that was uploaded.

    Nothing of a file was kept by earlier versions of the platform; such a list has to be scored again.
    """
    name = _("List of %(date)s: %(file)s") % {"date": day(scored.created_at), "file": scored.file_name}
    if scored.source_version is not None:
        found = _of_version(experiment, scored.source_version)
        return replace(found, kind=PlaceKind.LIST, pk=scored.pk, name=name)
    if not scored.has_rows:
        return None
    # Ids that are personal data in the model's own table were hidden as those are.
    column = _id_column(experiment, experiment.version)
    return Place(
        PlaceKind.LIST, scored.pk, name, scored.rows_key, experiment.asked.id_column or "", scored.row_count,
        protect_values_as(column) if column else None,
    )  # fmt: skip


def version_behind(look: CustomerLook) -> DatasetVersion | None:
    """Return the data version in which a customer stands; nothing for a list from a file."""
    if look.place == PlaceKind.VERSION:
        return DatasetVersion.objects.select_related("dataset").filter(pk=look.place_id).first()
    scored = ScoringJob.objects.select_related("source_version__dataset").filter(pk=look.place_id).first()
    return scored.source_version if scored else None


def _id_column(experiment: Experiment, version: DatasetVersion) -> Column | None:
    name = experiment.asked.id_column
    return version.columns.filter(name=name).first() if name else None
