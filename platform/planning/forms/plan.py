"""The plan of a run as a form: a budget, preferences and, for experts, the rest."""

from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_lazy as _

from experiments.spec import ASKED, RANGES, ExperimentSpec, Limits
from planning.forms.fields import name_field, number_field, percent_field, switch_field, text_field, words_of
from planning.plans.faults import faults_of
from planning.plans.plan import BUDGET_SECONDS, PLANNED_SPLIT, Plan
from planning.words import EFFORTS, RANKINGS, SCHEMES, SEARCHED
from training.models import Budget, Experiment
from training.words import LEARNERS, sentence

SWITCHES = ("ensemble", "derived_on_card", "without_protected")
LIMITS = {
    "limit_ks_gap": "ks_gap",
    "limit_score_psi": "score_psi",
    "limit_features": "features",
    "limit_milliseconds": "milliseconds",
}
# Fields whose values a plan keeps under the same name, when the page sent them.
SAME = (
    *(
        "explainable_first",
        "feature_effort",
        "ranking",
        "response_column",
        "response_event",
        "event_name",
        "non_event_name",
    ),
)


def split_field(name: str) -> forms.Field:
    """Return the field of one setting of the split, whichever the engine has."""
    one = ASKED[name]
    if one.numbers is not None:
        return number_field(name)
    return name_field(name, SCHEMES) if one.choices else text_field(name)


SplitForm = type("SplitForm", (forms.Form,), {name: split_field(name) for name in PLANNED_SPLIT})


class PlanForm(SplitForm):  # type: ignore[valid-type, misc]
    """What a person decides before a run; expert fields that the page did not send keep what was decided before."""

    budget = forms.ChoiceField(choices=Budget.choices, widget=forms.RadioSelect)
    seconds = forms.IntegerField(
        required=False,
        min_value=int(RANGES["seconds"].least),
        max_value=int(RANGES["seconds"].most),
        error_messages={
            "min_value": _("A run needs at least %(limit_value)s seconds; 300 is a good start."),
            "max_value": _("A run may take at most %(limit_value)s seconds; 3600 is the deep search."),
            "invalid": _("Enter a whole number of seconds, for example 300."),
        },
        **words_of("seconds"),
    )
    trials = number_field("trials")
    explainable_first = forms.BooleanField(required=False, **words_of("explainable_first"))
    contact_percent = percent_field("contact_share")
    ranking = name_field("ranking", RANKINGS)
    seed = number_field("seed")
    learners = forms.MultipleChoiceField(
        label=gettext_lazy(ASKED["learners"].label),
        required=False,
        choices=[(name, LEARNERS.get(name, (name, ""))[0]) for name in SEARCHED],
        widget=forms.CheckboxSelectMultiple,
    )
    feature_effort = name_field("feature_effort", {name: words[0] for name, words in EFFORTS.items()})
    ensemble = switch_field("ensemble")
    derived_on_card = switch_field("derived_on_card")
    without_protected = switch_field("without_protected")
    limit_ks_gap = number_field("ks_gap")
    limit_ks_gap_percent = percent_field("ks_gap_share")
    limit_score_psi = number_field("score_psi")
    limit_features = number_field("features")
    limit_milliseconds = number_field("milliseconds")
    response_column = text_field("response_column")
    response_event = text_field("response_event")
    event_name = text_field("event_name")
    non_event_name = text_field("non_event_name")

    def __init__(self, *args: Any, experiment: Experiment, kept: Plan | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.experiment = experiment
        self.kept = kept or Plan.of(experiment)

    @property
    def split_numbers(self) -> list[forms.BoundField]:
        """The settings of the split that are typed as numbers."""
        return [self[name] for name in PLANNED_SPLIT if ASKED[name].numbers is not None]

    @classmethod
    def for_experiment(cls, experiment: Experiment) -> "PlanForm":
        """Fill the form with the kept plan."""
        plan = Plan.of(experiment)
        same = {name: getattr(plan, name) for name in ("budget", "seconds", "seed", *PLANNED_SPLIT, *SAME)}
        limits = {name: getattr(plan.limits, limit) for name, limit in LIMITS.items()}
        return cls(
            experiment=experiment,
            kept=plan,
            initial=same
            | limits
            | {
                "limit_ks_gap_percent": f"{100 * share:.6g}" if (share := plan.limits.ks_gap_share) else "",
                "trials": plan.trials,
                "contact_percent": f"{100 * plan.contact_share:.6g}",
                "learners": list(plan.learners),
                **{name: "on" if getattr(plan, name) else "off" for name in SWITCHES},
            },
        )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        budget = values.get("budget")
        if budget == Budget.CUSTOM and not values.get("seconds") and "seconds" not in self.errors:
            self.add_error("seconds", _("Enter how many seconds the run may take, for example 300."))
        if budget == Budget.TRIALS and not values.get("trials") and "trials" not in self.errors:
            self.add_error("trials", _("Enter how many trials the run may make, for example 60."))
        if "learners" not in self.errors and not values.get("learners"):
            self.add_error("learners", _("Choose at least one algorithm; LightGBM is a good choice."))
        if not self.errors:
            self._tell_faults()
        return values

    def _tell_faults(self) -> None:
        """Put what this file cannot give beside the field that asks for it."""
        for name, (message, params) in faults_of(self.to_plan(), self.experiment.data_check).items():
            self.add_error(name if name in self.fields else None, sentence(message, params))

    def to_plan(self) -> Plan:
        """Return the plan that was typed, with defaults for what was left empty."""
        values, kept = self.cleaned_data, self.kept
        budget = values["budget"]
        changes: dict[str, Any] = {name: values[name] or getattr(kept, name) for name in ("feature_effort", "ranking")}
        changes |= {name: self._split(name) for name in PLANNED_SPLIT if self._was_sent(name)}
        texts = ("response_column", "response_event")
        changes |= {name: values[name] or None for name in texts if self._was_sent(name)}
        changes |= {name: values[name] for name in ("event_name", "non_event_name") if self._was_sent(name)}
        changes |= {name: values[name] == "on" for name in SWITCHES if self._was_sent(name)}
        return replace(
            kept,
            **changes,
            budget=budget,
            seconds=BUDGET_SECONDS.get(budget) or values["seconds"] or kept.seconds,
            trials=values["trials"] if budget == Budget.TRIALS else None,
            explainable_first=values["explainable_first"],
            contact_share=(values["contact_percent"] or 100 * ExperimentSpec.contact_share) / 100,
            seed=values["seed"] if values["seed"] is not None else ExperimentSpec.seed,
            learners=tuple(name for name in SEARCHED if name in values["learners"]),
            limits=self._limits(),
        )

    def _split(self, name: str) -> Any:
        """Return a setting of the split; one that was left empty is as usual."""
        value = self.cleaned_data[name]
        return ASKED[name].default if value in ("", None) else value

    def _limits(self) -> Limits:
        """A field left empty sets no limit; one the page did not have keeps what was decided before."""
        sent = {limit: self.cleaned_data[name] for name, limit in LIMITS.items() if self._was_sent(name)}
        if self._was_sent("limit_ks_gap_percent") or self._was_sent("limit_ks_gap"):
            sent["ks_gap_share"] = (self.cleaned_data["limit_ks_gap_percent"] or 0.0) / 100
        return self.kept.limits.with_own(sent)

    def _was_sent(self, name: str) -> bool:
        return name in self.data
