"""The winner's card in the words of the business: how good it is, what limits it keeps, what it was tested on."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.language import joined
from common.templatetags.formatting import NOTHING, percent, rate
from experiments.artifact.evidence import ModelEvidence
from experiments.evaluation.deciles import DecileTable
from experiments.evaluation.limits import Verdict
from experiments.evaluation.measures import Measures
from experiments.evaluation.monotonicity import ConstraintsChecked
from experiments.house_rules import too_few
from experiments.telling import apart, filled, minus, of_sample
from results.queries.derived_columns import derived_columns_of
from results.queries.leaderboard import Leaderboard, LeaderboardLine
from results.queries.readings import readings_told
from training.models import Experiment
from training.words import sentences, words_for


@dataclass(frozen=True)
class Card:
    """A measure on validation and on unseen rows with one line that reads it."""

    label: str
    validation: str
    tested: str
    reading: str
    is_tested_enough: bool = True


@dataclass(frozen=True)
class Summary:
    """What the winner's card says."""

    lead: str
    tested: str
    is_tested_enough: bool
    reason: str
    why: str
    is_first: bool
    ties: str
    top: str
    cards: list[Card]
    limits: list[dict[str, Any]]
    constraints: str
    keeps_directions: bool
    derived_columns: list[dict[str, str]]
    readings: str
    folds: int
    train_rows: int
    test_rows: int
    held_from: str
    held_to: str


def summary_of(
    experiment: Experiment, line: LeaderboardLine, found: ModelEvidence, leaderboard: Leaderboard
) -> Summary:
    """Tell a finalist in the words of the business."""
    words = words_for(experiment)
    share = percent(experiment.contact_share)
    split, kept, deciles = experiment.found.split, line.row.kept, found.of(leaderboard.test_sample).deciles
    reason = sentences(line.row.why)
    recommended = leaderboard.recommended or line
    return Summary(
        lead=too_few_told(line.validation) or _lead(words, share, line.validation),
        tested=too_few_told(line.tested) or _tested(words, share, line.tested, deciles),
        is_tested_enough=line.is_tested_enough,
        reason="" if line.row.is_recommended else reason,
        why=sentences(recommended.row.why),
        is_first=recommended.row.rank == 1,
        ties=_ties(leaderboard),
        top=share,
        cards=_cards(words, share, line),
        # Directions have a sentence of their own, with their price.
        limits=[_limit(limit) for limit in kept.limits if limit.code != "monotone"],
        constraints=_constraints(kept.constraints),
        keeps_directions=kept.constraints is None or not kept.constraints.violations,
        derived_columns=derived_columns_of(experiment, line),
        readings=readings_told(experiment, is_out_of_time=leaderboard.test_sample == "out_of_time"),
        folds=split.folds,
        train_rows=split.rows.train,
        test_rows=split.rows.held_out,
        held_from=split.boundaries.get("held_from", ""),
        held_to=split.boundaries.get("held_to", ""),
    )


def too_few_told(measures: Measures) -> str:
    """Say of a sample's measures that there is too little to judge by; nothing where there is enough."""
    counts = measures.counts
    return "" if counts is None or counts.is_enough else sentences(too_few(counts.rows, counts.events))


def _lead(words: Any, share: str, measures: Measures) -> str:
    capture, lift = measures.value("capture"), measures.value("lift")
    if capture is None or lift is None:
        return _("Too few events to say how many the top group contains.")
    return words.capture_sentence % {"share": share, "capture": rate(capture, 1), "lift": f"{lift:.1f}"}


def _tested(words: Any, share: str, measures: Measures, deciles: DecileTable | None) -> str:
    lift, rate = measures.value("lift"), deciles.event_rate if deciles else None
    if lift is None or rate is None:
        return ""
    told = words.held_out_sentence % {
        "of_100": f"{min(100 * lift * rate, 100):.0f}",
        "share": share,
        "lift": f"{lift:.1f}",
    }
    ceiling = 1 / rate if rate else None
    if ceiling is not None and ceiling < 1.5 * lift:
        told = joined(told, _("The maximum possible there is %(ceiling)s times.") % {"ceiling": f"{ceiling:.1f}"})
    return told


def _ties(leaderboard: Leaderboard) -> str:
    count = leaderboard.ties
    if count < 2:
        return _("Finalists, measured on the same complete folds")
    return _("%(count)d models are tied: their differences are not significant") % {"count": count}


def _cards(words: Any, share: str, line: LeaderboardLine) -> list[Card]:
    def number(measures: Measures, name: str, digits: int) -> str:
        value = measures.value(name)
        return NOTHING if value is None else f"{value:.{digits}f}"

    def card(name: str, label: str, reading: str, digits: int = 3) -> Card:
        shown = number(line.validation, name, digits), number(line.tested, name, digits)
        return Card(label, *shown, reading, line.is_tested_enough)

    auc, ks = line.validation.value("auc"), line.validation.value("ks")
    return [
        card("auc", "AUC", words.auc_sentence % {"percent": rate(auc, 0)}),
        card("ks", "KS", _("Largest gap at the best cut-off: %(percent)s") % {"percent": rate(ks, 0)}),
        card(
            "lift",
            _("Lift, top %(share)s") % {"share": share},
            _("Events found, relative to a random selection"),
            2,
        ),
        card(
            "observed_expected",
            _("Calibration (actual / predicted)"),
            _calibration_reading(line),
            2,
        ),
    ]


def _calibration_reading(line: LeaderboardLine) -> str:
    sample = line.row.measures.unseen_name or "held_out"
    if not line.is_tested_enough:
        return of_sample(_("Too few held-out rows to judge"), sample)
    found = line.tested.observed_expected or line.validation.of("observed_expected")
    ratio = found.value
    if ratio is None:
        return ""
    low, high = (ratio if end is None else end for end in (found.low, found.high))
    if low <= 1 <= high:
        return _("Probabilities can be used as they are")
    off = {"percent": apart(abs(ratio - 1), 0.0, digits=0, percent=True)[0], "held_out_kind": sample}
    if ratio > 1:
        return filled(_("%(percent)s too low on held-out rows: use it for ranking, not as a probability"), off)
    return filled(_("%(percent)s too high on held-out rows: use it for ranking, not as a probability"), off)


def _limit(limit: Verdict) -> dict[str, Any]:
    state = limit.state
    told = sentences(limit.sentence)
    return {"text": told, "is_kept": state != "broken", "is_unproven": state == "unproven", "state": state}


def _constraints(found: ConstraintsChecked | None) -> str:
    """Say whether the directions asked for are kept, and what that costs in KS."""
    if found is None:
        return ""
    columns = len(found.features)
    if found.violations:
        told = ngettext(
            "The monotone constraint on %(columns)d column is violated in %(violations)d of %(steps)d checks.",
            "The monotone constraints on %(columns)d columns are violated in %(violations)d of %(steps)d checks.",
            columns,
        )
    else:
        told = ngettext(
            "The monotone constraint on %(columns)d column holds: no violations in %(steps)d checks.",
            "The monotone constraints on %(columns)d columns hold: no violations in %(steps)d checks.",
            columns,
        )
    counts = {
        "columns": columns,
        "violations": found.violations,
        "steps": found.checked_steps,
    }
    return joined(filled(told, counts), _price(found))


def _price(found: ConstraintsChecked) -> str:
    if found.skipped is not None:
        return sentences(found.skipped)
    if found.ks_price is None:
        return ""
    return _("Cost in KS: %(price)s.") % {"price": minus(f"{found.ks_price:.4f}")}
