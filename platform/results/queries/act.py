"""Whom to choose with a model: how many events and how much money a choice brings, and where it brings most."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from common.language import joined
from common.templatetags.formatting import NOTHING, count, money, rate
from experiments.artifact.evidence import ModelEvidence
from experiments.evaluation.intervals import Interval
from experiments.house_rules import is_enough
from experiments.strategy.curve import StrategyCurve
from experiments.strategy.money import Best, Outcome, best, outcome
from experiments.strategy.stakes import Stakes
from training.models import Experiment
from training.words import words_for

BY_NUMBER, BY_SHARE, BY_CUT_OFF = "number", "share", "cutoff"
MOST_CUSTOMERS = 10**9
MOST_MONEY = 10**12


@dataclass(frozen=True)
class Choice:
    """What was asked: a list of so many ``customers``, the ``share`` of it to choose, and the money at stake."""

    customers: int
    share: float
    by: str
    stakes: Stakes | None

    @property
    def number(self) -> int:
        return round(self.customers * self.share)


@dataclass(frozen=True)
class Figure:
    """One number of the row of cards, with the line below it."""

    label: str | Promise
    value: str
    reading: str = ""


@dataclass(frozen=True)
class Brought:
    """What a choice brings, in a sentence and in figures."""

    lead: str
    figures: list[Figure]


@dataclass(frozen=True)
class Act:
    """Everything the page says of a choice."""

    choice: Choice
    lead: str
    next_step: str
    figures: list[Figure]
    flat: str
    tied: str
    tested: str
    confusion: str
    estimated: str
    same_as: str
    too_few: bool
    cutoff: float
    query: dict[str, Any] = field(default_factory=dict)

    @property
    def saved_fields(self) -> list[tuple[str, Any]]:
        """What a form sends that keeps this choice: as it was made, with list and money."""
        by = self.choice.by
        value = {BY_NUMBER: self.choice.number, BY_SHARE: f"{100 * self.choice.share:.4g}"}.get(
            by, f"{100 * self.cutoff:.4g}"
        )
        rest = [(name, self.query[name]) for name in ("customers", "gain", "cost") if name in self.query]
        return [("by", by), (by, value), *rest]


def curve_of(found: ModelEvidence, sample: str) -> StrategyCurve | None:
    """Return the curve of a sample from a model's evidence; nothing of a run that kept none."""
    return found.of(sample).strategy


def choice_of(experiment: Experiment, curve: StrategyCurve, asked: Mapping[str, Any]) -> Choice:
    """Return the choice that was asked for; what was left out is the whole table, and the experiment's own share."""
    customers = asked.get("customers") or max(experiment.version.row_count, 1)
    by = asked.get("by") or BY_NUMBER
    share = experiment.usual_share
    if by == BY_NUMBER and asked.get("number") is not None:
        share = asked["number"] / customers
    elif by == BY_SHARE and asked.get("share") is not None:
        share = asked["share"] / 100
    elif by == BY_CUT_OFF and asked.get("cutoff") is not None:
        share = curve.share_at(asked["cutoff"] / 100)
    return Choice(customers, min(max(share, 0.0), 1.0), by, stakes_of(experiment, asked))


def stakes_of(experiment: Experiment, asked: Mapping[str, Any]) -> Stakes | None:
    """Return the money at stake once both amounts are known; one alone says nothing yet."""
    gain, cost = asked.get("gain"), asked.get("cost")
    if gain is None or cost is None:
        return None
    return Stakes.of_credit(gain=gain, loss=cost) if experiment.is_risk else Stakes.of_contact(value=gain, cost=cost)


def best_of(choice: Choice, curve: StrategyCurve) -> Best | None:
    """Return where the profit of a list is greatest; nothing while nobody has named the money."""
    return None if choice.stakes is None else best(curve, choice.stakes, choice.customers)


def act_of(
    experiment: Experiment,
    choice: Choice,
    curve: StrategyCurve,
    tested: StrategyCurve | None,
    *,
    top: Best | None = None,
) -> Act:
    """Tell what a choice brings: estimated in cross-validation, set beside rows the model had never seen.

    ``top`` is where this list brings most, for whoever tells of several choices and knows it already.
    """
    found = outcome(curve, choice.share, choice.stakes or Stakes(0.0, 0.0), choice.customers)
    top = top or best_of(choice, curve)
    return Act(
        choice=choice,
        lead=_lead(experiment, choice, found),
        next_step=_next_step(experiment, choice, found, top),
        figures=_figures(experiment, choice, found),
        flat=_flat(choice, top),
        tied=_tied(choice, top),
        tested=_tested(experiment, choice, tested),
        confusion=_confusion(experiment, choice, found),
        estimated=_estimated(curve, tested),
        same_as=_same_as(experiment, choice, found),
        too_few=not is_enough(curve.rows, curve.event_count),
        cutoff=found.cutoff,
        query=query_of(experiment, choice),
    )


