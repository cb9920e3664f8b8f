"""Experiments over HTTP: put a question, start and watch the run."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal

from annotated_types import Interval
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from ninja import Field, Header, Query, Router, Schema, Status
from ninja.errors import HttpError
from pydantic import AfterValidator, ConfigDict, create_model

from accounts.api import workspace_named
from accounts.permissions import can_edit
from accounts.queries import workspaces_of
from accounts.requests import SignedInRequest
from catalog.models import ColumnRole, DatasetVersion, VersionState
from checks import attributes, decisions
from checks import services as check_services
from checks.errors import FROZEN
from checks.models import CheckedColumn, DataCheck, Finding
from checks.targets import refuse_unknown_event
from common.answers import Body, Key, OneOf, Refusal, refusals, together
from common.missing import named_row
from common.paging import PAGED, PageIn, page_of
from common.templatetags.formatting import told
from experiments.errors import BadInput, about, gettext_noop
from experiments.meant import NEAR_COLUMN, no_such_name, refuse_column
from experiments.spec import ASKED, HOUSE_LIMITS, RANGES, TARGET_KINDS, FeatureEffort, Limits
from jobs.models import Job
from training import continuing, drafts, repeating, services
from training.models import Budget, Experiment, ExperimentState
from training.plans import BUDGET_SECONDS, PLANNED_SPLIT, no_column_of
from training.queries.experiments import BESIDE_COUNT, TRIAL_COUNT
from training.run_words import doubts, ended_early
from training.words import LEARNERS as LEARNER_NAMES
from training.words import SEARCHED, sentence

router = Router(tags=["experiments"])
SAME_IN_PLAN = (
    "trials", "explainable_first", "contact_share", "seed", *PLANNED_SPLIT,
    "feature_effort", "derived_on_card", "without_protected", "ensemble", "response_column", "response_event",
    "event_name", "non_event_name",
)  # fmt: skip
BUDGET_FIELDS = {"budget", "budget_seconds", "trials"}
IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", description="the ETag you read; a change made meanwhile is then not overwritten"),
]
WITH_ETAG = {
    "responses": {
        "200": {
            "headers": {
                "ETag": {
                    "description": "send it as If-Match with a change, to change nothing that others changed meanwhile",
                    "schema": {"type": "string"},
                }
            }
        }
    }
}
CHANGED_MEANWHILE = gettext_noop(
    "The experiment was changed since you read it. Read it again, and send your change with its new ETag."
)
NO_COLUMN = {"column": "answred", "nearest": "answered"}
NO_TARGET_COLUMN = Refusal(409, "target", NEAR_COLUMN, NO_COLUMN, ("body", "target"))
NO_SUCH_COLUMN = Refusal(409, "column", NEAR_COLUMN, NO_COLUMN, ("body", 0, "name"))
NOT_A_DRAFT = Refusal(409, "started", drafts.NO_DRAFT)
STARTED = Refusal(409, "started", FROZEN)
CHANGED = Refusal(412, "changed", CHANGED_MEANWHILE)
NOT_STARTED = gettext_noop("This experiment is a draft: nothing runs. Start it first.")
NEVER_STARTED = Refusal(409, "draft", NOT_STARTED)
FAMILIES = tuple(LEARNER_NAMES)
Kind = Literal[TARGET_KINDS]  # type: ignore[valid-type]


def known_family(name: str) -> str:
    """Refuse a family the engine does not have; the engine's list grows without this file."""
    if name not in SEARCHED:
        raise ValueError(told(*no_such_name("learners", name, SEARCHED)))
    return name


Learner = Annotated[str, AfterValidator(known_family), Field(json_schema_extra={"enum": list(SEARCHED)})]
Number = Annotated[float, Field(allow_inf_nan=False)]


def within(name: str) -> Interval:
    """Return the bounds of a number as the engine has them."""
    least, most = RANGES[name].ends
    return Interval(ge=least, le=most)


def asked(name: str, default: Any = ..., **more: Any) -> Any:
    """Return a field as the engine's schema has it: its default and what is said of it."""
    one = ASKED[name]
    if one.most_letters:
        more["max_length"] = one.most_letters
    return Field(one.default if default is ... else default, description=one.told, **more)


