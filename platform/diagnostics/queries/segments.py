"""Where the model is weaker: by any column, or two crossed."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.language import joined
from common.templatetags.formatting import metric
from diagnostics.queries.look import READ_AGAIN, Cell, Look, bounded, number, share, whole, words
from diagnostics.queries.refitted import notes_on_refit
from experiments.evaluation.crossed_segments import CrossedRow
from experiments.evaluation.segment_gain import SegmentGain
from experiments.evaluation.segments import SegmentRow
from results.queries.columns import meanings_of, names_of, secret_columns, segment_value
from results.queries.evidence import evidence_of
from training.models import Experiment
from training.words import learner_name

MOST_SHOWN = 60


@dataclass(frozen=True)
class Segment:
    """A segment by the name it is shown with; ``gain`` where models of the segments themselves were fitted."""

    name: str
    row: SegmentRow
    gain: SegmentGain | None = None


def look(of: Any) -> Look | None:
    """Return the segments that were asked for, else those that the run has measured."""
    found = segments_of(of)
    if found is None:
        return None
    has_gains = any(each.gain for each in found)
    header = [
        _("Segment"), _("Rows"), _("Events"), _("Share"), _("Event rate"), "AUC", "KS", _("Lift"),
        _("Actual / predicted"), _("Judged by"),
    ]  # fmt: skip
    notes = [
        _(
            "Red: AUC significantly below that of all rows, by more than 0.02; or, where the customers of a segment "
            "are alike by score, actual / predicted significantly off, by more than 10%."
        )
    ]
    if has_gains:
        header += [_("AUC, common model"), _("AUC, own model"), _("Gain in AUC")]
        notes += _notes_on_gains(of)
    return Look(
        joined(_lead(found), _lead_of_gains(of, found)) if has_gains else _lead(found), header,
        [_row(each, has_gains=has_gains) for each in found[:MOST_SHOWN]], chart="gains" if has_gains else "segments",
        notes=notes,
    )  # fmt: skip


def _lead(found: list[Segment]) -> str:
    weak = [each for each in found if each.row.is_weak]
    judged = [each for each in found if each.row.is_enough]
    if not judged:
        return _("No segment has enough rows and events to judge.")
    if weak:
        return ngettext(
            "In %(weak)d of %(judged)d segments the model is significantly worse; it is marked in red.",
            "In %(weak)d of %(judged)d segments the model is significantly worse; they are marked in red.",
            len(weak),
        ) % {"weak": len(weak), "judged": len(judged)}
    return ngettext(
        "The model is not significantly worse in the one segment that can be judged.",
        "The model is significantly worse in none of the %(judged)d segments that can be judged.",
        len(judged),
    ) % {"judged": len(judged)}


def _lead_of_gains(of: Any, found: list[Segment]) -> str:
    """Say whether models of the segments themselves are worth it, one by one and all together."""
    whole = SegmentGain.from_dict(of.inquiry.answer["whole"])
    better = [each for each in found if each.gain and each.gain.is_better]
    judged = sum(bool(each.gain and each.gain.is_judged) for each in found)
    if not judged:
        return _("No segment has enough rows for a model of its own.")
    if better:
        best = max(better, key=lambda each: each.gain.gain if each.gain else 0.0)
        told = _(
            "Segments that would rank significantly better with a model of their own: %(better)d of %(judged)d; the "
            "largest gain is in %(name)s: AUC +%(gain)s."
        ) % {"better": len(better), "judged": judged, "name": best.name, "gain": metric(best.gain.gain)}  # type: ignore[union-attr]
    else:
        told = ngettext(
            "A model of its own is not significantly better in the one segment that could be fitted.",
            "A model of its own is significantly better in none of the %(judged)d segments that could be fitted.",
            judged,
        ) % {"judged": judged}
    bounds = {"gain": metric(whole.gain), "low": metric(whole.low), "high": metric(whole.high)}
    return joined(told, _("All together they change AUC by %(gain)s (%(low)s to %(high)s).") % bounds)


def _notes_on_gains(of: Any) -> list[str]:
    refitted = of.inquiry.answer["refitted"]
    # What was answered before intervals were judged together says so.
    is_together = any("level" in each for each in of.inquiry.answer["gains"])
    return [
        _(
            "Own and common model: %(algorithm)s with the same settings, fitted on the same training rows, compared on "
            "the held-out rows of the segment. A gain counts as significant after Holm's correction for all segments."
        )
        % {"algorithm": learner_name(refitted)},
        _(
            "The interval of a gain is at the level at which the correction judged it, at least 95%: it excludes 0 "
            "exactly where the gain is significant."
        )
        if is_together
        else _("The intervals of the gains are at 95%, each for its segment alone, without the correction."),
        _("The common model is refitted for the comparison, so its AUC can differ from that of the delivered model."),
        *notes_on_refit(of, refitted),
        str(READ_AGAIN),
    ]


def segments_of(of: Any) -> list[Segment] | None:
    """Return the segments of an answer or of the run, without those of columns whose values nobody is shown."""
    answer = of.inquiry.answer if of.inquiry else {}
    experiment = of.experiment
    cuts: list[tuple[SegmentRow, ...]]
    if "rows" in answer:
        cuts = [(row,) for row in map(_segment, answer["rows"])]
    elif "crossed" in answer:
        cuts = [(pair.row, pair.other) for pair in map(CrossedRow.from_dict, answer["crossed"])]
    else:
        cuts = [(row,) for row in evidence_of(of.line.row).segments]
    gains: list[SegmentGain | None] = [SegmentGain.from_dict(each) for each in answer.get("gains", ())]
    gains = gains or [None] * len(cuts)
    secret = secret_columns(experiment)
    found = [
        Segment(_crossed([_named(experiment, cut) for cut in each]), each[0], gain)
        for each, gain in zip(cuts, gains, strict=True) if not any(cut.column in secret for cut in each)
    ]  # fmt: skip
    return found or None


def _crossed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else _("%(one)s and %(other)s") % {"one": names[0], "other": names[1]}


def _segment(stored: dict[str, Any]) -> SegmentRow:
    nothing = float("nan")
    values: dict[str, Any] = {
        name: nothing if value is None and name not in ("low", "high") else value for name, value in stored.items()
    }
    return SegmentRow(**values)


def _named(experiment: Experiment, row: SegmentRow) -> str:
    name = names_of(experiment).get(row.column, row.column)
    return _("%(column)s: %(value)s") % {"column": name, "value": segment_value(row, meanings_of(experiment))}


def _row(each: Segment, *, has_gains: bool) -> list[Cell]:
    row = each.row
    tone = "bad" if row.is_weak else "" if row.is_enough else "few"
    by_ranking = row.judged_by == "ranking"
    cells = [
        words(each.name, tone), whole(row.rows), whole(row.events), share(row.share, 1), share(row.event_rate),
        bounded(row.auc, row.auc_low, row.auc_high, tone=tone if by_ranking else ""), number(row.ks),
        number(row.lift, 2),
        bounded(row.observed_expected, row.observed_expected_low, row.observed_expected_high, digits=2,
                tone="" if by_ranking else tone),
        words(_("ranking") if by_ranking else _("calibration")),
    ]  # fmt: skip
    return cells + _gain(each.gain) if has_gains else cells


def _gain(gain: SegmentGain | None) -> list[Cell]:
    if gain is None or not gain.is_judged:
        nothing = {"failed": _("could not be fitted")}.get(gain.state if gain else "", _("too few rows"))
        return [number(None), number(None), words(nothing, "few")]
    return [
        number(gain.common), number(gain.own),
        bounded(gain.gain, gain.low, gain.high, tone="good" if gain.is_better else ""),
    ]  # fmt: skip