def brought_by(experiment: Experiment, choice: Choice, curve: StrategyCurve) -> Brought:
    """Tell what a choice brings, and not where another would bring most, for which rows are drawn hundreds of times."""
    found = outcome(curve, choice.share, choice.stakes or Stakes(0.0, 0.0), choice.customers)
    return Brought(_lead(experiment, choice, found), _figures(experiment, choice, found))


def query_of(experiment: Experiment, choice: Choice) -> dict[str, Any]:
    """Return what the address of the chart needs to draw the same choice."""
    asked: dict[str, Any] = {"customers": choice.customers, "by": BY_SHARE, "share": 100 * choice.share}
    if choice.stakes is None:
        return asked
    with_event, without_event = choice.stakes.with_event, choice.stakes.without_event
    if experiment.is_risk:
        return asked | {"gain": without_event, "cost": -with_event}
    return asked | {"gain": with_event - without_event, "cost": -without_event}


def asked_in(query: Mapping[str, str]) -> dict[str, Any]:
    """Return what the address of a chart asks for, as ``query_of`` wrote it; what is no number is left out."""
    most = {"customers": MOST_CUSTOMERS, "share": 100, "gain": MOST_MONEY, "cost": MOST_MONEY}
    asked: dict[str, Any] = {"by": BY_SHARE}
    for name, limit in most.items():
        try:
            number = float(query.get(name, ""))
        except ValueError:
            continue
        if 0 <= number <= limit:
            asked[name] = round(number) if name == "customers" else number
    return asked


def _lead(experiment: Experiment, choice: Choice, found: Outcome) -> str:
    words = words_for(experiment)
    values = {
        "number": count(choice.number),
        "events": count(found.events.value),
        "names": str(words.events).lower(),
        "rate": rate(found.event_rate, 1),
        "profit": money(found.profit.value),
    }
    if choice.number == 0:
        return _("Nobody is chosen.")
    if experiment.is_risk:
        told = _("Approve the safest %(number)s. Expected %(names)s: %(events)s (%(rate)s).")
    else:
        told = _("Contact the top %(number)s. Expected %(names)s: %(events)s (%(rate)s).")
    told %= values
    return told if choice.stakes is None else joined(told, _("Profit: %(profit)s.") % values)


def _next_step(experiment: Experiment, choice: Choice, found: Outcome, top: Best | None) -> str:
    if top is None:
        if experiment.is_risk:
            return _("Enter what a customer who repays brings and what a default costs, to see the profit.")
        return _("Enter what a response is worth and what a contact costs, to see the profit.")
    values = {
        "more": count(abs(round(choice.customers * top.share) - choice.number)),
        "gain": money(max(0.0, top.profit - found.profit.value)),
        "best": count(choice.customers * top.share),
        "rate": rate(found.rate_around, 1),
        "break_even": rate(found.break_even, 1),
    }
    if top.share == 0:
        told = _("Choosing anybody costs more than it brings: nobody reaches the break-even rate of %(break_even)s.")
        return told % values
    around = _("Around the last one chosen the rate is %(rate)s; break-even is %(break_even)s.") % values
    if choice.share < top.low:
        return joined(_("Choosing %(more)s more would bring another %(gain)s.") % values, around)
    if choice.share > top.high:
        told = _("This is past the best range: choosing %(more)s fewer would bring %(gain)s more.") % values
        return joined(told, around)
    return _("This is within the best range: the best is %(best)s customers and brings only %(gain)s more.") % values


def _figures(experiment: Experiment, choice: Choice, found: Outcome) -> list[Figure]:
    words = words_for(experiment)
    events = Figure(
        _("Expected: %(names)s") % {"names": str(words.events).lower()},
        count(found.events.value),
        _between(found.events, count),
    )
    chosen = Figure(
        pgettext("customers", "Approved") if experiment.is_risk else _("Contacted"),
        count(choice.number),
        _("%(share)s of %(customers)s") % {"share": rate(choice.share, 1), "customers": count(choice.customers)},
    )
    if experiment.is_risk:
        third = Figure(
            words.rate,
            rate(found.event_rate, 2),
            _("%(all)s if everyone is approved") % {"all": rate(_overall(found), 2)},
        )
    else:
        third = Figure(
            words.reached, rate(found.capture, 1), _("%(lift)s times a random choice") % {"lift": _times(found.lift)}
        )
    return [chosen, events, third, *_money_figures(experiment, choice, found)]


