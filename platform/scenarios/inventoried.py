"""What of this app rests on models, for the inventory."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from inventory.dependants import Kind
from scenarios.models import ChosenList, Scenario


def _page(row: Scenario | ChosenList) -> str:
    return reverse("scenario_list", args=[row.leaderboard_row.experiment_id])


def _scenarios() -> QuerySet[Any]:
    return Scenario.objects.select_related("leaderboard_row")


def _lists() -> QuerySet[Any]:
    return ChosenList.objects.select_related("leaderboard_row")


MODEL, NUMBER = "leaderboard_row__model_versions__registered_model", "leaderboard_row__model_versions__number"
KINDS = (
    Kind("scenarios", _("Scenarios"), "adjustments", _scenarios, MODEL, _page, NUMBER, weight=20),
    Kind("lists", _("Lists"), "list-check", _lists, MODEL, _page, NUMBER, weight=30),
)
