"""Which customers a model learnt from, told as one would say it."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from checks.models import DataCheck
from experiments.data.sample.definition import SampleDefinition
from experiments.data.sample.rules import Rule

OPERATOR_WORDS = {
    "is": gettext_lazy("is"),
    "is_not": gettext_lazy("is not"),
    "one_of": gettext_lazy("is one of"),
    "at_least": gettext_lazy("is at least"),
    "more": gettext_lazy("is more than"),
    "at_most": gettext_lazy("is at most"),
    "less": gettext_lazy("is less than"),
    "missing": gettext_lazy("is missing"),
    "present": gettext_lazy("is present"),
}


def sentences_on_sample(check: DataCheck) -> list[str]:
    """Return the sentences on an question's sample; none where all rows count."""
    return [*sample_sentences(SampleDefinition.from_dict(check.sample))]


def sample_sentences(definition: SampleDefinition) -> Iterator[str]:
    """Tell a sample as one would say it."""
    if definition.observed_at:
        yield _("Customers are observed on %(column)s.") % {"column": definition.observed_at}
    if definition.observation_months:
        yield _("The observation window is %(months)s months.") % {"months": definition.observation_months}
    if definition.performance_months:
        yield _("The performance window is %(months)s months.") % {"months": definition.performance_months}
    if definition.event:
        yield _("The event: %(rule)s.") % {"rule": _told(definition.event)}
    if definition.indeterminate:
        yield _("Indeterminate: %(rule)s without the event.") % {"rule": _told(definition.indeterminate)}
    if definition.exclusions:
        yield _("Left out: %(rules)s.") % {"rules": "; ".join(map(_told, definition.exclusions))}


def _told(rule: Rule) -> str:
    return f"{rule.column} {OPERATOR_WORDS[rule.operator]} {rule.value}".strip()
