"""Every measure of the models beside each other: on the experiment's own rows, and on the same rows for all."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from common.templatetags.formatting import NOTHING, count, metric, rate, sentence
from comparisons.queries.subjects import Subject
from experiments.comparison.evidence import ModelsCompared, PairedDifference
from experiments.comparison.page import MEASURES
from experiments.evaluation.intervals import MATERIALITY
from experiments.evaluation.measures import Measure
from experiments.house_rules import is_shift
from experiments.sentence import Sentence
from experiments.telling import signed
from training.queries.interval_cells import IntervalCell

LOOKS = {
    "better": ("good", "check"),
    "worse": ("bad", "arrow-down"),
    "slight": ("line", "equal"),
    "alike": ("line", "equal"),
    "mixed": ("warn", "arrows-sort"),
    "too_few": ("line", "help-circle"),
}

LIMIT_LOOKS = {
    "kept": ("good", "check"),
    "unproven": ("warn", "help"),
    "unjudged": ("line", "help-circle"),
    "broken": ("warn", "alert-triangle"),
}


@dataclass(frozen=True)
class Cell:
    """One model's part of a line: its number in validation and on the same rows, or a badge, or an interval."""

    validation: str = ""
    tested: str = ""
    more: str = ""
    tone: str = ""
    icon: str = ""
    badge: str = ""
    validation_interval: IntervalCell | None = None
    tested_interval: IntervalCell | None = None
    read_aloud: str = ""


@dataclass(frozen=True)
class Line:
    """A measure with its explanation and every model's part."""

    label: str
    sub: str
    cells: tuple[Cell, ...]
    kind: str = "numbers"


def verdict_words(verdict: str, *, is_lower: bool = False) -> str:
    """Return a verdict as it stands in a cell."""
    words = {
        "better": _("Better"),
        "worse": _("Worse"),
        "slight": _("Slightly worse, not material") if is_lower else _("Slightly better, not material"),
        "alike": _("Tie"),
        "mixed": _("Better and worse"),
        "too_few": _("Cannot tell"),
    }
    return words[verdict]


def measure_words(name: str) -> str:
    """Return what a measure is called in a table."""
    return sentence(Sentence(MEASURES[name][0])) if name in MEASURES else name


def lines_of(subjects: Sequence[Subject], compared: Sequence[Subject], found: ModelsCompared | None) -> list[Line]:
    """Return all lines; ``compared`` are those of the subjects that stand in ``found``, in its order."""
    return [*_Lines(subjects, compared, found).all()]


