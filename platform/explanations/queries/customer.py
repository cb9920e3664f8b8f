"""What the page of one customer shows: the score and where it comes from, what can be tried, what would cross."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from common.language import listed
from common.storage import exists
from common.templatetags.formatting import rate
from experiments.artifact.explanation import Explanation
from experiments.artifact.manifest import EXPLANATION, read_manifest
from experiments.scoring.one_customer.knobs import Knob
from experiments.scoring.one_customer.score import CustomerScore
from experiments.scoring.one_customer.smallest import Suggestion
from experiments.scoring.one_customer.surroundings import Alike
from experiments.strategy.money import outcome
from experiments.strategy.stakes import Stakes
from explanations.models import CustomerLook
from explanations.queries.explanation import waterfall_in_words
from explanations.queries.hidden import hidden_reasons, hidden_value, refuse_hidden, unshown_columns
from explanations.queries.why import reason_in_words
from results.queries.columns import in_words, names_of
from results.queries.evidence import evidence_of, folder_of, kept_beside
from serving.asking import ask
from training.models import Experiment, LeaderboardRow
from training.words import sentences, words_for

LAST_LOOKS = 10
AT_ONCE = 6


@dataclass(frozen=True)
class ShownKnob:
    """A column that can be tried otherwise, as the page shows it."""

    knob: Knob
    label: str
    can_change: bool
    levels: list[tuple[str, str]]

    @property
    def is_slider(self) -> bool:
        return self.knob.kind == "numeric" and self.knob.low is not None and self.knob.high != self.knob.low


@dataclass(frozen=True)
class ShownSuggestion:
    """A change that crosses the cut-off, in words."""

    changes: list[tuple[str, str, str]]
    found: Suggestion


def model_of(row: LeaderboardRow) -> dict[str, str]:
    """Return how the model server is told of a model."""
    return {"folder": row.model_path, "hash": row.model_hash, "seal": row.model_seal}


def score_of(row: LeaderboardRow, look: CustomerLook, changes: Mapping[str, str] | None = None) -> CustomerScore:
    """Return a customer's score, with other values where some are given.

    Raises
    ------
    ChangeRefused : a column is tried whose values no page shows. ModelServerAway, ModelServerRefused : no answer.
    """
    hidden = unshown_columns(row.experiment, look)
    refuse_hidden(hidden, changes or ())
    answer = ask("customer.explain", model=model_of(row), table=look.table, row=look.row, changes=dict(changes or {}))
    return without_hidden(row.experiment, CustomerScore.from_dict(answer["score"]), hidden)


def without_hidden(experiment: Experiment, found: CustomerScore, hidden: Collection[str]) -> CustomerScore:
    """Hide the values of columns whose values no page shows, and put codes into the reader's words."""
    told = found.waterfall
    return replace(
        found,
        waterfall=None if told is None else waterfall_in_words(experiment, told, hidden),
        values={name: hidden_value(name, value, hidden) for name, value in found.values.items()},
        reasons=hidden_reasons(found.reasons, hidden),
    )


def around_of(row: LeaderboardRow) -> str:
    """Return the table whose customers a model's customers are seen among: that it was made of."""
    return str(row.experiment.version.parquet_path)


def knobs_for(row: LeaderboardRow, look: CustomerLook) -> list[ShownKnob]:
    """Return what of a customer can be tried otherwise; what pages do not show, nobody tries."""
    answer = ask("customer.knobs", model=model_of(row), table=look.table, row=look.row, around=around_of(row))
    experiment = row.experiment
    hidden = unshown_columns(experiment, look)
    names, allowed = names_of(experiment), changeable_columns(experiment, hidden)
    found = [Knob.from_dict(each) for each in answer["knobs"]]
    return [
        ShownKnob(
            knob, names.get(knob.column, knob.column), knob.column in allowed,
            [(level, in_words(experiment, knob.column, level)) for level in knob.levels],
        )
        for knob in found
        if knob.column not in hidden
    ]  # fmt: skip


def changeable_columns(experiment: Experiment, hidden: Collection[str]) -> set[str]:
    """Return the columns that the dictionary says a customer can change; what it does not say is none.

    Nor is one that is hidden: advice tells the own value.
    """
    entries = experiment.version.dataset.dictionary.filter(is_changeable=True)
    return set(entries.values_list("name", flat=True)) - set(hidden)


