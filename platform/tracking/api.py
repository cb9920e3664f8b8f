"""Experiments over HTTP: the list, what people keep of one, and its clone."""

from datetime import datetime
from typing import Any, Literal

from django.db import transaction
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop as _
from ninja import Field, Query, Router, Schema, Status

from accounts.api import workspace_named
from accounts.permissions import require_edit
from accounts.requests import SignedInRequest
from catalog.models import DatasetVersion
from common.answers import Body, Key, OneOf, Refusal, refusals
from common.missing import named_row
from common.paging import PAGED, PageIn, part_of
from planning.api.routes import router as planned
from planning.services.cloning import NOT_READ_YET, OTHER_DATASET, clone_experiment
from tracking.models import NOTE_LETTERS, Favourite
from tracking.queries.asked import Asked
from tracking.queries.listing import in_order, narrowed
from tracking.services import keeping
from tracking.words import SORTABLE
from training.api.access import experiments_for
from training.api.experiment_schemas import ExperimentOut, Kind
from training.models import Experiment, ExperimentState
from training.words import sentence

router = Router(tags=["experiments"])
SORTS = tuple(sorted([*SORTABLE, *(f"-{name}" for name in SORTABLE)]))


class KeptOut(Schema):
    tags: list[str]
    note: str
    favourite: bool = Field(description="of whoever asks")
    archived_at: datetime | None

    @staticmethod
    def kept(experiment: Experiment, *, is_favourite: bool) -> dict[str, Any]:
        return {
            "tags": [tagged.tag for tagged in experiment.tagged.all()],
            "note": experiment.note.text if hasattr(experiment, "note") else "",
            "favourite": is_favourite,
            "archived_at": experiment.archived_at,
        }


class MeasureOut(Schema):
    value: float
    low: float | None
    high: float | None


class ListedOut(ExperimentOut, KeptOut):
    measures: dict[str, dict[str, MeasureOut]] = Field(description="of the recommended model, by sample and metric")

    @staticmethod
    def told(experiment: Experiment) -> dict[str, Any]:
        """Tell an experiment of the list, from what was fetched for it."""
        measures: dict[str, dict[str, Any]] = {}
        for each in experiment.measured.all():
            numbers = {"value": each.value, "low": each.low, "high": each.high}
            measures.setdefault(each.sample, {})[each.metric] = numbers
        kept = KeptOut.kept(experiment, is_favourite=bool(experiment.own_favourites))  # type: ignore[attr-defined]
        return ExperimentOut.of(experiment) | kept | {"measures": measures}


class ExperimentsIn(PageIn):
    state: OneOf[ExperimentState] | None = None
    kind: Kind | None = None
    owner: str | None = Field(None, max_length=150, description="username")
    dataset_version_id: Key | None = None
    dataset_id: Key | None = None
    name: str | None = Field(None, max_length=120, description="part of the experiment's name")
    q: str = Field("", max_length=200, description="words in the name, the dataset, the person, a tag or the note")
    tag: str = Field("", max_length=200)
    favourites: bool = Field(False, description="only those that whoever asks has marked")
    archived: bool = Field(False, description="the archived ones, which are left out otherwise")
    sort: Literal[SORTS] = Field(  # type: ignore[valid-type]
        "-created", description="a column, or a measure on a sample; with a minus it falls; what is unknown comes last"
    )

    def to_asked(self) -> Asked:
        return Asked(
            q=self.q.strip(), kind=self.kind or "", dataset=self.dataset_id, state=self.state or "",
            tag=self.tag.strip(), favourites=self.favourites, archived=self.archived, sort=self.sort,
        )  # fmt: skip

    @property
    def exactly(self) -> dict[str, Any]:
        """What only programs narrow by."""
        paths = {"owner": "owner__username", "dataset_version_id": "version_id", "name": "name__icontains"}
        return {path: getattr(self, name) for name, path in paths.items() if getattr(self, name) is not None}


