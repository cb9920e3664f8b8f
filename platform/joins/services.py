"""Joins of a workspace's tables: drawn, changed, previewed and run; the work itself is ``join_runner``'s."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from accounts.models import User, Workspace
from audit import services as audit
from catalog.models import DatasetVersion
from experiments.errors import ExperimentError, gettext_noop
from experiments.joins import JoinSpec
from jobs import services as jobs
from jobs.models import Job, JobState
from joins.job_kinds import JobKind
from joins.models import JoinPlan
from joins.queries import (
    AGAIN,
    GUESS,
    PREVIEW,
    RUN,
    is_busy,
    lacking_columns,
    spec_of,
    versions_by_table,
    with_dates_told,
    without_persons,
)

LONGEST_TABLE_NAME = 60

BUSY = gettext_noop("This join is running. Wait until it is done, or cancel it first.")
NOTHING_JOINED = gettext_noop("Choose at least one table to join.")
NOT_RUN_YET = gettext_noop("Run the join once before running it on other sources.")
NOTHING_DRAWN = gettext_noop("The join has no links yet. Wait until they are detected, or send a spec.")
UNKNOWN_SOURCE = gettext_noop("%(table)s is not a table of this join.")
SPEC_OR_SOURCES = gettext_noop("On other sources a join runs unchanged: send either sources or a spec, not both.")
NO_SUCH_COLUMNS = gettext_noop("%(table)s has no column %(columns)s. See its dataset for the columns it has.")
OTHER_BASE = gettext_noop("The base table of this join is %(base)s. Create another join for another base table.")
LACKS_COLUMNS = gettext_noop(
    "%(version)s cannot replace %(table)s: it lacks %(columns)s. Choose a version that has these columns."
)


class JoinRefused(ExperimentError):
    """A join that cannot be changed or run as it stands."""


@transaction.atomic
def draw_join(
    user: User, workspace: Workspace, *, name: str, base: DatasetVersion, others: Sequence[DatasetVersion]
) -> JoinPlan:
    """Begin a join of versions; a worker guesses how they are linked.

    Raises JoinRefused when there is nothing to join.
    """
    others = [version for version in others if version.pk != base.pk]
    if not others:
        raise JoinRefused(NOTHING_JOINED)
    plan = JoinPlan.objects.create(
        workspace=workspace,
        owner=user,
        name=name.strip()[:100] or gettext("%(name)s joined") % {"name": base.dataset.name},
        base=base,
        definition={"tables": _named([base, *others])},
    )
    _record(user, "join.drawn", plan, {"tables": plan.definition["tables"]})
    _ask(plan, GUESS, user)
    return plan


def _named(versions: Iterable[DatasetVersion]) -> dict[str, int]:
    """Give each version the name of its dataset; the same name twice gets a number."""
    named: dict[str, int] = {}
    for version in versions:
        stem = version.dataset.name.strip()[:LONGEST_TABLE_NAME] or "table"
        name, rank = stem, 2
        while name in named:
            name, rank = f"{stem} {rank}", rank + 1
        named[name] = version.pk
    return named


@transaction.atomic
def guess_again(plan: JoinPlan, user: User) -> None:
    """Throw the drawing away and guess anew."""
    _ask(plan, GUESS, user)


@transaction.atomic
def preview(plan: JoinPlan, spec: JoinSpec, user: User) -> None:
    """Keep what was drawn and make a few rows of it.

    Raises BadInput or JoinRefused when it cannot be run.
    """
    _keep(plan, spec, user)
    _ask(plan, PREVIEW, user)


@transaction.atomic
def run(plan: JoinPlan, spec: JoinSpec, user: User) -> None:
    """Keep what was drawn and make the table.

    Raises BadInput or JoinRefused when it cannot be run.
    """
    _keep(plan, spec, user)
    plan.definition.pop("then", None)
    _record(user, "join.started", plan, {"spec": plan.definition["spec"]})
    _ask(plan, RUN, user, state=JoinPlan.State.RUNNING)


@transaction.atomic
def run_on(
    plan: JoinPlan, sources: Mapping[str, DatasetVersion], user: User, then: Mapping[str, Any] | None = None
) -> None:
    """Do what the join does with other versions, such as next month's; the result is the next version of its table.

    What is not named stays as it is. ``then`` is handed to whoever listens for the end of the join.
    Raises JoinRefused where a version lacks what the recipe needs.
    """
    spec = spec_of(plan)
    if spec is None or plan.result is None:
        raise JoinRefused(NOT_RUN_YET)
    tables = dict(plan.definition["tables"])
    for table, version in sources.items():
        if table not in tables:
            raise JoinRefused(UNKNOWN_SOURCE, table=table).about("sources", table)
        lacking = lacking_columns(spec, table, version)
        if lacking:
            raise JoinRefused(LACKS_COLUMNS, version=str(version), table=table, columns=", ".join(lacking[:10])).about(
                "sources", table
            )
        tables[table] = version.pk
    plan.definition = {**plan.definition, "tables": tables, **({"then": dict(then)} if then else {})}
    plan.base_id = tables[spec.base]
    plan.save(update_fields=["base"])
    _record(user, "join.sources_changed", plan, {"tables": tables})
    _record(user, "join.started", plan, {"spec": plan.definition["spec"]})
    _ask(plan, RUN, user, state=JoinPlan.State.RUNNING)


def refuse_unknown_names(plan: JoinPlan, spec: JoinSpec) -> None:
    """Refuse a drawing that names tables or columns which the join has not; a page offers only those that are there."""
    versions = versions_by_table(plan)
    first = next(iter(plan.definition["tables"]))
    if spec.base != first:
        raise JoinRefused(OTHER_BASE, base=first).about("spec", "base")
    spec.check()
    for name in (spec.base, *(table.name for table in spec.tables)):
        if name not in versions:
            raise JoinRefused(UNKNOWN_SOURCE, table=name).about("spec", "tables")
        lacking = lacking_columns(spec, name, versions[name])
        if lacking:
            raise JoinRefused(NO_SUCH_COLUMNS, table=name, columns=", ".join(lacking[:10])).about("spec", "tables")


@transaction.atomic
def run_again(plan: JoinPlan, user: User) -> None:
    """Do what made the result once more and compare the two files; nothing is kept but the answer."""
    if plan.result is None:
        raise JoinRefused(NOT_RUN_YET)
    _record(user, "join.repeated", plan, {"version": plan.result_id})
    _ask(plan, AGAIN, user)


def _keep(plan: JoinPlan, spec: JoinSpec, user: User) -> None:
    if not spec.tables:
        raise JoinRefused(NOTHING_JOINED)
    versions = versions_by_table(plan)
    with_dates_told(spec, versions).check()
    plain = without_persons(spec, versions).to_dict()
    if plain != plan.definition.get("spec"):
        plan.definition = {**plan.definition, "spec": plain}
        _record(user, "join.changed", plan, {"spec": plain})


def _ask(plan: JoinPlan, wish: str, user: User, state: str | None = None) -> None:
    """Put work on a join in the queue; one at a time."""
    held = JoinPlan.objects.select_for_update(of=("self",)).select_related("job").get(pk=plan.pk)
    if is_busy(held):
        raise JoinRefused(BUSY)
    plan.definition = {**plan.definition, "wish": wish}
    if wish != RUN:
        plan.definition.pop("then", None)
    if wish == PREVIEW:
        plan.definition.pop("preview", None)
    size = sum(version.size_bytes for version in versions_by_table(plan).values())
    plan.job = jobs.enqueue(JobKind.JOIN, workspace=plan.workspace, owner=user, subject_id=plan.pk, size=size)
    plan.state = state or plan.state
    plan.save(update_fields=["definition", "job", "state"])


def _record(user: User, action: str, plan: JoinPlan, details: dict[str, Any]) -> None:
    audit.record(user, action, workspace=plan.workspace, obj=plan, details=details)


def on_join_end(job: Job) -> None:
    """A join that did not come to its end is failed where it was to make a table; a preview leaves it as it was."""
    if job.state == JobState.SUCCEEDED:
        return
    running = JoinPlan.objects.filter(pk=job.subject_id, job=job, state=JoinPlan.State.RUNNING)
    state = JoinPlan.State.FAILED if job.state == JobState.FAILED else JoinPlan.State.DRAFT
    running.update(state=state)
