"""What is asked of a closer look: columns, a share, a reference group."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from checks.models import ColumnRole
from diagnostics.models import Subject
from diagnostics.queries.sources import sources_of
from diagnostics.queries.stability import METRICS
from experiments.scoring.sensitivity import NOISE
from results.queries.columns import names_of, secret_columns
from training.models import Experiment
from training.words import SAMPLES


def columns_offered(experiment: Experiment) -> dict[str, str]:
    """Return the columns that rows can be cut by: all that are read, and those that are kept out of the model.

    Values of sensitive and personal columns are not shown to anybody here, so nothing is cut by them.
    """
    names, hidden = names_of(experiment), (ColumnRole.TARGET, ColumnRole.ID)
    found = experiment.data_check.columns.exclude(role__in=hidden).exclude(column__name__in=secret_columns(experiment))
    return {name: names.get(name, name) for name in found.values_list("column__name", flat=True)}


class _Asking(forms.Form):
    """A form in the address of a page: what is left out has a default."""

    def __init__(self, *args: Any, experiment: Experiment, test_sample: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.experiment, self.test_sample = experiment, test_sample
        self.prepare()
        for field in self.fields.values():
            field.widget.attrs |= {"autocomplete": "off"}
            if not isinstance(field, forms.BooleanField):
                field.widget.attrs |= {"class": "inp"}

    def prepare(self) -> None:
        """Fill in what can be chosen."""

    def offer(self, name: str, choices: dict[str, Any]) -> None:
        self.fields[name].choices = list(choices.items())  # type: ignore[attr-defined]

    @property
    def asked(self) -> dict[str, Any]:
        """What a worker is asked, of a form that was filled in."""
        return {}


class SegmentsForm(_Asking):
    column = forms.ChoiceField(label=_("Column"))
    second = forms.ChoiceField(label=_("Crossed with"), required=False)
    sample = forms.ChoiceField(label=_("Measured on"), required=False)
    own_models = forms.BooleanField(label=_("Fit a model of its own for each segment"), required=False)

    def prepare(self) -> None:
        offered = columns_offered(self.experiment)
        self.offer("column", offered)
        self.offer("second", {"": _("nothing"), **offered})
        self.offer("sample", {name: SAMPLES[name] for name in (self.test_sample, "validation")})

    @property
    def asked(self) -> dict[str, Any]:
        given = self.cleaned_data
        second = given["second"] if given["second"] != given["column"] else ""
        asked = {"column": given["column"], "second": second, "sample": given["sample"] or self.test_sample}
        # What was asked before there was this choice keeps its key; fitted anew, models are compared on held-out rows.
        return asked | {"own_models": True, "sample": self.test_sample} if given["own_models"] else asked


class FairnessForm(_Asking):
    column = forms.ChoiceField(label=_("Groups of"))
    share = forms.FloatField(label="", min_value=0.1, max_value=100, required=False)
    reference = forms.CharField(label=_("Reference group"), max_length=200, required=False)
    sample = forms.ChoiceField(label=_("Measured on"), required=False)

    def prepare(self) -> None:
        protected, offered = set(self.experiment.asked.protected), columns_offered(self.experiment)
        ordered = sorted(offered, key=lambda name: name not in protected)
        self.offer("column", {name: offered[name] for name in ordered})
        self.offer("sample", {name: SAMPLES[name] for name in (self.test_sample, "validation")})
        is_risk = self.experiment.is_risk
        self.fields["share"].label = _("Approved, %") if is_risk else _("Contacted, %")
        self.fields["share"].initial = 100 * self.experiment.usual_share
        self.fields["reference"].widget.attrs["placeholder"] = _("the largest")

    @property
    def asked(self) -> dict[str, Any]:
        given = self.cleaned_data
        share = given["share"] if given["share"] is not None else self.fields["share"].initial
        asked = {"column": given["column"], "share": share / 100, "reference": given["reference"].strip()}
        return asked | {"sample": given["sample"] or self.test_sample}


class SensitivityForm(_Asking):
    @property
    def asked(self) -> dict[str, Any]:
        # The sources are part of the question: once the dictionary names others, the answer is another one.
        return {"noise": NOISE, "sources": sources_of(self.experiment)}


class MetricForm(_Asking):
    metric = forms.ChoiceField(label=_("Measure"), required=False)

    def prepare(self) -> None:
        self.offer("metric", dict(METRICS))


class ColumnForm(_Asking):
    column = forms.ChoiceField(label=_("Bins of"), required=False)

    def prepare(self) -> None:
        self.offer("column", {"": _("all columns"), **columns_offered(self.experiment)})


FORMS: dict[str, type[_Asking]] = {
    Subject.SEGMENTS: SegmentsForm,
    Subject.FAIRNESS: FairnessForm,
    Subject.SENSITIVITY: SensitivityForm,
    "stability": MetricForm,
    "columns": ColumnForm,
}
