"""What a comparison says: one verdict a model, in one sentence, the same on the page, in the file and on the screen."""

from experiments.comparison.evidence import Against, ModelsCompared, PairedDifference, Swap
from experiments.errors import gettext_noop
from experiments.evaluation.intervals import MATERIALITY
from experiments.evaluation.paired import ALIKE, BETTER, DECIDING, SLIGHT, TOO_FEW, WORSE
from experiments.house_rules import too_few
from experiments.kinds import KINDS
from experiments.sentence import Sentence
from experiments.telling import bounded, minus

MIXED = "mixed"
NAMES = {"auc": "AUC", "ks": "KS"}

VERDICTS = {
    BETTER: gettext_noop("better"),
    WORSE: gettext_noop("worse"),
    SLIGHT: gettext_noop("significantly different, but too little to matter"),
    ALIKE: gettext_noop("no significant difference"),
    MIXED: gettext_noop("better by one measure and worse by another"),
    TOO_FEW: gettext_noop("too few events or rows to judge"),
}
SENTENCES = {
    BETTER: gettext_noop(
        "%(name)s ranks better than %(base)s: %(measure)s is higher by %(value)s, from %(low)s to %(high)s."
    ),
    WORSE: gettext_noop(
        "%(name)s ranks worse than %(base)s: %(measure)s is lower by %(value)s, from %(low)s to %(high)s."
    ),
    MIXED: gettext_noop("%(name)s is better than %(base)s by one measure and worse by another."),
    ALIKE: gettext_noop(
        "No significant difference between %(name)s and %(base)s: %(measure)s %(value)s, from %(low)s to %(high)s."
    ),
}  # fmt: skip
SLIGHTLY_BETTER = gettext_noop(
    "%(name)s ranks better than %(base)s, but by too little to matter: %(measure)s is higher by %(value)s, from "
    "%(low)s to %(high)s; a change of model needs %(least)s."
)
SLIGHTLY_WORSE = gettext_noop(
    "%(name)s ranks worse than %(base)s, but by too little to matter: %(measure)s is lower by %(value)s, from "
    "%(low)s to %(high)s; a change of model needs %(least)s."
)
CANNOT_TELL = gettext_noop("It cannot be told whether %(name)s ranks better than %(base)s.")
FEWER_LOSSES = gettext_noop(
    "At the same approval rate of %(share)s it lets in %(count)s fewer events, from %(low)s to %(high)s."
)
MORE_LOSSES = gettext_noop(
    "At the same approval rate of %(share)s it lets in %(count)s more events, from %(low)s to %(high)s."
)
MORE_REACHED = gettext_noop("Contacting the same %(share)s it reaches %(count)s more events, from %(low)s to %(high)s.")
FEWER_REACHED = gettext_noop(
    "Contacting the same %(share)s it reaches %(count)s fewer events, from %(low)s to %(high)s."
)
SAME_EVENTS = gettext_noop(
    "At the same share of %(share)s, the customers it chooses hold about as many events: the difference is "
    "%(low)s to %(high)s."
)


def verdict_on(found: ModelsCompared, against: Against, *, name: str = "", base: str = "") -> Sentence:
    """Return the verdict on a model in one sentence with its numbers.

    Parameters
    ----------
    name, base : what the two are called here, where not by their own names.
    """
    called = {"name": name or against.name, "base": base or found.models[0].name}
    if against.verdict == TOO_FEW:
        few = too_few(found.rows, found.events)
        return Sentence(CANNOT_TELL, called, (Sentence(few["message"], few["params"]),))
    if against.verdict == MIXED:
        return Sentence(SENTENCES[MIXED], called)
    measure = _deciding(against)
    told = against.measures[measure]
    sentence, numbers = _numbers(told, against.verdict)
    least = {"least": f"{MATERIALITY[measure]:g}"}
    return Sentence(sentence, {**called, **numbers, **least, "measure": NAMES[measure]})


def _deciding(against: Against) -> str:
    """Return which measure the verdict is told by: the first whose own verdict it is."""
    names = [name for name in DECIDING if name in against.measures]
    return next((name for name in names if against.measures[name].verdict == against.verdict), names[0])


def _numbers(told: PairedDifference, verdict: str) -> tuple[str, dict[str, str]]:
    """Return the sentence and its numbers; what is lower is told by how much, without a sign."""
    value, low, high = told.difference, told.low, told.high
    is_lower = value < 0 and verdict in (WORSE, SLIGHT)
    if is_lower:
        value, low, high = -value, -high, -low
    sentence = (SLIGHTLY_WORSE if is_lower else SLIGHTLY_BETTER) if verdict == SLIGHT else SENTENCES[verdict]
    shown = bounded(value, low, high, digits=4)
    if verdict != ALIKE:
        shown = tuple(each.removeprefix("+") for each in shown)
    return sentence, dict(zip(("value", "low", "high"), shown, strict=True))


def change_in_events(found: ModelsCompared, against: Against) -> Sentence:
    """Return what the switch to a model means in events among the chosen, at the share asked for."""
    swap = next(one for one in against.swaps if one.share == found.chosen_share)
    return events_changed(swap, rows=found.rows, is_risk=KINDS[found.kind].is_risk)


def events_changed(swap: Swap, *, rows: int, is_risk: bool) -> Sentence:
    """Return what a switch means in events among the chosen of so many rows."""
    change = swap.events_change
    value, low, high = (rows * each for each in (change.value, change.low, change.high))
    said = {"share": f"{swap.share:.0%}"}
    if round(value) == 0:
        return Sentence(SAME_EVENTS, {**said, "low": _whole(low), "high": _whole(high)})
    if value < 0:
        value, low, high = -value, -high, -low
        sentence = FEWER_LOSSES if is_risk else FEWER_REACHED
    else:
        sentence = MORE_LOSSES if is_risk else MORE_REACHED
    return Sentence(sentence, {**said, "count": _whole(value), "low": _whole(low), "high": _whole(high)})


def _whole(number: float) -> str:
    return minus(f"{number:,.0f}")
