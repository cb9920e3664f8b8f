"""The plan of a run as a form: a budget, preferences and, for experts, the rest."""

import re
from dataclasses import asdict, replace
from typing import Any

from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from common.templatetags.formatting import told
from experiments.asked import RANGES, Range
from experiments.spec import FEATURE_EFFORTS, Limits
from training.models import Budget, Experiment
from training.services import BUDGET_SECONDS, Plan, faults_of
from training.words import LEARNERS, SEARCHED, sentence

SECONDS = RANGES["seconds"]
CONTACTED = RANGES["contact_share"]
PERCENT = Range(100 * CONTACTED.least, 100 * CONTACTED.most, 100 * CONTACTED.example)
OF_TRAINING_KS = Range(0, 100, 100 * RANGES["ks_gap_share"].example, may_be_empty=True)
EFFORTS = {
    "off": (_("Off"), _("The columns as they came; nothing is derived.")),
    "standard": (
        _("Standard"),
        _(
            "Dates become ages and parts, numbered columns get a mean, a peak and a change, and columns in the same "
            "unit are compared: amounts with amounts, months with months. What helps is kept, at most 12 columns."
        ),
    ),
    "deep": (
        _("Deep"),
        _(
            "Ratios, differences and products of any two strong columns too, and marks of empty cells. "
            "At most 60 are kept; takes a part of the time."
        ),
    ),
}
SCHEMES = {
    "auto": _("Automatic: by time where there is a date"),
    "time": _("By time: each fold is validated on later rows"),
    "grouped": _("By chance, each customer's rows together"),
    "stratified": _("By chance, row by row"),
    "given": _("As a column of the file says"),
}
DIRECTIONS = {-1: _("Falls"), 0: _("Free"), 1: _("Rises")}
SWITCH = [("off", _("Off")), ("on", _("On"))]
SWITCHES = ("ensemble", "derived_on_card", "without_protected")
LIMITS = {
    "limit_ks_gap": "ks_gap",
    "limit_score_psi": "score_psi",
    "limit_features": "features",
    "limit_milliseconds": "milliseconds",
}
# Fields whose values a plan keeps under the same name, when the page sent them.
SAME = (
    *("explainable_first", "feature_effort", "scheme", "split_column", "response_column", "response_event"),
    *("event_name", "non_event_name"),
)


def _rule(numbers: Range) -> str:
    """Return what may be entered, told when it is shown."""
    return lazy(lambda: told(**numbers.rule), str)()


def number_field(label: Any, numbers: Range) -> forms.Field:
    """Return a field whose every mistake is answered by the one sentence that says what may be entered."""
    words = dict.fromkeys(("min_value", "max_value", "invalid"), _rule(numbers))
    same: dict[str, Any] = {"label": label, "required": False, "error_messages": words}
    if numbers.is_whole:
        return forms.IntegerField(min_value=int(numbers.least), max_value=int(numbers.most), **same)
    return forms.FloatField(min_value=numbers.least, max_value=numbers.most, **same)


