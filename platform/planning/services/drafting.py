"""Opening a question and keeping its plan."""

from dataclasses import asdict, replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User, Workspace
from audit import services as audit
from catalog.models import DatasetVersion
from checks import queries as check_queries
from checks import services as check_services
from planning.plans.faults import absent_wishes, column_faults, refuse
from planning.plans.plan import BUDGET_SECONDS, Plan
from training.models import Budget, Experiment, ExperimentState


@transaction.atomic
def draft_experiment(*, user: User, workspace: Workspace, kind: str, version: DatasetVersion, name: str) -> Experiment:
    """Open a question on a dataset version together with the data check made for it."""
    check = check_services.open_check(version, kind, user)
    experiment = Experiment.objects.create(
        workspace=workspace,
        name=name,
        kind=kind,
        owner=user,
        version=version,
        data_check=check,
        budget=Budget.STANDARD,
        budget_seconds=BUDGET_SECONDS[Budget.STANDARD],
    )
    audit.record(user, "experiment.drafted", workspace=workspace, obj=experiment, details={"kind": kind})
    return experiment


@transaction.atomic
def save_plan(experiment: Experiment, plan: Plan, user: User | None = None) -> Experiment:
    """Keep the choices of the plan page; a started experiment keeps the plan it was started with.

    What changed goes on record with who changed it, or with the owner where nobody else is named.
    """
    before = Plan.of(experiment)
    changed = Experiment.objects.filter(pk=experiment.pk, state=ExperimentState.DRAFT).update(
        budget=plan.budget,
        budget_seconds=plan.seconds,
        explainable_first=plan.explainable_first,
        contact_share=plan.contact_share,
        seed=plan.seed,
        spec=plan.kept(),
        updated_at=timezone.now(),
    )
    if changed:
        experiment.refresh_from_db()
        _record_plan(experiment, before, user or experiment.owner)
    return experiment


def _record_plan(experiment: Experiment, before: Plan, user: User) -> None:
    now, earlier = asdict(Plan.of(experiment)), asdict(before)
    details = {name: value for name, value in now.items() if value != earlier[name]}
    if details:
        audit.record(user, "experiment.planned", workspace=experiment.workspace, obj=experiment, details=details)


@transaction.atomic
def save_column_rules(
    experiment: Experiment, column: str, *, direction: int, special_values: list[float], user: User | None = None
) -> None:
    """Keep which way a column may act (−1, 0, 1) and which of its codes are no quantities."""
    plan = Plan.of(Experiment.objects.select_for_update().get(pk=experiment.pk))
    proposed = check_queries.proposed_directions(experiment.data_check).get(column, 0)
    # What the dictionary proposes needs no rule of its own; to be free of it does.
    is_own = direction != proposed
    monotone = {**plan.monotone, column: direction} if is_own else _without(plan.monotone, column)
    # The same holds of the codes that were confirmed at the data check.
    confirmed = check_queries.special_codes_of(experiment.data_check).get(column, [])
    has_own = sorted(special_values) != sorted(confirmed)
    special = {**plan.special_values, column: special_values} if has_own else _without(plan.special_values, column)
    plan = replace(plan, monotone=monotone, special_values=special)
    refuse(column_faults(plan, experiment.version, experiment.kind, experiment.data_check.target))
    absent = absent_wishes(plan, experiment.data_check)
    refuse({name: fault for name, fault in absent.items() if name == column})
    save_plan(experiment, plan, user)


def _without(rules: dict[str, Any], column: str) -> dict[str, Any]:
    return {name: rule for name, rule in rules.items() if name != column}