class LimitsIn(Body):
    """What a recommended model must keep; null sets no limit, and a number that is sent is the limit as it stands."""

    ks_gap: Annotated[float, within("ks_gap")] | None = asked("ks_gap")
    ks_gap_share: Annotated[float, within("ks_gap_share")] | None = Field(
        None,
        description="the fall may also be this share of the training KS, if that is more; left out, it may not where "
        f"ks_gap is sent, and {ASKED['ks_gap_share'].default:g} is usual where it is not",
    )
    score_psi: Annotated[float, within("score_psi")] | None = asked("score_psi")
    features: Annotated[int, within("features")] | None = asked("features")
    milliseconds: Annotated[float, within("milliseconds")] | None = asked("milliseconds")

    def to_limits(self, others: Limits = HOUSE_LIMITS) -> Limits:
        """Return what was sent beside the other limits."""
        return others.with_own(self.dict(exclude_unset=True))


def type_asked(name: str) -> Any:
    """Return the type of a field as the engine's schema has it."""
    one = ASKED[name]
    if one.numbers is not None:
        return Annotated[int if one.numbers.is_whole else float, within(name)]
    return Literal[one.choices] if one.choices else str | None


_SPLIT: dict[str, Any] = {name: (type_asked(name), asked(name)) for name in PLANNED_SPLIT}
SplitIn = create_model("SplitIn", __base__=Body, **_SPLIT)


class PlanIn(SplitIn):  # type: ignore[valid-type, misc]
    budget: Literal["quick", "standard", "deep"] = "standard"
    budget_seconds: Annotated[int, within("seconds")] | None = Field(None, description="instead of the named budget")
    trials: Annotated[int, within("trials")] | None = asked("trials")
    explainable_first: bool = asked("explainable_first")
    contact_share: Annotated[float, within("contact_share")] = asked("contact_share")
    seed: Annotated[int, within("seed")] = asked("seed")
    learners: list[Learner] = Field(default_factory=lambda: list(ASKED["learners"].default), min_length=1)
    feature_effort: FeatureEffort = asked("feature_effort")
    derived_on_card: bool = asked("derived_on_card")
    without_protected: bool = asked("without_protected")
    ensemble: bool = asked("ensemble")
    limits: LimitsIn | None = Field(None, description="the usual limits when left out")
    monotone: dict[str, Literal[-1, 0, 1]] = Field(
        default_factory=dict,
        description="by column: 1 if the event probability may only rise, -1 if only fall; 0 overrules the dictionary",
    )
    special_values: dict[str, list[Number]] = Field(default_factory=dict, description=ASKED["special_values"].help)
    response_column: str | None = asked("response_column")
    response_event: str | None = asked("response_event")
    event_name: str = asked("event_name")
    non_event_name: str = asked("non_event_name")

    @classmethod
    def told(cls, plan: services.Plan) -> dict[str, Any]:
        """Return a plan as the fields that would have asked for it, but for its limits."""
        is_named = plan.budget in BUDGET_SECONDS
        return {name: getattr(plan, name) for name in SAME_IN_PLAN} | {
            "budget": plan.budget if is_named else "standard",
            "budget_seconds": None if is_named or plan.trials else plan.seconds,
            "learners": list(plan.learners),
            "monotone": plan.monotone,
            "special_values": plan.special_values,
            "limits": None,
        }

    def to_plan(self) -> services.Plan:
        return services.Plan(
            **{name: getattr(self, name) for name in SAME_IN_PLAN},
            budget=Budget.TRIALS if self.trials else Budget.CUSTOM if self.budget_seconds else self.budget,
            seconds=self.budget_seconds or services.BUDGET_SECONDS[Budget(self.budget)],
            learners=tuple(self.learners),
            limits=self.limits.to_limits() if self.limits else HOUSE_LIMITS,
            monotone=dict(self.monotone),
            special_values={name: sorted(set(codes)) for name, codes in self.special_values.items() if codes},
        )


class ExperimentIn(PlanIn):
    name: str = Field(min_length=1, max_length=120)
    kind: Kind
    dataset_version_id: Key
    target: str
    event: str | None = Field(None, description="the value that counts as the event; the rarer one when left out")


