"""Everything the page of a comparison shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.templatetags.formatting import count, sentence
from comparisons.models import ModelComparison
from comparisons.page.readings import readings_of
from comparisons.page.reliance import RELIANCE_SHOWN, MatrixCell, RelianceCell, matrix_of, reliance_of
from comparisons.page.side_by_side import LOOKS, Line, lines_of, materiality, verdict_words
from comparisons.page.swapped import SwapShown, swap_shown
from comparisons.queries.hidden import shown_facts
from comparisons.queries.setup import SetupLine, setup_of
from comparisons.queries.subjects import Subject, with_models
from experiments.comparison.evidence import Against, ModelsCompared, Moved
from experiments.comparison.words import change_in_events, verdict_on
from experiments.errors import BadInput
from experiments.kinds import KINDS
from experiments.strategy.stakes import Stakes
from jobs.models import JobState

# What of an address is kept from one view of the page to the next, besides the models.
KEPT = ("on", "amount", "share", "at", "swap", "gain", "cost", "per", "all")


@dataclass(frozen=True)
class VerdictShown:
    """One model against the first in two sentences."""

    letter: str
    text: str
    change: str
    tone: str
    icon: str
    word: str


@dataclass(frozen=True)
class ComparisonPage:
    """The page, whatever state the comparison is in."""

    subjects: Sequence[Subject]
    state: str
    facts: str = ""
    lines: Sequence[Line] = ()
    setup: Sequence[SetupLine] = ()
    setup_count: str = ""
    verdicts: Sequence[VerdictShown] = ()
    refusal: str = ""
    how: str = ""
    found: ModelsCompared | None = None
    readings: Mapping[str, str] = field(default_factory=dict)
    swap: SwapShown | None = None
    reliance: Sequence[tuple[str, Sequence[RelianceCell]]] = ()
    reliance_more: int = 0
    moved: Against | None = None
    moved_rows: Sequence[Moved] = ()
    matrix: Sequence[Sequence[MatrixCell]] = ()
    best: Subject | None = None
    materiality: str = ""
    compared: Sequence[Subject] = ()
    amount: str = ""
    without_model: Sequence[str] = ()

    @property
    def letters(self) -> list[str]:
        """Of all models on the page."""
        return [each.letter for each in self.subjects]


def page_of(
    subjects: Sequence[Subject], comparison: ModelComparison | None, asked: Mapping[str, str]
) -> ComparisonPage:
    """Return what the page shows of models; without a finished comparison, what is known of them without one."""
    setup = setup_of(subjects)
    differing = sum(line.differs for line in setup)
    counted = ngettext("%(n)s difference", "%(n)s differences", differing) % {"n": differing}
    same = _("%(n)s the same") % {"n": len(setup) - differing}
    own: dict[str, Any] = {
        "subjects": subjects, "setup": setup, "setup_count": f"{counted} · {same}", "materiality": materiality(),
        "compared": with_models(subjects),
        "without_model": [each.letter for each in subjects if not each.has_model],
    }  # fmt: skip
    state = _state_of(comparison)
    if comparison is None or state != "compared":
        refusal = sentence(comparison.found.refusal) if comparison is not None and state == "refused" else ""
        return ComparisonPage(state=state, lines=lines_of(subjects, [], None), refusal=refusal, **own)
    facts = shown_facts(comparison, subjects)
    assert facts.compared is not None
    return ComparisonPage(
        state=state,
        how=sentence(facts.how),
        amount=facts.amount,
        **own,
        **_found(facts.compared, own["compared"], subjects, asked),
    )


def _state_of(comparison: ModelComparison | None) -> str:
    if comparison is None:
        return "asked"
    if comparison.is_done:
        return "refused" if comparison.found.compared is None else "compared"
    if comparison.has_ended_without:
        if comparison.job is None:
            return "asked"
        return "stopped" if comparison.job.state == JobState.CANCELLED else "failed"
    return "running"


def _found(
    found: ModelsCompared, compared: Sequence[Subject], subjects: Sequence[Subject], asked: Mapping[str, str]
) -> dict[str, Any]:
    letters = [each.letter for each in compared]
    pairs = list(zip(found.against, letters[1:], strict=True))
    chosen = next((each for each, letter in pairs if letter == asked.get("swap")), found.against[0])
    verdicts = [_verdict(found, each, letter, letters[0]) for each, letter in pairs]
    return {
        "facts": _facts(found),
        "lines": lines_of(subjects, compared, found),
        "verdicts": verdicts,
        "found": found,
        "readings": readings_of(found, letters),
        "swap": swap_shown(found, letters, asked, stakes=stakes_in(asked, is_risk=KINDS[found.kind].is_risk)),
        "reliance": reliance_of(found),
        "reliance_more": max(0, len(found.reliance) - RELIANCE_SHOWN),
        "moved": chosen,
        "moved_rows": chosen.moved,
        "matrix": matrix_of(chosen),
        "best": _best(found, compared),
    }


def stakes_in(asked: Mapping[str, str], *, is_risk: bool) -> Stakes | None:
    """Return the money per customer in an address; None where none, or nothing sensible, is given."""
    try:
        gain, cost = float(asked.get("gain") or "nan"), float(asked.get("cost") or 0)
        return Stakes.of_credit(gain=gain, loss=cost) if is_risk else Stakes.of_contact(value=gain, cost=cost)
    except (ValueError, BadInput):
        return None


def _facts(found: ModelsCompared) -> str:
    rows = ngettext("%(n)s row", "%(n)s rows", found.rows) % {"n": count(found.rows)}
    events = ngettext("%(n)s event", "%(n)s events", found.events) % {"n": count(found.events)}
    told = [rows, events]
    if found.first_month:
        told.append(_("%(first)s to %(last)s") % {"first": found.first_month, "last": found.last_month})
    return " · ".join(told)


def _verdict(found: ModelsCompared, against: Against, letter: str, base: str) -> VerdictShown:
    tone, icon = LOOKS[against.verdict]
    lower = against.measures["auc"].difference < 0
    text = sentence(verdict_on(found, against, name=letter, base=base))
    word = verdict_words(against.verdict, is_lower=lower)
    return VerdictShown(letter, text, sentence(change_in_events(found, against)), tone, icon, word)


def _best(found: ModelsCompared, compared: Sequence[Subject]) -> Subject:
    """Return the model to go on with: the one that is better for certain and by enough, else the first."""
    better = [
        (each.measures["auc"].difference, subject)
        for each, subject in zip(found.against, compared[1:], strict=True)
        if each.verdict == "better"
    ]
    return max(better, key=lambda one: one[0])[1] if better else compared[0]


def address_of(subjects: Sequence[Subject], asked: Mapping[str, str], **changed: str) -> str:
    """Return the query of the page with some of it changed; one that is empty is left out."""
    kept = {name: value for name, value in asked.items() if name in KEPT} | changed
    pairs = [("m", each.code) for each in subjects] + [(name, value) for name, value in kept.items() if value]
    return "?" + urlencode(pairs)
