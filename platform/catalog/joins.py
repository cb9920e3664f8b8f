"""Joins of a workspace's tables: drawn, changed, previewed and run; the work itself is ``join_runner``'s."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.db.models import Prefetch, QuerySet

from accounts.models import User, Workspace
from audit import services as audit
from catalog import queries
from catalog.models import Column, DatasetVersion, JoinPlan
from experiments.data.joining import JoinedTable, JoinSpec
from experiments.data.masking import holds_a_person
from experiments.errors import ExperimentError, gettext_noop
from jobs import services as jobs
from jobs.models import JobKind

GUESS, PREVIEW, RUN, AGAIN = "guess", "preview", "run", "again"
LONGEST_TABLE_NAME = 60

BUSY = gettext_noop("This join is being worked on. Wait until it is done, or cancel it first.")
NOTHING_JOINED = gettext_noop("Choose at least one table to join.")


class JoinRefused(ExperimentError):
    """A join that cannot be changed or run as it stands."""


def plans_of(workspace: Workspace) -> QuerySet[JoinPlan]:
    """Return the joins of a workspace, newest first, in a fixed number of queries."""
    return JoinPlan.objects.filter(workspace=workspace).select_related(
        "owner", "base__dataset", "result__dataset", "job"
    )


def newest_versions(workspace: Workspace) -> list[DatasetVersion]:
    """Return the newest version that is ready of each dataset, by name."""
    newest: dict[int, DatasetVersion] = {}
    for version in queries.versions_of(workspace).filter(state="ready").order_by("dataset__name", "-number"):
        newest.setdefault(version.dataset_id, version)
    return list(newest.values())


def versions_by_table(plan: JoinPlan) -> dict[str, DatasetVersion]:
    """Return the versions a join reads, by the name each has in it, with their columns; the base comes first."""
    chosen: dict[str, int] = plan.definition["tables"]
    columns = Prefetch("columns", queryset=Column.objects.order_by("position"), to_attr="all_columns")
    found = queries.versions_of(plan.workspace).filter(pk__in=chosen.values()).prefetch_related(columns).in_bulk()
    return {table: found[pk] for table, pk in chosen.items() if pk in found}


def spec_of(plan: JoinPlan) -> JoinSpec | None:
    """Return what the join is to do; ``None`` while that is still being guessed."""
    plain = plan.definition.get("spec")
    return JoinSpec.from_dict(plain) if plain else None


def without_persons(spec: JoinSpec, versions: Mapping[str, DatasetVersion]) -> JoinSpec:
    """Leave out what would put a person's data into the names or the figures of columns: numbers of telephones summed
    up, frequent names counted. Columns taken over as they are stay; pages mask them."""
    return replace(spec, tables=tuple(_without_persons(spec, table, versions[table.name]) for table in spec.tables))


def _without_persons(spec: JoinSpec, table: JoinedTable, version: DatasetVersion) -> JoinedTable:
    personal = {column.name for column in version.all_columns if is_personal(column)}  # type: ignore[attr-defined]

    def kept(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in names if name not in personal)

    columns = kept(table.columns) if spec.is_many(table.name) else table.columns
    return replace(table, numbers=kept(table.numbers), categories=kept(table.categories), columns=columns)


def is_personal(column: Column) -> bool:
    """Tell whether a column holds data of persons, as found at upload or as its most frequent values look."""
    values = [str(top.get("value")) for top in column.profile.get("top_values", [])]
    return bool(column.personal_data) or any(map(holds_a_person, values))


def is_busy(plan: JoinPlan) -> bool:
    return plan.job is not None and not plan.job.is_terminated


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
        name=name.strip()[:100] or f"{base.dataset.name} joined",
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
    _record(user, "join.started", plan, {"spec": plan.definition["spec"]})
    _ask(plan, RUN, user, state=JoinPlan.State.RUNNING)


@transaction.atomic
def run_again(plan: JoinPlan, user: User) -> None:
    """Do what made the result once more and compare the two files; nothing is kept but the answer."""
    if plan.result is None:
        raise JoinRefused(NOTHING_JOINED)
    _record(user, "join.repeated", plan, {"version": plan.result_id})
    _ask(plan, AGAIN, user)


def _keep(plan: JoinPlan, spec: JoinSpec, user: User) -> None:
    if not spec.tables:
        raise JoinRefused(NOTHING_JOINED)
    spec.check()
    plain = without_persons(spec, versions_by_table(plan)).to_dict()
    if plain != plan.definition.get("spec"):
        plan.definition = {**plan.definition, "spec": plain}
        _record(user, "join.changed", plan, {"spec": plain})


def _ask(plan: JoinPlan, wish: str, user: User, state: str | None = None) -> None:
    """Put work on a join in the queue; one at a time."""
    held = JoinPlan.objects.select_for_update().select_related("job").get(pk=plan.pk)
    if is_busy(held):
        raise JoinRefused(BUSY)
    plan.definition = {**plan.definition, "wish": wish}
    if wish == PREVIEW:
        plan.definition.pop("preview", None)
    size = sum(version.size_bytes for version in versions_by_table(plan).values())
    plan.job = jobs.enqueue(JobKind.JOIN, workspace=plan.workspace, owner=user, subject_id=plan.pk, size=size)
    plan.state = state or plan.state
    plan.save(update_fields=["definition", "job", "state"])


def _record(user: User, action: str, plan: JoinPlan, details: dict[str, Any]) -> None:
    audit.record(user, action, workspace=plan.workspace, obj=plan, details=details)