def without_defaults(schema: dict[str, Any]) -> None:
    """What is left out of a change stays as it is, whatever a new experiment would get."""
    for field in schema["properties"].values():
        field.pop("default", None)


class LimitsChangeIn(LimitsIn):
    """Limits that change; what is left out stays."""

    model_config = ConfigDict(json_schema_extra=without_defaults)


class ExperimentChangeIn(PlanIn):
    """What changes of a draft; what is left out stays, and a list or an object takes the place of the one before."""

    model_config = ConfigDict(json_schema_extra=without_defaults)
    name: str = Field("", min_length=1, max_length=120)
    target: str = Field("", min_length=1)
    event: str | None = Field(None, description="the value that counts as the event; null for the rarer one")
    limits: LimitsChangeIn | None = Field(None, description="only the limits that are sent are changed")

    def changed(self, plan: services.Plan) -> services.Plan:
        """Return a plan with what was sent in place of what it had."""
        sent = self.model_dump(exclude_unset=True, exclude={"name", "target", "event", "limits"})
        merged = self.model_construct(**{**PlanIn.told(plan), **sent})
        if sent.keys() & BUDGET_FIELDS:
            for field in BUDGET_FIELDS - sent.keys():
                setattr(merged, field, PlanIn.model_fields[field].default)
        limits = plan.limits
        if "limits" in self.model_fields_set:
            limits = self.limits.to_limits(plan.limits) if self.limits else HOUSE_LIMITS
        return replace(merged.to_plan(), limits=limits)


# The target is chosen by its own field, with its event; every other role may be given to a column.
GivenRole = Literal["feature", "id", "date", "weight", "group", "split", "treatment", "ignore"]


class ColumnIn(Body):
    name: str
    role: GivenRole | None = None
    excluded: bool | None = None
    protected: bool | None = Field(
        None,
        description="whether it holds a protected attribute, such as sex, which is never a customer's reason",
    )


class FindingOut(Schema):
    code: str
    severity: OneOf[Finding.Severity]
    column: str | None
    finding: str
    undone: bool
    took_out: bool = Field(description="whether the check took the column out; otherwise it only asks about it")
    months: list[str] = Field([], description="for ripening: the months that leave-out-immature leaves out")


class FaultOut(Schema):
    field: str
    fault: str


class ExperimentOut(Schema):
    id: int
    name: str
    kind: Kind
    owner: str
    dataset_version_id: int
    target: str
    event: str
    state: OneOf[ExperimentState]
    check_state: OneOf[DataCheck.State]
    percent: float
    stage: str
    error: str
    budget_seconds: int
    budget_trials: int | None
    trial_count: int = Field(description="settings that the search proposed and that have ended, as the budget counts")
    beside_count: int = Field(description="models that every run makes beside its trials: baseline, first look, card")
    seconds_left: float | None = Field(description="that the run is expected to take; null while nobody can tell")
    has_result: bool = Field(description="the leaderboard stands, also where the rest of it is still being made")
    ended_early: dict[str, Any] | None = Field(description="what was kept and dropped where the search was ended")
    doubts: str = Field(
        "", description="what the result is without columns that the data check asks about, where it leans on them"
    )
    out_of_time_peeks: int
    spec: dict[str, Any]
    expected_end_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    protected_columns: list[str] = Field([], description="features that hold protected attributes, decided or proposed")
    findings: list[FindingOut] = []
    faults: list[FaultOut] = Field([], description="what in the plan cannot be done; each of them prevents a start")

    @staticmethod
    def of(experiment: Experiment, *, with_findings: bool = False) -> dict[str, Any]:
        job, check = experiment.job, experiment.data_check
        plain = ("name", "kind", "state", "budget_seconds", "budget_trials", "started_at", "finished_at", "spec")
        failed = job if job and job.error_message else check.job
        return {name: getattr(experiment, name) for name in plain} | {
            "id": experiment.pk,
            "owner": experiment.owner.username,
            "dataset_version_id": experiment.version_id,
            "target": check.target,
            "event": check.event,
            "check_state": check.state,
            "percent": job.percent if job else 0.0,
            "stage": sentence(job.stage, job.stage_params) if job else "",
            "error": sentence(failed.error_message, failed.error_params) if failed else "",
            "trial_count": experiment.trial_count,  # type: ignore[attr-defined]
            "beside_count": experiment.beside_count,  # type: ignore[attr-defined]
            "seconds_left": seconds_left(job),
            "has_result": experiment.has_result,
            "ended_early": ended_early(experiment),
            "doubts": doubts(experiment),
            "out_of_time_peeks": experiment.out_of_time_peeks,
            "expected_end_at": job.expected_end_at if job else None,
            "protected_columns": attributes.protected_features(check) if with_findings else [],
            "findings": findings_of(experiment) if with_findings else [],
            "faults": faults_told(experiment) if with_findings else [],
        }