# One address belongs to one router: where experiments are created, they are listed.
@planned.get(
    "/experiments",
    response=list[ListedOut],
    summary=_("Experiments of a workspace, searched, narrowed and sorted; newest first unless asked otherwise"),
    openapi_extra=PAGED,
)
def list_experiments(
    request: SignedInRequest,
    response: HttpResponse,
    workspace: str | None = None,
    asked: ExperimentsIn = Query(...),  # noqa: B008 - how ninja declares parameters
) -> list[dict[str, Any]]:
    place = workspace_named(request.user, workspace)
    wanted = asked.to_asked()
    found = in_order(narrowed(place, wanted, request.user).filter(**asked.exactly), wanted)
    keys = part_of(list(found.values_list("pk", flat=True)), asked, request=request, response=response)
    favourites = Prefetch("favourites", Favourite.objects.filter(user=request.user), to_attr="own_favourites")
    rows = experiments_for(request).filter(pk__in=keys).select_related("note")
    by_key = {row.pk: row for row in rows.prefetch_related("tagged", "measured", favourites)}
    return [ListedOut.told(by_key[key]) for key in keys if key in by_key]


class KeptIn(Body):
    """What changes; what is left out stays."""

    tags: list[str] | None = Field(None, description="in place of those it has")
    note: str | None = Field(None, description=f"at most {NOTE_LETTERS} letters; empty for none")
    favourite: bool | None = Field(None, description="of whoever asks")
    archived: bool | None = Field(None, description="whether lists leave it out")


@router.get(
    "/experiments/{experiment_id}/kept",
    response=KeptOut,
    summary=_("Tags, note, favourite and archive of an experiment"),
)
def get_kept(request: SignedInRequest, experiment_id: int) -> dict[str, Any]:
    return _kept(request, experiment_id)


@router.patch(
    "/experiments/{experiment_id}/kept",
    response=KeptOut,
    summary=_("Change tags, note or favourite of an experiment, archive or restore it"),
    openapi_extra=refusals(Refusal(409, "running", keeping.RUNS)),
)
def change_kept(request: SignedInRequest, experiment_id: int, changes: KeptIn) -> dict[str, Any]:
    experiment, user = _seen(request, experiment_id), request.user
    if any(wish is not None for wish in (changes.tags, changes.note, changes.archived)):
        require_edit(user, experiment)
    with transaction.atomic():
        if changes.tags is not None:
            keeping.set_tags(experiment, changes.tags, user)
        if changes.note is not None:
            keeping.set_note(experiment, changes.note, user)
        if changes.favourite is not None:
            keeping.set_favourite(experiment, user, is_favourite=changes.favourite)
        if changes.archived is not None:
            (keeping.archive if changes.archived else keeping.restore)(experiment, user)
    return _kept(request, experiment_id)


class CloneIn(Body):
    name: str = Field("", max_length=120, description="that of the experiment with “copy” behind it if empty")
    dataset_version_id: Key | None = Field(None, description="another version of its dataset; its own when left out")


class CloneOut(Schema):
    experiment: ExperimentOut
    left_behind: list[str] = Field(description="what could not come along to another dataset version, in sentences")


@router.post(
    "/experiments/{experiment_id}/clone",
    response={201: CloneOut},
    summary=_("Open a draft with the plan and the data check of an experiment, also on another dataset version"),
    openapi_extra=refusals(
        Refusal(409, "dataset", OTHER_DATASET, {}, ("body", "dataset_version_id")),
        Refusal(409, "unread", NOT_READ_YET, {}, ("body", "dataset_version_id")),
    ),
)
def clone(request: SignedInRequest, experiment_id: int, wish: CloneIn) -> Status:
    experiment = _seen(request, experiment_id)
    version = None
    if wish.dataset_version_id is not None:
        versions = DatasetVersion.objects.filter(dataset__workspace=experiment.workspace)
        version = named_row(
            versions.select_related("dataset__workspace"), field="dataset_version_id", pk=wish.dataset_version_id
        )
    made = clone_experiment(experiment, request.user, name=wish.name.strip(), version=version)
    told = [sentence(each.message, each.params) for each in made.told]
    whole = ExperimentOut.of(experiments_for(request).get(pk=made.experiment.pk), with_findings=True)
    return Status(201, {"experiment": whole, "left_behind": told})


def _seen(request: SignedInRequest, experiment_id: int) -> Experiment:
    found: Experiment = get_object_or_404(experiments_for(request).select_related("note"), pk=experiment_id)
    return found


def _kept(request: SignedInRequest, experiment_id: int) -> dict[str, Any]:
    experiment = _seen(request, experiment_id)
    is_favourite = Favourite.objects.filter(experiment=experiment, user=request.user).exists()
    return KeptOut.kept(experiment, is_favourite=is_favourite)