class _Lines:
    def __init__(self, subjects: Sequence[Subject], compared: Sequence[Subject], found: ModelsCompared | None) -> None:
        self.subjects, self.found = subjects, found
        self.places = {each.code: place for place, each in enumerate(compared)} if found is not None else {}

    def all(self) -> Iterator[Line]:
        yield self._numbers("AUC", _("higher means better ranking"), "auc", 4)
        yield self._intervals()
        if self.found is not None:
            yield self._against("auc", _("AUC against %(base)s"), _("DeLong, paired, same rows"))
        yield self._numbers("KS", _("separation at the best cut-off"), "ks", 3)
        if self.found is not None:
            yield self._against("ks", _("KS against %(base)s"), _("1,000 paired bootstrap samples"))
        yield self._numbers(_("Gini"), "", "gini", 4)
        share = self.found.share if self.found is not None else self.subjects[0].experiment.contact_share
        top = rate(share, 0)
        yield self._numbers(_("Captured in the top %(share)s") % {"share": top}, _("share of all events"), "capture", 3)
        yield self._numbers(_("Lift in the top %(share)s") % {"share": top}, "", "lift", 2)
        if self.found is not None:
            yield self._against("lift", _("Lift against %(base)s"), _("1,000 paired bootstrap samples"))
        yield self._gap()
        yield self._numbers(_("Actual / predicted"), _("1 is ideal"), "observed_expected", 2)
        yield self._numbers(_("Calibration slope"), _("1 is ideal"), "calibration_slope", 2)
        yield self._numbers(_("Calibration error (ECE)"), _("lower is better"), "ece", 4)
        yield self._numbers(_("Brier score"), _("lower is better"), "brier", 4)
        yield self._numbers(_("Log loss"), _("lower is better"), "log_loss", 4)
        if self.found is not None:
            yield self._shift()
        yield self._size()

    def _same_rows(self, subject: Subject, name: str) -> Measure:
        place = self.places.get(subject.code)
        if self.found is None or place is None:
            return Measure()
        return self.found.models[place].measures.get(name, Measure())

    def _own(self, subject: Subject, name: str) -> Measure:
        if subject.row is not None:
            return subject.row.measures.validation.of(name) if subject.row.measures.validation else Measure()
        value = getattr(subject.trial, name, None) if name in ("auc", "ks", "log_loss") else None
        return Measure(value)

    def _unseen(self, subject: Subject, name: str) -> Measure:
        """Return a measure on the same rows; without these, on the rows its own experiment had set aside."""
        if self.found is not None:
            return self._same_rows(subject, name)
        return subject.row.measures.unseen.of(name) if subject.row is not None else Measure()

    def _numbers(self, label: str, sub: str, name: str, digits: int) -> Line:
        cells = [
            Cell(metric(self._own(each, name).value, digits), metric(self._unseen(each, name).value, digits))
            for each in self.subjects
        ]
        return Line(label, sub, tuple(cells))

    def _intervals(self) -> Line:
        own = [self._own(each, "auc") for each in self.subjects]
        unseen = [self._unseen(each, "auc") for each in self.subjects]
        ends = [end for one in (*own, *unseen) for end in (one.low, one.value, one.high) if end is not None]
        scale = (min(ends), max(ends)) if ends else (0.0, 1.0)
        cells = [
            Cell(
                validation_interval=IntervalCell.of(first, scale), tested_interval=IntervalCell.of(second, scale),
                read_aloud=_aloud(first, second),
            )
            for first, second in zip(own, unseen, strict=True)
        ]  # fmt: skip
        return Line(_("95% interval of AUC"), _("same scale"), tuple(cells), "interval")

    def _against(self, name: str, label: str, sub: str) -> Line:
        assert self.found is not None
        cells = []
        for each in self.subjects:
            place = self.places.get(each.code)
            if place == 0:
                cells.append(Cell(more=_("base")))
            elif place is None:
                cells.append(Cell(more=_("no model kept")))
            else:
                cells.append(_judged(self.found.against[place - 1].measures[name], name))
        base = next(each.letter for each in self.subjects if self.places.get(each.code) == 0)
        return Line(label % {"base": base}, sub, tuple(cells), "badge")

    def _gap(self) -> Line:
        cells = []
        for each in self.subjects:
            kept = each.row.kept if each.row is not None else None
            if kept is None or kept.gap is None:
                cells.append(Cell(more=NOTHING))
                continue
            limit = next((one for one in kept.limits if one.code == "ks_gap"), None)
            tone, icon = LIMIT_LOOKS[limit.state if limit is not None else "kept"]
            cells.append(Cell(badge=signed(kept.gap, 3), tone=tone, icon=icon))
        return Line(_("Fall in KS from training"), _("to the held-out rows of its own run"), tuple(cells), "badge")

    def _shift(self) -> Line:
        cells = []
        for each in self.subjects:
            place = self.places.get(each.code)
            model = self.found.models[place] if self.found is not None and place is not None else None
            if model is None or model.score_psi is None:
                cells.append(Cell(more=NOTHING))
                continue
            has_moved = is_shift(model.score_psi, model.score_psi_limit or 0.0)
            tone, icon = ("warn", "alert-triangle") if has_moved else ("good", "check")
            cells.append(Cell(badge=metric(model.score_psi, 3), tone=tone, icon=icon))
        return Line(
            _("Score PSI"),
            _("from the development sample to the same rows; 0.10 or more is drift, unless chance alone explains it"),
            tuple(cells),
            "badge",
        )

    def _size(self) -> Line:
        cells = []
        for each in self.subjects:
            kept = each.row.kept if each.row is not None else None
            columns = count(kept.features) if kept is not None and kept.features is not None else NOTHING
            took = metric(kept.ms_per_row, 2) if kept is not None else NOTHING
            cells.append(Cell(more=f"{columns} / {took}"))
        return Line(_("Columns / milliseconds per row"), "", tuple(cells), "badge")


def _judged(told: PairedDifference, name: str) -> Cell:
    tone, icon = LOOKS[told.verdict]
    digits = 2 if name == "lift" else 4
    words = verdict_words(told.verdict, is_lower=told.difference < 0)
    shown = signed(told.difference, digits)
    between = _("%(low)s to %(high)s") % {"low": signed(told.low, digits), "high": signed(told.high, digits)}
    return Cell(badge=f"{words} {shown}", tone=tone, icon=icon, more=between)


def materiality() -> str:
    """Return the least difference in AUC that matters."""
    return f"{MATERIALITY['auc']:g}"


def _aloud(own: Measure, unseen: Measure) -> str:
    def told(one: Measure) -> str:
        return NOTHING if one.value is None else f"{metric(one.value, 4)} ({metric(one.low, 4)}–{metric(one.high, 4)})"

    return _("AUC in cross-validation %(own)s, on the held-out rows %(unseen)s") % {
        "own": told(own), "unseen": told(unseen),
    }  # fmt: skip