def faults_told(experiment: Experiment) -> list[dict[str, str]]:
    """Return what a start would be refused for, once the data have been looked at."""
    if experiment.state != ExperimentState.DRAFT or experiment.data_check.state != DataCheck.State.READY:
        return []
    faults = services.faults_of(services.Plan.of(experiment), experiment.data_check)
    return [{"field": field, "fault": sentence(message, params)} for field, (message, params) in faults.items()]


def seconds_left(job: Job | None) -> float | None:
    if job is None or job.is_terminated or job.expected_end_at is None:
        return None
    return round(max(0.0, (job.expected_end_at - timezone.now()).total_seconds()), 1)


def findings_of(experiment: Experiment) -> list[dict[str, Any]]:
    return [
        {
            "code": finding.code,
            "severity": finding.severity,
            "column": finding.column.name if finding.column else None,
            "finding": sentence(finding.message, finding.params),
            "undone": finding.undone_at is not None,
            "took_out": bool(finding.action) and finding.undone_at is None,
            "months": finding.evidence.get("months", []) if finding.code == "ripening" else [],
        }
        for finding in experiment.data_check.findings.select_related("column")
    ]


def experiments_for(request: SignedInRequest) -> Any:
    seen = Experiment.objects.filter(workspace__in=workspaces_of(request.user))
    counted = seen.annotate(trial_count=TRIAL_COUNT, beside_count=BESIDE_COUNT)
    return counted.select_related("workspace", "owner", "version", "job", "data_check__job")


def editable(request: SignedInRequest, experiment_id: int) -> Experiment:
    """Return the experiment if the caller may change it: a stranger finds nothing, a colleague is refused."""
    experiment = get_object_or_404(experiments_for(request), pk=experiment_id)
    if not can_edit(request.user, experiment):
        raise PermissionDenied
    return experiment


def started(request: SignedInRequest, experiment_id: int) -> Experiment:
    """Return the experiment to steer if it was ever started: of a draft nothing can be ended or continued."""
    experiment = editable(request, experiment_id)
    if experiment.state == ExperimentState.DRAFT:
        raise BadInput(NOT_STARTED)
    return experiment


def answered(request: SignedInRequest, experiment_id: int) -> dict[str, Any]:
    return ExperimentOut.of(experiments_for(request).get(pk=experiment_id), with_findings=True)


@router.post(
    "/experiments",
    response={201: ExperimentOut},
    summary=_("Create an experiment on a dataset and check its data"),
    openapi_extra=refusals(NO_TARGET_COLUMN),
)
def create(request: SignedInRequest, wish: ExperimentIn) -> Status:
    versions = DatasetVersion.objects.filter(dataset__workspace__in=workspaces_of(request.user))
    version = named_row(
        versions.select_related("dataset__workspace"), field="dataset_version_id", pk=wish.dataset_version_id
    )
    require_column(version, wish.target)
    refuse_unknown_event(version.columns.get(name=wish.target), wish.event or "")
    plan = wish.to_plan()
    services.refuse(services.column_faults(plan, version, wish.kind, wish.target), plan)
    experiment = services.draft_experiment(
        user=request.user, workspace=version.dataset.workspace, kind=wish.kind, version=version, name=wish.name
    )
    services.save_plan(experiment, plan, request.user)
    check_services.choose_target(experiment.data_check, wish.target, wish.event or "", request.user)
    return Status(201, answered(request, experiment.pk))


def require_column(version: DatasetVersion, name: str) -> None:
    if version.state != VersionState.READY:
        raise BadInput(gettext_noop("The file has not been read yet. Wait until the dataset's state is ready."))
    if not version.columns.filter(name=name).exists():
        services.refuse({"target": no_column_of(version, name)})


