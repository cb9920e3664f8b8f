"""A rule for one column, set as a person does it in the column's row of the plan."""

from typing import Any

from django.test import Client
from django.urls import reverse

from training.models import Experiment


def set_rule(browser: Client, experiment: Experiment, name: str, **rule: str) -> Any:
    column = experiment.version.columns.get(name=name)
    return browser.post(
        reverse("experiment_plan_column", args=[experiment.pk, column.pk]), rule, headers={"HX-Request": "true"}
    )
