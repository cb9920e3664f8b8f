"""The business words of each target kind, learner, sample and metric, in one place for pages, charts and API."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, cast

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from common.language import reader_language
from common.templatetags.formatting import told
from experiments import naming
from experiments.errors import gettext_noop
from experiments.evaluation.objective import RANKINGS
from experiments.kinds import KINDS as ENGINE_KINDS
from experiments.kinds import KindWords
from experiments.learners import FAMILIES
from experiments.sentence import GAP, Sentence
from training.models import Experiment

KINDS = {
    name: KindWords(**{part: cast(Any, _(text)) for part, text in asdict(kind.words).items()})
    for name, kind in ENGINE_KINDS.items()
}

# The same sentences for events that the bank calls by a word of its own.
OWN_WORDS = {
    "capture_sentence": _(
        "The top %(share)s contain %(capture)s of “%(events)s”, %(lift)s times as many as a random selection."
    ),
    "held_out_sentence": _("%(of_100)s of 100 in the top %(share)s are “%(events)s”, %(lift)s times the average."),
    "auc_sentence": _("One of “%(events)s” is ranked above one of “%(non_events)s” %(percent)s of the time"),
    "of_100_such": _("Of 100 such customers about %(count)s are “%(events)s”."),
    "the_higher": _("The higher, the more likely “%(events)s”"),
    "the_lower": _("The lower, the more likely “%(events)s”"),
    "highest_for": _("“%(events)s” most likely at %(best)s, least at %(worst)s"),
    "rate": _("Rate of “%(events)s”"),
    "reached": _("Share of “%(events)s” captured"),
}
OWN_HIGH_SCORE = _("more likely “%(events)s”")


class _Places(dict[str, str]):
    """Leaves a place that has no value as it is, for whoever fills it later."""

    def __missing__(self, name: str) -> str:
        return f"%({name})s"


def words_for(experiment: Experiment) -> KindWords:
    """Return the words of an experiment's kind, with the bank's own for its events where it has given some."""
    words, asked = KINDS[experiment.kind], experiment.asked
    if asked.ranking != "usual":
        named = _Places(events=str(words.events), non_events=str(words.non_events))
        words = replace(words, ranked_by=_(RANKINGS[asked.ranked_by].told) % named)
    # What is put into a sentence that has more places must not look like one.
    events, others = (name.replace("%", "％") for name in (asked.event_name, asked.non_event_name))
    if not events:
        return replace(words, non_events=others) if others else words
    kind, others = ENGINE_KINDS[experiment.kind], others or str(words.non_events)
    own = OWN_WORDS | {"ranked_by": _(RANKINGS[asked.ranked_by].told)}
    if not kind.is_risk:
        own = own | {"high_score": OWN_HIGH_SCORE}
    places = _Places(events=events, non_events=others)
    said = {name: str(text) % places for name, text in own.items()}
    return replace(words, events=events, non_events=others, **said)


# Names and strengths of all families, as the engine has them.
LEARNERS = {name: (_(one.about.label), _(one.about.merit)) for name, one in FAMILIES.items()}
EXAMPLES, RISK_EXAMPLES, SAMPLES = (
    {name: _(text) for name, text in words.items()} for words in (naming.EXAMPLES, naming.RISK_EXAMPLES, naming.SAMPLES)
)


@dataclass(frozen=True)
class MetricWords:
    """Name, number of decimals and one-line meaning of a metric."""

    label: Any
    meaning: Any
    is_percent: bool = False
    lower_is_better: bool = False


METRICS = {
    "auc": MetricWords("AUC", _("Probability that an event is ranked above a non-event")),
    "ks": MetricWords("KS", _("Largest gap between the two cumulative distributions")),
    "gini": MetricWords(_("Gini"), _("2 × AUC − 1")),
    "lift": MetricWords(_("Lift"), _("Event rate in the top group, relative to the average")),
    "capture": MetricWords(_("Capture"), _("Share of all events in the top group"), is_percent=True),
    "log_loss": MetricWords(_("Log loss"), _("Penalty for confident mistakes; lower is better"), lower_is_better=True),
    "brier": MetricWords(_("Brier"), _("Mean squared error of the probability; lower is better"), lower_is_better=True),
}

SEARCHERS = {name: _(text) for name, text in naming.SEARCHERS.items()}
TRIAL_STATES = {name: _(text) for name, text in naming.TRIAL_STATES.items()}
TRIAL_COLUMNS = {
    "number": _("Trial"),
    "learner": _("Model"),
    "backend": _("Found by"),
    "state": _("State"),
    "auc": "AUC",
    "ks": "KS",
    "log_loss": _("Log loss"),
    "seconds": _("Seconds"),
    "elapsed": _("Ended at, s"),
    "peak_mb": _("Peak MB"),
}

LIMITS = {name: _(text) for name, text in naming.LIMITS.items()}
MODELS_OF_STAGES = {name: _(text) for name, text in naming.MODELS_OF_STAGES.items()}

PHASES = (
    ("prepare", pgettext_lazy("phase of a run", "Prepare"), 9),
    ("first_model", pgettext_lazy("phase of a run", "First model"), 13),
    ("search", pgettext_lazy("phase of a run", "Search"), 52),
    ("full_folds", pgettext_lazy("phase of a run", "Re-check"), 14),
    ("explain", pgettext_lazy("phase of a run", "Explain"), 12),
)


STAGE_SENTENCES = {
    "prepare": gettext_noop("Preparing the data"),
    "first_model": gettext_noop("Building the first models"),
    "search": gettext_noop("Searching for better models"),
    "full_folds": gettext_noop("Checking the finalists on all folds"),
    "explain": gettext_noop("Explaining the models"),
}


def learner_name(learner: str) -> str:
    """Return the name of a learner or of a finalist as people know it; an unknown one keeps its own name."""
    return naming.finalist_name(learner, gettext)


def sentences(entry: Any) -> str:
    """Render all that the engine tells in one place, each of its sentences in the reader's language."""
    stored = entry if isinstance(entry, Sentence) else Sentence.from_dict(entry if isinstance(entry, dict) else None)
    return GAP[reader_language()].join(sentence(one.message, one.params) for one in stored)


def sentence(message: str, params: Mapping[str, Any]) -> str:
    """Render a sentence of the engine in the reader's language; learners and limits in it get their names."""
    return told(message, naming.named(params, translate=gettext, language=reader_language()))