class ExperimentsIn(PageIn):
    state: OneOf[ExperimentState] | None = None
    kind: Kind | None = None
    owner: str | None = Field(None, max_length=150, description="username")
    dataset_version_id: Key | None = None
    name: str | None = Field(None, max_length=120, description="part of the experiment's name")


@router.get(
    "/experiments",
    response=list[ExperimentOut],
    summary=_("Experiments of a workspace, newest first"),
    openapi_extra=PAGED,
)
def list_experiments(
    request: SignedInRequest,
    response: HttpResponse,
    workspace: str | None = None,
    asked: ExperimentsIn = Query(...),  # noqa: B008 - how ninja declares parameters
) -> list[dict[str, Any]]:
    place = workspace_named(request.user, workspace)
    narrowed = asked.filters(owner="owner__username", dataset_version_id="version_id", name="name__icontains")
    seen = experiments_for(request).filter(workspace=place, **narrowed)
    page = page_of(seen, asked, request=request, response=response, order=("-created_at", "-pk"))
    return [ExperimentOut.of(experiment) for experiment in page]


@router.get(
    "/experiments/{experiment_id}",
    response=ExperimentOut,
    summary=_("See an experiment and its progress"),
    openapi_extra=WITH_ETAG,
)
def get_experiment(request: SignedInRequest, response: HttpResponse, experiment_id: int) -> dict[str, Any]:
    experiment = get_object_or_404(experiments_for(request), pk=experiment_id)
    response["ETag"] = etag_of(experiment)
    return ExperimentOut.of(experiment, with_findings=True)


def etag_of(experiment: Experiment) -> str:
    """Return what tells whether people have changed an experiment since; what a worker finds does not count."""
    return f'"{experiment.updated_at:%Y%m%d%H%M%S%f}"'


def refuse_if_changed(experiment: Experiment, wanted: str | None) -> None:
    """Refuse a change that was made up for an earlier state of the experiment."""
    tags = [tag.strip() for tag in (wanted or "*").split(",")]
    if "*" not in tags and etag_of(experiment) not in tags:
        raise HttpError(412, gettext(CHANGED_MEANWHILE))


