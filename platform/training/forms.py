"""The plan of a run as a form: a budget, preferences and, for experts, the rest."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from training.models import Budget, Experiment
from training.services import BUDGET_SECONDS, Plan
from training.words import LEARNERS

SEARCHED = ("lightgbm", "xgboost", "catboost", "random_forest", "extra_trees", "linear")
LEAST_SECONDS, MOST_SECONDS = 20, 8 * 3600


class PlanForm(forms.Form):
    """What a person decides before a run; empty expert fields mean the defaults."""

    budget = forms.ChoiceField(choices=Budget.choices, widget=forms.RadioSelect)
    seconds = forms.IntegerField(
        label=_("Seconds"),
        required=False,
        min_value=LEAST_SECONDS,
        max_value=MOST_SECONDS,
        error_messages={
            "min_value": _("A run needs at least %(limit_value)s seconds; 300 is a good start."),
            "max_value": _("A run takes at most %(limit_value)s seconds; 3600 is the deep search."),
            "invalid": _("Enter whole seconds, for example 300."),
        },
    )
    explainable_first = forms.BooleanField(label=_("Explainable first"), required=False)
    contact_percent = forms.FloatField(
        label=_("Contact share, %"),
        required=False,
        min_value=0.1,
        max_value=100,
        error_messages={
            "min_value": _("Enter a share between 0.1 and 100 percent, for example 10."),
            "max_value": _("Enter a share between 0.1 and 100 percent, for example 10."),
            "invalid": _("Enter a share between 0.1 and 100 percent, for example 10."),
        },
    )
    seed = forms.IntegerField(
        label=_("Random seed"),
        required=False,
        min_value=0,
        max_value=2**31 - 1,
        error_messages={"invalid": _("Enter a whole number, for example 1.")},
    )
    folds = forms.IntegerField(
        label=_("Folds"),
        required=False,
        min_value=2,
        max_value=10,
        error_messages={
            "min_value": _("Enter a number of folds from 2 to 10; 5 is usual."),
            "max_value": _("Enter a number of folds from 2 to 10; 5 is usual."),
            "invalid": _("Enter a number of folds from 2 to 10; 5 is usual."),
        },
    )
    learners = forms.MultipleChoiceField(
        label=_("Learners"),
        required=False,
        choices=[(name, LEARNERS[name][0]) for name in SEARCHED],
        widget=forms.CheckboxSelectMultiple,
    )

    @classmethod
    def for_experiment(cls, experiment: Experiment) -> "PlanForm":
        """Fill the form with the kept plan."""
        plan = Plan.of(experiment)
        return cls(
            initial={
                "budget": plan.budget,
                "seconds": plan.seconds,
                "explainable_first": plan.explainable_first,
                "contact_percent": f"{100 * plan.contact_share:.6g}",
                "seed": plan.seed,
                "folds": plan.folds,
                "learners": list(plan.learners),
            }
        )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if values.get("budget") == Budget.CUSTOM and not values.get("seconds") and "seconds" not in self.errors:
            self.add_error("seconds", _("Enter how many seconds the run may take, for example 300."))
        if "learners" not in self.errors and not values.get("learners"):
            self.add_error("learners", _("Choose at least one learner; all six is usual."))
        return values

    def to_plan(self) -> Plan:
        """Return the plan that was typed, with defaults for what was left empty."""
        values = self.cleaned_data
        budget = values["budget"]
        return Plan(
            budget=budget,
            seconds=BUDGET_SECONDS.get(budget) or values["seconds"],
            explainable_first=values["explainable_first"],
            contact_share=(values["contact_percent"] or 10.0) / 100,
            seed=values["seed"] if values["seed"] is not None else 1,
            folds=values["folds"] or 5,
            learners=tuple(name for name in SEARCHED if name in values["learners"]),
        )
