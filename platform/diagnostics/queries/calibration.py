"""Can the probability be read as one: by sample, by decile, by month."""

from typing import Any

from django.utils.translation import gettext as _

from diagnostics.queries.look import Cell, Look, bounded, number, share, whole, words
from experiments.evaluation.calibration_facts import CalibratedGroup, CalibrationFacts
from results.queries.evidence import evidence_of
from training.words import SAMPLES


def look(of: Any) -> Look | None:
    """Return the calibration of a model: each sample, its deciles, and the months."""
    found = of.diagnosis.samples
    if not found:
        return None
    rows = []
    order = ["train", "validation", of.leaderboard.test_sample]
    for name in order:
        if name in found:
            facts = found[name].calibration
            rows.append(_sample(name, facts))
            rows += [_group(name, group, is_enough=facts.is_enough) for group in facts.groups]
    rows += [
        [words(_("Month %(month)s") % {"month": month.period}), whole(month.rows), whole(month.events),
         share(month.mean_probability), share(month.event_rate),
         bounded(month.observed_expected, month.observed_expected_low, month.observed_expected_high, digits=2,
                 tone=_tone(month.observed_expected_low, month.observed_expected_high, is_enough=month.is_enough)),
         words(""), words("")]
        for month in evidence_of(of.line.row).by_period
    ]  # fmt: skip
    header = [
        _("Rows of"), _("Rows"), _("Events"), _("Predicted"), _("Actual"), _("Actual / predicted"), _("Intercept"),
        _("Slope"),
    ]  # fmt: skip
    tested = found.get(of.leaderboard.test_sample) or found["validation"]
    notes = [_("Target: intercept within ±0.1, slope from 0.9 to 1.1, actual / predicted near 1.")]
    return Look(_lead(tested.calibration), header, rows, chart="calibration", notes=notes)


def _lead(facts: CalibrationFacts) -> str:
    if not facts.is_enough:
        return _("Too few held-out rows to judge the probabilities.")
    ratio, slope = facts.observed_expected, facts.slope
    told = {"ratio": f"{ratio:.2f}", "slope": f"{slope:.2f}"}
    if facts.observed_expected_low <= 1 <= facts.observed_expected_high and facts.slope_low <= 1 <= facts.slope_high:
        return _("The probabilities hold on held-out rows: actual / predicted %(ratio)s, slope %(slope)s.") % told
    if facts.slope_high < 1:
        return _("The probabilities are too extreme on held-out rows: slope %(slope)s.") % told
    if facts.slope_low > 1:
        return _("The probabilities are too close to the average on held-out rows: slope %(slope)s.") % told
    return _("On held-out rows actual / predicted is %(ratio)s; slope %(slope)s.") % told


def _sample(name: str, facts: CalibrationFacts) -> list[Cell]:
    few = "" if facts.is_enough else "few"
    groups = facts.groups
    total = sum(group.rows for group in groups) or 1
    predicted = sum(group.predicted * group.rows for group in groups) / total
    observed = sum(group.observed * group.rows for group in groups) / total
    slope_tone = few or ("" if facts.slope_low <= 1 <= facts.slope_high else "warn")
    return [
        words(SAMPLES[name]), whole(facts.rows), whole(facts.events), share(predicted), share(observed),
        bounded(facts.observed_expected, facts.observed_expected_low, facts.observed_expected_high, digits=2,
                tone=_tone(facts.observed_expected_low, facts.observed_expected_high, is_enough=facts.is_enough)),
        bounded(facts.intercept, facts.intercept_low, facts.intercept_high, digits=2, tone=few),
        bounded(facts.slope, facts.slope_low, facts.slope_high, digits=2, tone=slope_tone),
    ]  # fmt: skip


def _group(name: str, group: CalibratedGroup, *, is_enough: bool) -> list[Cell]:
    label = _("%(sample)s, group %(group)d") % {"sample": SAMPLES[name], "group": group.group}
    return [
        words(label), whole(group.rows), whole(group.events), share(group.predicted), share(group.observed),
        bounded(group.observed_expected, group.low, group.high, digits=2,
                tone=_tone(group.low, group.high, is_enough=is_enough)), number(None), number(None),
    ]  # fmt: skip


def _tone(low: float, high: float, *, is_enough: bool) -> str:
    if not is_enough:
        return "few"
    return "warn" if low == low and high == high and not low <= 1 <= high else ""