class PlanForm(forms.Form):
    """What a person decides before a run; expert fields that the page did not send keep what was decided before."""

    budget = forms.ChoiceField(choices=Budget.choices, widget=forms.RadioSelect)
    seconds = forms.IntegerField(
        label=_("Seconds"),
        required=False,
        min_value=int(SECONDS.least),
        max_value=int(SECONDS.most),
        error_messages={
            "min_value": _("A run needs at least %(limit_value)s seconds; 300 is a good start."),
            "max_value": _("A run takes at most %(limit_value)s seconds; 3600 is the deep search."),
            "invalid": _("Enter whole seconds, for example 300."),
        },
    )
    trials = number_field(_("Trials"), RANGES["trials"])
    explainable_first = forms.BooleanField(label=_("Explainable first"), required=False)
    contact_percent = number_field(_("Contact share, %"), PERCENT)
    seed = number_field(_("Random seed"), RANGES["seed"])
    folds = number_field(_("Folds"), RANGES["folds"])
    scheme = forms.ChoiceField(label=_("How rows are split"), required=False, choices=list(SCHEMES.items()))
    embargo_days = number_field(_("Days left out before later rows"), RANGES["embargo_days"])
    split_column = forms.CharField(label=_("Column that says the split"), required=False)
    learners = forms.MultipleChoiceField(
        label=_("Learners"),
        required=False,
        choices=[(name, LEARNERS.get(name, (name, ""))[0]) for name in SEARCHED],
        widget=forms.CheckboxSelectMultiple,
    )
    feature_effort = forms.ChoiceField(
        label=_("Feature work"), required=False, choices=[(name, EFFORTS[name][0]) for name in FEATURE_EFFORTS]
    )
    ensemble = forms.ChoiceField(label=_("Offer an ensemble"), required=False, choices=SWITCH)
    derived_on_card = forms.ChoiceField(label=_("Derived columns on the scorecard"), required=False, choices=SWITCH)
    without_protected = forms.ChoiceField(label=_("Do not use protected columns"), required=False, choices=SWITCH)
    limit_ks_gap = number_field(_("Fall of KS"), RANGES["ks_gap"])
    limit_ks_gap_percent = number_field(_("Or this share of the training KS, %"), OF_TRAINING_KS)
    limit_score_psi = number_field(_("Shift of the score (PSI)"), RANGES["score_psi"])
    limit_features = number_field(_("Most columns"), RANGES["features"])
    limit_milliseconds = number_field(_("Milliseconds a row"), RANGES["milliseconds"])
    response_column = forms.CharField(label=_("Column that says who responded"), required=False)
    response_event = forms.CharField(label=_("Value that means responded"), required=False, max_length=300)
    event_name = forms.CharField(label=_("Your word for customers with the event"), required=False, max_length=40)
    non_event_name = forms.CharField(label=_("Your word for the others"), required=False, max_length=40)

    def __init__(self, *args: Any, experiment: Experiment, kept: Plan | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.experiment = experiment
        self.kept = kept or Plan.of(experiment)

    @classmethod
    def for_experiment(cls, experiment: Experiment) -> "PlanForm":
        """Fill the form with the kept plan."""
        plan = Plan.of(experiment)
        same = {name: getattr(plan, name) for name in ("budget", "seconds", "seed", "folds", "embargo_days", *SAME)}
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
            self.add_error("learners", _("Choose at least one family; LightGBM is a good one."))
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
        changes: dict[str, Any] = {name: values[name] for name in ("feature_effort", "scheme") if values[name]}
        texts = ("split_column", "response_column", "response_event")
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
            contact_share=(values["contact_percent"] or 10.0) / 100,
            seed=values["seed"] if values["seed"] is not None else 1,
            folds=values["folds"] or 5,
            embargo_days=(values["embargo_days"] or 0) if self._was_sent("embargo_days") else kept.embargo_days,
            learners=tuple(name for name in SEARCHED if name in values["learners"]),
            limits=self._limits(),
        )

    def _limits(self) -> Limits:
        """A field left empty sets no limit; one the page did not have keeps what was decided before."""
        limits = asdict(self.kept.limits)
        limits |= {limit: self.cleaned_data[name] for name, limit in LIMITS.items() if self._was_sent(name)}
        if self._was_sent("limit_ks_gap_percent") or self._was_sent("limit_ks_gap"):
            # A number that comes alone is the limit as it stands.
            limits["ks_gap_share"] = (self.cleaned_data["limit_ks_gap_percent"] or 0.0) / 100
        return Limits(**limits)

    def _was_sent(self, name: str) -> bool:
        return name in self.data


class SpecialValuesField(forms.CharField):
    """Numbers with commas, spaces or Chinese punctuation between them."""

    def clean(self, value: Any) -> list[float]:
        parts = [part for part in re.split(r"[\s,;，；、]+", super().clean(value)) if part]
        try:
            numbers = [float(part.replace("−", "-")) for part in parts]
        except ValueError:
            raise forms.ValidationError(_("Enter numbers with commas between them, for example -1, -999.")) from None
        if any(number != number or abs(number) == float("inf") for number in numbers):
            raise forms.ValidationError(_("Enter numbers with commas between them, for example -1, -999."))
        return sorted(set(numbers))


class ColumnRulesForm(forms.Form):
    """Which way one column may act, and which of its codes are no quantities."""

    direction = forms.TypedChoiceField(choices=list(DIRECTIONS.items()), coerce=int, empty_value="0", required=False)
    special_values = SpecialValuesField(required=False, max_length=300)

    def to_rules(self) -> dict[str, Any]:
        values = self.cleaned_data
        return {"direction": int(values["direction"]), "special_values": values["special_values"]}