def cut_off_of(row: LeaderboardRow) -> float:
    """Return where the decision turns: where the reasons compare with those just approved, at the cut-off they mean.

    Of other models it is that of the page on whom to choose, or else the edge of a band.
    """
    reasons = kept_beside(row, EXPLANATION, Explanation).reasons
    if reasons is not None and reasons.baseline.is_near and reasons.baseline.cut_off is not None:
        return reasons.baseline.cut_off
    curve = evidence_of(row).validation.strategy
    if curve is not None:
        share, rows = row.experiment.usual_share, max(row.experiment.version.row_count, 1)
        return float(outcome(curve, share, Stakes(0.0, 0.0), rows).cutoff)
    bands = read_manifest(folder_of(row))["bands"]
    return float(bands[2]["to"] if row.experiment.is_risk else bands[0]["from"])


def suggestions_for(row: LeaderboardRow, look: CustomerLook, cut_off: float) -> dict[str, Any]:
    """Return the smallest allowed changes that cross the cut-off, in words."""
    allowed = changeable_columns(row.experiment, unshown_columns(row.experiment, look))
    context: dict[str, Any] = {"cut_off": cut_off, "has_changeable": bool(allowed), "suggestions": []}
    answer = ask(
        "customer.smallest", model=model_of(row), table=look.table, row=look.row, around=around_of(row),
        cut_off=cut_off, changeable=sorted(allowed),
    )  # fmt: skip
    names = names_of(row.experiment)
    found = [Suggestion.from_dict(each) for each in answer["suggestions"]]
    return context | {
        "is_across": answer["is_across"],
        "suggestions": [
            ShownSuggestion(
                [
                    (
                        names.get(name, name),
                        in_words(row.experiment, name, each.before[name]) or _("missing"),
                        in_words(row.experiment, name, value),
                    )
                    for name, value in each.changes.items()
                ],
                each,
            )
            for each in found
        ],
    }


def alike_to(row: LeaderboardRow, look: CustomerLook) -> dict[str, Any]:
    """Return the customers the model sees most alike, with how it ended with them."""
    answer = ask("customer.alike", model=model_of(row), table=look.table, row=look.row, around=around_of(row))
    found, experiment = Alike.from_dict(answer["alike"]), row.experiment
    names, hidden = names_of(experiment), unshown_columns(experiment, look)
    columns = [name for name in (found.shown[0].values if found.shown else {}) if name not in hidden]
    rows = [
        (one, [in_words(experiment, name, one.values.get(name, "")) or _("missing") for name in columns])
        for one in found.shown
    ]
    return {"alike": found, "alike_columns": [names.get(name, name) for name in columns], "alike_rows": rows}


def outcome_in_words(experiment: Experiment, found: CustomerScore, cut_off: float) -> dict[str, Any]:
    """Return the numbers of a score as the page says them, and on which side of the cut-off they lie."""
    is_across = found.probability < cut_off if experiment.is_risk else found.probability >= cut_off
    words = words_for(experiment)
    return {
        "score": found,
        "reading": words.of_100_such % {"count": f"{100 * found.probability:.0f}"},
        "is_across": is_across,
        "cut_off": cut_off,
        "reasons": [reason_in_words(experiment, reason) for reason in found.reasons],
        "compared_with": sentences(found.baseline.told),
        "side": _("passes the cut-off %(cut_off)s") % {"cut_off": rate(cut_off, 1)}
        if is_across
        else _("misses the cut-off %(cut_off)s") % {"cut_off": rate(cut_off, 1)},
    }


def changes_in_words(experiment: Experiment, own: Mapping[str, str], found: CustomerScore, tried: Iterable[str]) -> str:
    """Say what is tried: column, from what, to what."""
    names = names_of(experiment)
    return listed(
        _("%(column)s %(before)s → %(after)s")
        % {
            "column": names.get(name, name),
            "before": in_words(experiment, name, own.get(name, "")) or _("missing"),
            "after": in_words(experiment, name, found.values.get(name, "")) or _("missing"),
        }
        for name in tried
    )


def last_looks(experiment: Experiment, person: Any) -> list[CustomerLook]:
    """Return the last customers somebody looked at in this experiment, each once, whose rows are still there."""
    seen: dict[tuple[str, int], CustomerLook] = {}
    for look in CustomerLook.objects.filter(experiment=experiment, person=person)[: 5 * LAST_LOOKS]:
        seen.setdefault((look.table, look.row), look)
    there = (look for look in seen.values() if exists(look.table))
    return list(islice(there, LAST_LOOKS))
