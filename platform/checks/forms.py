"""The sample of a question as a form: windows, the event by a threshold, customers in between, and who is left out."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import ColumnType
from checks import tables as check_tables
from checks.models import DataCheck
from checks.sample_words import OPERATOR_WORDS
from common.forms import DayField
from experiments.data.sample.definition import MOST_MONTHS, SampleDefinition
from experiments.data.sample.rules import OPERATORS, ORDERED, WITHOUT_VALUE, Rule

MOST_RULES = 20
EMPTY_RULES = 2
LEAST_RULES = 3
THRESHOLDS = [(name, OPERATOR_WORDS[name]) for name in OPERATORS if name in ORDERED]


def _months(label: Any, help_text: Any) -> forms.IntegerField:
    widget = forms.NumberInput(attrs={"class": "inp tn", "min": 1, "max": MOST_MONTHS})
    return forms.IntegerField(
        label=label, help_text=help_text, required=False, min_value=1, max_value=MOST_MONTHS, widget=widget
    )


def _text(label: Any, **attrs: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"class": "inp", "autocomplete": "off", **attrs}),
    )


class SampleForm(forms.Form):
    """What a person says of the rows that count; empty fields ask for nothing."""

    observed_at = forms.ChoiceField(label=_("Observation point"), required=False)
    observation_months = _months(
        _("Observation window, months"),
        _("How far back features look; stated in the report and respected when tables are joined"),
    )
    performance_months = _months(
        _("Performance window, months"), _("How long after the observation date the event is looked for")
    )
    known_until = DayField(
        label=_("Outcome known until"),
        required=False,
        help_text=_("The day the data was extracted; if left empty, the newest observation date in the file"),
    )
    event_column = _text(_("Event defined by a threshold on"), list="columns")
    event_operator = forms.ChoiceField(label=_("Comparison"), choices=THRESHOLDS, required=False, initial="at_least")
    event_value = _text(_("Value"), inputmode="decimal")
    between_column = _text(_("Indeterminate"), list="columns")
    between_operator = forms.ChoiceField(
        label=_("Comparison"), choices=list(OPERATOR_WORDS.items()), required=False, initial="at_least"
    )
    between_value = _text(_("Value"))

    def __init__(self, *args: Any, check: DataCheck, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.check = check
        dates = check.version.columns.filter(type=ColumnType.DATE).values_list("name", flat=True)
        self.fields["observed_at"].choices = [("", _("None")), *((name, name) for name in dates)]  # type: ignore[attr-defined]
        for name in ("observed_at", "event_operator", "between_operator"):
            self.fields[name].widget.attrs["class"] = "inp"

    @classmethod
    def of(cls, check: DataCheck) -> "SampleForm":
        """Show what is defined, else what the roles suggest."""
        kept = check_tables.definition_of(check)
        initial: dict[str, Any] = {
            "observed_at": kept.observed_at or _date_of(check),
            "observation_months": kept.observation_months,
            "performance_months": kept.performance_months,
            "known_until": kept.known_until,
        }
        for name, rule in (("event", kept.event), ("between", kept.indeterminate)):
            if rule:
                initial |= {f"{name}_column": rule.column, f"{name}_operator": rule.operator,
                            f"{name}_value": rule.value}  # fmt: skip
        form = cls(initial=initial, check=check)
        form.kept_rules = list(kept.exclusions)
        return form

    kept_rules: list[Rule] = []

    @property
    def rules(self) -> Iterator[dict[str, Any]]:
        """Yield the lines for exclusions: those given, then some empty ones."""
        given = list(self._sent_rules()) if self.is_bound else self.kept_rules
        count = min(MOST_RULES, max(LEAST_RULES, len(given) + EMPTY_RULES))
        for place in range(count):
            rule = given[place] if place < len(given) else Rule("", "is", "")
            yield {"place": place, "rule": rule, "operators": OPERATOR_WORDS.items()}

    def _sent_rules(self) -> Iterator[Rule]:
        for place in range(MOST_RULES):
            column, operator, value = (
                self.data.get(f"rule-{place}-{name}", "").strip() for name in ("column", "operator", "value")
            )
            if column and operator in OPERATORS:
                yield Rule(column, operator, "" if operator in WITHOUT_VALUE else value[:300])  # type: ignore[arg-type]

    def to_definition(self) -> SampleDefinition:
        """Return what was said as the engine understands it."""
        said = self.cleaned_data
        return SampleDefinition(
            observed_at=said["observed_at"] or None,
            observation_months=said["observation_months"],
            performance_months=said["performance_months"],
            known_until=said["known_until"].isoformat() if said["known_until"] else None,
            event=self._rule("event"),
            indeterminate=self._rule("between"),
            exclusions=tuple(self._sent_rules()),
        )

    def _rule(self, name: str) -> Rule | None:
        said = self.cleaned_data
        if not said[f"{name}_column"]:
            return None
        return Rule(
            said[f"{name}_column"].strip(), said[f"{name}_operator"] or "at_least", said[f"{name}_value"].strip()
        )


def _date_of(check: DataCheck) -> str:
    named = check.columns.filter(role="date").values_list("column__name", flat=True).first()
    return named or ""