def _money_figures(experiment: Experiment, choice: Choice, found: Outcome) -> list[Figure]:
    if choice.stakes is None:
        needed = _("Needs gain and loss") if experiment.is_risk else _("Needs value and cost")
        return [Figure(_("Revenue"), NOTHING, needed), Figure(_("Cost"), NOTHING, needed), Figure(_("Profit"), NOTHING)]
    if experiment.is_risk:
        spent = _("losses on %(events)s") % {"events": str(words_for(experiment).events).lower()}
    else:
        each = found.cost / found.events.value if found.events.value else None
        spent = _("%(each)s for each") % {"each": money(each)}
    break_even = _("break-even at a rate of %(rate)s") % {"rate": rate(found.break_even, 1)}
    return [
        Figure(_("Revenue"), money(found.revenue), break_even),
        Figure(_("Cost"), money(found.cost), spent),
        Figure(_("Profit"), money(found.profit.value), _between(found.profit, money)),
    ]


def _overall(found: Outcome) -> float:
    return found.event_rate / found.lift if found.lift else float("nan")


def _times(lift: float) -> str:
    return f"{lift:.1f}" if lift == lift else NOTHING


def _between(interval: Interval, shown: Any) -> str:
    return _("95%% interval %(low)s to %(high)s") % {"low": shown(interval.low), "high": shown(interval.high)}


def _flat(choice: Choice, top: Best | None) -> str:
    if top is None or top.share == 0:
        return ""
    low, high = (count(choice.customers * share) for share in (top.low, top.high))
    if low == high:
        return _("%(low)s customers bring the most.") % {"low": low}
    return _("%(low)s to %(high)s customers are about as good, within 2%% of the best: decide by your capacity.") % {
        "low": low,
        "high": high,
    }


def _tied(choice: Choice, top: Best | None) -> str:
    """Say which numbers the rows cannot tell from the best, if that is more than what is about as good anyway."""
    if top is None or (top.tied_low >= top.low and top.tied_high <= top.high):
        return ""
    return _(
        "With this many rows, the profit cannot be told from the best anywhere from %(low)s to %(high)s customers: the "
        "95%% interval of the difference contains 0."
    ) % {"low": count(choice.customers * top.tied_low), "high": count(choice.customers * top.tied_high)}


def _confusion(experiment: Experiment, choice: Choice, found: Outcome) -> str:
    """Tell who is rightly and who is wrongly chosen, in words."""
    words = words_for(experiment)
    values = {
        "all": count(found.events.value + found.missed),
        "events": str(words.events),
        "others": str(words.non_events),
        "hits": count(found.events.value),
        "missed": count(found.missed),
        "chosen_others": count(found.false_alarms),
        "left": count(max(0.0, choice.customers - found.customers - found.missed)),
    }
    if experiment.is_risk:
        told = _(
            "%(events)s expected on the list: %(all)s; declined: %(missed)s, approved: %(hits)s. %(others)s: "
            "approved: %(chosen_others)s, declined: %(left)s."
        )
    else:
        told = _(
            "%(events)s expected on the list: %(all)s; contacted: %(hits)s, missed: %(missed)s. %(others)s: "
            "contacted: %(chosen_others)s, left alone: %(left)s."
        )
    return told % values


def _estimated(curve: StrategyCurve, tested: StrategyCurve | None) -> str:
    """Say on which rows the numbers rest, and how many they are."""
    told = _(
        "Estimated by cross-validation on %(rows)s rows with %(events)s events; no row was scored by a model that had "
        "learnt from it."
    ) % {"rows": count(curve.rows), "events": count(curve.event_count)}
    if tested is None:
        return told
    checked = _("Checked on %(rows)s held-out rows with %(events)s events.")
    return joined(told, checked % {"rows": count(tested.rows), "events": count(tested.event_count)})


def _same_as(experiment: Experiment, choice: Choice, found: Outcome) -> str:
    """Say the same choice in the other ways."""
    if choice.by == BY_CUT_OFF:
        told = _("The same as: choose %(number)s, %(share)s of the list.")
        return told % {"number": count(choice.number), "share": rate(choice.share, 1)}
    if experiment.is_risk:
        return _("The same as: approve up to a probability of %(cutoff)s.") % {"cutoff": rate(found.cutoff)}
    return _("The same as: contact from a probability of %(cutoff)s.") % {"cutoff": rate(found.cutoff)}


def _tested(experiment: Experiment, choice: Choice, curve: StrategyCurve | None) -> str:
    if curve is None or choice.number == 0:
        return ""
    if not is_enough(curve.rows, curve.event_count):
        return _("There are too few held-out rows to check this on.")
    found = outcome(curve, choice.share, choice.stakes or Stakes(0.0, 0.0), choice.customers)
    values = {
        "rate": rate(found.event_rate, 1),
        "name": str(words_for(experiment).rate).lower(),
        "profit": money(found.profit.value),
        "low": money(found.profit.low),
        "high": money(found.profit.high),
    }
    if choice.stakes is None:
        return _("On rows the model had never seen, the same share has a %(name)s of %(rate)s.") % values
    told = _("On rows the model had never seen, the same share brings %(profit)s (95%% interval %(low)s to %(high)s).")
    return told % values
