"""Which scenarios and lists there are, what a scenario brings, and whose ids a person may read."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User, Workspace
from accounts.permissions import can_edit
from common.storage import exists
from common.templatetags.formatting import NOTHING, count, moment, money, rate
from experiments.strategy.curve import StrategyCurve
from registry.models import Alias, ModelVersion
from results.queries.act import Brought, brought_by, choice_of, curve_of
from results.queries.evidence import evidence_of
from scenarios.models import ChosenList, Scenario, Way
from training.models import LeaderboardRow
from training.queries import hidden
from training.words import words_for

MOST_LISTS = 50


def scenarios_in(workspace: Workspace) -> QuerySet[Scenario]:
    found = Scenario.objects.filter(leaderboard_row__experiment__workspace=workspace)
    return found.select_related(
        "owner", "leaderboard_row__experiment__version", "leaderboard_row__experiment__workspace"
    )


def scenarios_of(row: LeaderboardRow) -> QuerySet[Scenario]:
    return scenarios_in(row.experiment.workspace).filter(leaderboard_row=row)


def lists_in(workspace: Workspace) -> QuerySet[ChosenList]:
    """Return the lists of a workspace, the newest first."""
    found = ChosenList.objects.filter(leaderboard_row__experiment__workspace=workspace)
    return found.select_related(
        "owner", "job", "leaderboard_row__experiment__workspace", "leaderboard_row__experiment__version__dataset",
        "source_version__dataset",
    )  # fmt: skip


def is_draft(row: LeaderboardRow) -> bool:
    """Return whether no champion was made of a model, so that its lists are not to be used yet."""
    return not ModelVersion.objects.filter(leaderboard_row=row, alias=Alias.CHAMPION).exists()


def hides_ids(chosen: ChosenList, user: User) -> bool:
    """Return whether the ids of a list are masked for a person."""
    experiment = chosen.leaderboard_row.experiment
    return hidden.hides_ids(user, experiment, chosen.source_version, id_column=chosen.id_column)


def for_reader(lists: Iterable[ChosenList], user: User) -> list[ChosenList]:
    """Return lists that know what who looks at them may do and see; dictionaries are asked once for lists of a kind."""
    told = list(lists)
    there = {path: exists(path) for path in {each.source_path for each in told if each.source_path}}
    masked: dict[tuple[Any, ...], bool] = {}
    for each in told:
        kind = each.leaderboard_row.experiment_id, each.source_version_id, each.id_column
        if kind not in masked:
            masked[kind] = hides_ids(each, user)
        each.may_cancel = can_edit(user, each)  # type: ignore[attr-defined]
        each.scores_are_gone = not there.get(each.source_path, True)  # type: ignore[attr-defined]
        each.ids_are_masked = masked[kind]  # type: ignore[attr-defined]
    return told


def value_in_words(by: str, value: float) -> str:
    """Return whom a scenario chooses, in words."""
    if by == Way.NUMBER:
        return _("customers to choose: %(number)s") % {"number": count(value)}
    share = rate(value / 100, 1 if by == Way.SHARE else 2)
    return (
        _("%(share)s of the list") % {"share": share}
        if by == Way.SHARE
        else _("cut-off %(cutoff)s") % {"cutoff": share}
    )


@dataclass(frozen=True)
class ToldScenario:
    """A scenario with what it chooses, in words, and what it brings; nothing of a run that kept no curve."""

    scenario: Scenario
    chooses: str
    brings: Brought | None


def told_of(row: LeaderboardRow) -> list[ToldScenario]:
    """Return the scenarios of a model; its evidence is read once, however many there are."""
    curve = curve_of(evidence_of(row), "validation")
    return [_told(row, each, curve) for each in scenarios_of(row)]


def _told(row: LeaderboardRow, scenario: Scenario, curve: StrategyCurve | None) -> ToldScenario:
    chooses = value_in_words(scenario.by, scenario.value)
    if curve is None:
        return ToldScenario(scenario, chooses, None)
    choice = choice_of(row.experiment, curve, scenario.asked)
    return ToldScenario(scenario, chooses, brought_by(row.experiment, choice, curve))


def side_by_side(pair: list[ToldScenario]) -> list[tuple[str, list[str]]]:
    """Return what tells two scenarios apart: a label and the value of each, settings first."""
    words = words_for(pair[0].scenario.leaderboard_row.experiment)
    lines: list[tuple[Any, list[str]]] = [
        (_("Saved by"), [str(each.scenario.owner) for each in pair]),
        (_("Saved"), [str(moment(each.scenario.created_at)) for each in pair]),
        (_("Chooses"), [each.chooses for each in pair]),
        (_("Customers on the list"), [count(each.scenario.customers) for each in pair]),
        (words.gain, [_amount(each.scenario.gain) for each in pair]),
        (words.cost, [_amount(each.scenario.cost) for each in pair]),
    ]
    brought = [each.brings for each in pair if each.brings is not None]
    if len(brought) == len(pair):
        for figures in zip(*(each.figures for each in brought), strict=True):
            lines.append((figures[0].label, [_with_reading(figure) for figure in figures]))
    return [(str(label), values) for label, values in lines]


def _amount(value: float | None) -> str:
    return NOTHING if value is None else money(value)


def _with_reading(figure: Any) -> str:
    return f"{figure.value} · {figure.reading}" if figure.reading else figure.value
