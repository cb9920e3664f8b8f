"""What people call the codes that the engine works with: algorithms, limits, ways of searching, states of a trial."""

from collections.abc import Mapping
from typing import Any

from experiments.errors import gettext_noop as _
from experiments.learners import FAMILIES
from experiments.sentence import COMMA, Translate
from experiments.spec import ASKED

LEARNERS = {name: learner.about.label for name, learner in FAMILIES.items()}
LIMITS = {name: one.said for name, one in ASKED.items() if one.said} | {"monotone": _("monotone constraints")}
# The two models of a two_stage.
MODELS_OF_STAGES = {"response": _("response model"), "conversion": _("conversion model")}
SEARCHERS = {"fixed": _("always run"), "first_look": _("first look"), "flaml": "FLAML", "optuna": "Optuna"}
# A trial that lost on its first folds is told in plain words.
TRIAL_STATES = {"finished": _("finished"), "pruned": _("stopped early"), "failed": _("failed")}
# The three customers shown as examples: of a default model the first is the risky one.
EXAMPLES = {"high": _("High score"), "near": _("Near the cut-off"), "low": _("Low score")}
RISK_EXAMPLES = {"high": _("High risk"), "near": _("Near the cut-off"), "low": _("Low risk")}
SAMPLES = {
    "validation": _("Cross-validation"),
    "held_out": _("Held-out rows"),
    "out_of_time": _("Out of time"),
    "train": _("Training"),
}
# What a look at the groups of a protected column comes to.
GROUP_VERDICTS = {
    "alike": _("no difference"),
    "adverse": _("below four fifths, significant"),
    "size": _("below four fifths, not significant"),
    "significant": _("significantly different, above four fifths"),
    "too_few": _("too few to judge"),
}
# What a model is put through to see on what it rests.
STRESSES = {
    "without": _("Refitted without the source"),
    "missing": _("Source missing"),
    "noise": _("Noise on a column"),
}
STRESSED_ON_ROWS_OF_FIT = _(
    "The delivered model was fitted on these rows as well; read the changes rather than the AUC itself."
)
# Places of a sentence that are filled with the code of an algorithm.
NAMING_LEARNERS = frozenset({"learner", "best", "candidate"})
# A finalist that a person has edited: its family's code and a number behind this.
BY_HAND = "_by_hand_"
EDITED = _("%(learner)s, edited (%(number)s)")


def finalist_name(code: str, translate: Translate) -> str:
    """Return what a finalist is called: its family's name, and which edition of it a person has made.

    Parameters
    ----------
    code : of the finalist or of its family. translate : returns a name in the reader's language.

    Examples
    --------
    >>> finalist_name("scorecard_by_hand_2", str), finalist_name("linear", str)
    ('WOE scorecard, edited (2)', 'Linear model')
    """
    family, _mark, number = code.partition(BY_HAND)
    if family not in LEARNERS:
        return code.replace("_", " ")
    name = translate(LEARNERS[family])
    return translate(EDITED) % {"learner": name, "number": number} if number else name


def named(params: Mapping[str, Any], *, translate: Translate, language: str, learners: bool = True) -> dict[str, Any]:
    """Give the codes in a sentence's places the names that people know.

    Parameters
    ----------
    params : what goes into the places. translate : returns a name in the reader's language.
    language : ``zh`` or ``en``, whose mark parts several limits.
    learners : name algorithms too; False keeps the codes, for readers who type them.

    Examples
    --------
    >>> named({"best": "linear", "limits": "features"}, translate=str, language="en")
    {'best': 'Linear model', 'limits': 'number of columns used'}
    """
    found = dict(params)
    for name in NAMING_LEARNERS & found.keys() if learners else ():
        found[name] = finalist_name(str(found[name]), translate)
    if found.get("stage") in MODELS_OF_STAGES:
        found["stage"] = translate(MODELS_OF_STAGES[found["stage"]])
    if isinstance(found.get("limits"), str):
        codes = found["limits"].split(", ")
        found["limits"] = COMMA[language].join(translate(LIMITS.get(code, code)) for code in codes)
    return found