@router.patch(
    "/experiments/{experiment_id}",
    response=ExperimentOut,
    summary=_("Change a draft: its name, plan, target or event"),
    openapi_extra=together(WITH_ETAG, refusals(NOT_A_DRAFT, CHANGED, NO_TARGET_COLUMN)),
)
def change(
    request: SignedInRequest,
    response: HttpResponse,
    experiment_id: int,
    changes: ExperimentChangeIn,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    with transaction.atomic():
        experiment = drafts.locked_draft(editable(request, experiment_id))
        refuse_if_changed(experiment, if_match)
        sent, plan = changes.model_fields_set, services.Plan.of(experiment)
        drafts.change_draft(
            experiment,
            request.user,
            name=changes.name if "name" in sent else experiment.name,
            plan=changes.changed(plan),
            target=changes.target if "target" in sent else None,
            event=(changes.event or "") if "event" in sent else None,
        )
    response["ETag"] = etag_of(experiments_for(request).get(pk=experiment_id))
    return answered(request, experiment_id)


@router.delete(
    "/experiments/{experiment_id}",
    response={204: None},
    summary=_("Delete a draft with its data check; the dataset stays"),
    openapi_extra=refusals(NOT_A_DRAFT, CHANGED),
)
def delete(request: SignedInRequest, experiment_id: int, if_match: IfMatch = None) -> Status:
    with transaction.atomic():
        experiment = drafts.locked_draft(editable(request, experiment_id))
        refuse_if_changed(experiment, if_match)
        drafts.delete_draft(experiment, request.user)
    return Status(204, None)


@router.post(
    "/experiments/{experiment_id}/columns",
    response=ExperimentOut,
    summary=_("Give columns roles, take them out or back in, all or none of them"),
    openapi_extra=refusals(STARTED, NO_SUCH_COLUMN),
)
def change_columns(request: SignedInRequest, experiment_id: int, wishes: list[ColumnIn]) -> dict[str, Any]:
    experiment = editable(request, experiment_id)
    columns = {c.column.name: c for c in experiment.data_check.columns.select_related("column")}
    with transaction.atomic():
        for place, wish in enumerate(wishes):
            if wish.name not in columns:
                with about(place, "name"):
                    refuse_column(wish.name, columns)
            change_column(request, experiment, columns[wish.name], wish)
    return answered(request, experiment_id)


def change_column(request: SignedInRequest, experiment: Experiment, column: CheckedColumn, wish: ColumnIn) -> None:
    check = experiment.data_check
    if wish.role:
        check_services.set_role(check, column.column, ColumnRole(wish.role), request.user)
    if wish.excluded is not None:
        act = check_services.exclude if wish.excluded else check_services.include
        act(check, column.column, request.user)
    if wish.protected is not None:
        decisions.set_protected(check, column.column, wish.protected, request.user)


@router.post(
    "/experiments/{experiment_id}/leave-out-immature",
    response={202: ExperimentOut},
    summary=_("Leave out the newest months whose outcome is probably not yet known, and check again"),
    openapi_extra=refusals(STARTED, Refusal(409, "none", decisions.NO_IMMATURE)),
)
def leave_out_immature(request: SignedInRequest, experiment_id: int) -> Status:
    decisions.leave_out_immature(editable(request, experiment_id).data_check, request.user)
    return Status(202, answered(request, experiment_id))


@router.post(
    "/experiments/{experiment_id}/start",
    response={202: ExperimentOut},
    summary=_("Start the run, once"),
    openapi_extra=refusals(Refusal(409, "checking", services.CHECK_RUNNING)),
)
def start(request: SignedInRequest, experiment_id: int) -> Status:
    services.start_experiment(editable(request, experiment_id), request.user)
    return Status(202, answered(request, experiment_id))


@router.post(
    "/experiments/{experiment_id}/finish",
    response={202: ExperimentOut},
    summary=_("Finish now and keep the best"),
    openapi_extra=refusals(NEVER_STARTED),
)
def finish(request: SignedInRequest, experiment_id: int) -> Status:
    services.finish_now(started(request, experiment_id), request.user)
    return Status(202, answered(request, experiment_id))


@router.post(
    "/experiments/{experiment_id}/cancel",
    response={202: ExperimentOut},
    summary=_("Cancel the run and keep nothing"),
    openapi_extra=refusals(NEVER_STARTED, Refusal(409, "stands", services.STANDS)),
)
def cancel(request: SignedInRequest, experiment_id: int) -> Status:
    services.cancel(started(request, experiment_id), request.user)
    return Status(202, answered(request, experiment_id))


@router.post(
    "/experiments/{experiment_id}/pause",
    response={202: ExperimentOut},
    summary=_("Pause the run and keep its trials"),
    openapi_extra=refusals(NEVER_STARTED),
)
def pause(request: SignedInRequest, experiment_id: int) -> Status:
    services.pause_experiment(started(request, experiment_id), request.user)
    return Status(202, answered(request, experiment_id))


@router.post(
    "/experiments/{experiment_id}/resume",
    response={202: ExperimentOut},
    summary=_("Continue a paused or failed run from its trials"),
    openapi_extra=refusals(NEVER_STARTED),
)
def resume(request: SignedInRequest, experiment_id: int) -> Status:
    services.resume_experiment(started(request, experiment_id), request.user)
    return Status(202, answered(request, experiment_id))


@router.post(
    "/experiments/{experiment_id}/continue",
    response={202: ExperimentOut},
    summary=_("Give a finished run more time or trials, starting from its result"),
    openapi_extra=refusals(NEVER_STARTED, Refusal(409, "submitted", continuing.IS_SUBMITTED)),
)
def go_on(request: SignedInRequest, experiment_id: int) -> Status:
    continuing.continue_experiment(started(request, experiment_id), request.user)
    return Status(202, answered(request, experiment_id))


@router.post(
    "/experiments/{experiment_id}/repeat",
    response={201: ExperimentOut},
    summary=_("Run a finished experiment again exactly, as a new one"),
    openapi_extra=refusals(Refusal(409, "no_story", repeating.NO_STORY)),
)
def repeat(request: SignedInRequest, experiment_id: int) -> Status:
    again = repeating.repeat_experiment(editable(request, experiment_id), request.user)
    return Status(201, answered(request, again.pk))
