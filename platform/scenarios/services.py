"""Saving, renaming and deleting scenarios; asking for the customers that one chooses."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.permissions import require_edit, require_view
from audit.services import record
from catalog.models import DatasetVersion
from experiments.errors import gettext_noop
from jobs import services as jobs
from results.queries.act import BY_NUMBER, choice_of, curve_of
from results.queries.evidence import evidence_of
from scenarios.errors import ScenarioError
from scenarios.job_kinds import JobKind
from scenarios.models import HELD_OUT, ChosenList, Scenario, Way
from training.models import Experiment, LeaderboardRow

LONGEST_NAME = 120
NO_NAME = gettext_noop("Give the scenario a name of 1 to 120 characters.")
TAKEN = gettext_noop("This model already has a scenario “%(name)s”. Choose another name.")
NO_CURVE = gettext_noop(
    "This run did not keep the figures for choosing customers. Run the experiment again to get them."
)
SAMPLE = (("联系前三成 top 30%", 30.0), ("联系前六成 top 60%", 60.0))
SAMPLE_OF_RISK = (("稳健：通过六成 cautious, 60%", 60.0), ("放宽：通过八成 open, 80%", 80.0))


@dataclass(frozen=True)
class Source:
    """Scores to choose from: which scoring, its name, where they lie, and the table that was scored."""

    code: str
    name: str
    path: str
    version: DatasetVersion | None = None


@transaction.atomic
def save(user: User, row: LeaderboardRow, name: str, asked: Mapping[str, Any]) -> Scenario:
    """Keep what the page on whom to choose was asked, under a name.

    Raises
    ------
    ScenarioError : no name, one that is taken, or a model of which nobody knows whom it would choose.
    """
    require_view(user, row.experiment)
    curve = curve_of(evidence_of(row), "validation")
    if curve is None:
        raise ScenarioError(NO_CURVE)
    choice = choice_of(row.experiment, curve, asked)
    by = choice.by if choice.by in Way.values else BY_NUMBER
    given = asked.get(by)
    value = given if given is not None else {BY_NUMBER: choice.number}.get(by, 100 * choice.share)
    if by == Way.CUT_OFF and given is None:
        value = 100 * curve.cutoff_at(choice.share)
    scenario = Scenario.objects.create(
        leaderboard_row=row, owner=user, name=_free(row, name), by=by, value=float(value), customers=choice.customers,
        gain=asked.get("gain"), cost=asked.get("cost"),
    )  # fmt: skip
    _record(user, "scenario.saved", scenario, {"scenario": scenario.name, "rule": _rule(scenario)})
    return scenario


@transaction.atomic
def rename(scenario: Scenario, user: User, name: str) -> None:
    """Call a scenario otherwise.

    Raises
    ------
    ScenarioError : no name, or one that is taken.
    """
    require_edit(user, scenario)
    before = scenario.name
    if name.strip() == before:
        return
    scenario.name = _free(scenario.leaderboard_row, name)
    scenario.save(update_fields=["name"])
    _record(user, "scenario.renamed", scenario, {"before": before, "scenario": scenario.name})


@transaction.atomic
def delete(scenario: Scenario, user: User) -> None:
    """Throw a scenario away; the lists that it made stay."""
    require_edit(user, scenario)
    _record(user, "scenario.deleted", scenario, {"scenario": scenario.name, "rule": _rule(scenario)})
    scenario.delete()


def _free(row: LeaderboardRow, name: str) -> str:
    """Return a name that no other scenario of the model has; who asks at the same time waits."""
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise ScenarioError(NO_NAME)
    LeaderboardRow.objects.select_for_update().get(pk=row.pk)
    if Scenario.objects.filter(leaderboard_row=row, name=name).exists():
        raise ScenarioError(TAKEN, name=name)
    return name


@transaction.atomic
def make_list(scenario: Scenario, user: User, source: Source | None = None) -> ChosenList:
    """Have a worker list the customers that a scenario chooses; of held-out rows where no scores are named."""
    row = scenario.leaderboard_row
    require_view(user, row.experiment)
    LeaderboardRow.objects.select_for_update().get(pk=row.pk)
    code = HELD_OUT if source is None else source.code
    waiting = ChosenList.objects.filter(scenario=scenario, source=code, made_at=None).select_related("job")
    for chosen in waiting:
        if chosen.is_under_way:
            return chosen
    chosen = ChosenList.objects.create(
        leaderboard_row=row, scenario=scenario, scenario_name=scenario.name, rule=scenario.rule, owner=user,
        source=code, source_name=source.name if source else "", source_path=source.path if source else "",
        source_version=source.version if source else None,
    )  # fmt: skip
    workspace = row.experiment.workspace
    chosen.job = jobs.enqueue(JobKind.CHOOSE, workspace=workspace, owner=user, subject_id=chosen.pk, size=0)
    chosen.save(update_fields=["job"])
    details = {"scenario": scenario.name, "rule": _rule(scenario), "chosen_from": chosen.source_name or code}
    record(user, "chosen_list.asked", workspace=workspace, obj=chosen, details=details)
    return chosen


def cancel(chosen: ChosenList, user: User) -> None:
    """Stop the making of a list."""
    require_edit(user, chosen)
    if chosen.job is None or not chosen.is_under_way:
        return
    record(user, "chosen_list.cancelled", workspace=chosen.leaderboard_row.experiment.workspace, obj=chosen)
    jobs.request_cancel(chosen.job)


def let_go(experiment: Experiment) -> list[str]:
    """Stop the lists of an experiment that is thrown away, and return the folders of those that were made."""
    found = ChosenList.objects.filter(leaderboard_row__experiment=experiment).select_related("job")
    for chosen in found:
        if chosen.job is not None and chosen.is_under_way:
            jobs.request_cancel(chosen.job)
    return [chosen.folder for chosen in found]


def keep_sample(experiment: Experiment) -> None:
    """Keep two scenarios and a list of the sample experiment's recommended model, once."""
    row = experiment.leaderboard.filter(is_recommended=True).exclude(model_path="").first()
    if not experiment.is_sample or row is None or ChosenList.objects.filter(leaderboard_row=row).exists():
        return
    if curve_of(evidence_of(row), "validation") is None or Scenario.objects.filter(leaderboard_row=row).exists():
        return
    money = {"gain": 1_200, "cost": 6_000} if experiment.is_risk else {"gain": 80, "cost": 6}
    kept = [
        save(experiment.owner, row, name, {"by": Way.SHARE.value, "share": share, **money})
        for name, share in (SAMPLE_OF_RISK if experiment.is_risk else SAMPLE)
    ]
    make_list(kept[0], experiment.owner)


def _rule(scenario: Scenario) -> str:
    """Return whom a scenario chooses, as the audit log keeps it."""
    return f"{scenario.by} = {scenario.value:g} / {scenario.customers}"


def _record(user: User, act: str, scenario: Scenario, details: dict[str, Any]) -> None:
    record(user, act, workspace=scenario.leaderboard_row.experiment.workspace, obj=scenario, details=details)
