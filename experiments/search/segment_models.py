"""What a model of its own would bring in a segment: the family fitted on the segment alone, beside one of all rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from experiments.errors import is_out_of_memory
from experiments.evaluation.delong import delong_difference
from experiments.evaluation.holm import judged_together
from experiments.evaluation.intervals import Difference
from experiments.evaluation.metrics import auc
from experiments.evaluation.odds import probability_of
from experiments.evaluation.segment_gain import SegmentGain
from experiments.evaluation.segments import SegmentRow, rows_within
from experiments.house_rules import is_enough
from experiments.ingest.table import read_parquet
from experiments.learners import LEARNERS, Learner
from experiments.search.preparing import read_question
from experiments.search.training_data import TrainingData, sample_rows
from experiments.spec import ExperimentSpec

ROWS_TO_FIT = 100_000
Cuts = tuple[SegmentRow, ...]


def gain_of_segment_models(
    spec: ExperimentSpec,
    table: Path,
    *,
    learner: str,
    params: Mapping[str, Any],
    segments: Sequence[Cuts],
    on_segment: Callable[[int], None] = lambda _place: None,
) -> tuple[list[SegmentGain], SegmentGain]:
    """Return what each segment's own model brings, and what all of them together do on all held-out rows.

    Both models are of one family with one choice of settings, fitted on the same training rows: the common one on all
    of them, a segment's on those within it. Where a segment cannot be judged, its rows keep the common model's scores.

    Parameters
    ----------
    learner, params : the family and the settings that its best trial had.
    segments : of each its cut of one column, or of two crossed; they share no rows.
    on_segment : told of each before its fit.
    """
    data, family = read_question(spec, table), LEARNERS[learner]
    fits = _Fits(data, family, params)
    within = _within(segments, table)
    held_out = data.split.held_out
    common = fits.scores(fits.fit_rows, fits.valid_rows, held_out)
    stitched, found = common.copy(), []
    for place, chosen in enumerate(within):
        on_segment(place)
        own_held_out = np.flatnonzero(chosen[held_out])
        gain, difference, scores = _gain(fits, chosen, held_out[own_held_out], common[own_held_out])
        found.append((gain, difference))
        if scores is not None:
            stitched[own_held_out] = scores
    whole, difference = _compared(data, held_out, stitched, common, fitted=len(fits.fit_rows))
    return _judged(found), _with(whole, difference, difference.p_value)


class _Fits:
    """The family with its settings, on the rows of the first fold or an even sample of them."""

    def __init__(self, data: TrainingData, family: Learner, params: Mapping[str, Any]) -> None:
        self.data, self.family, self.params = data, family, params
        fit, valid = data.folds[0]
        self.fit_rows, self.valid_rows = sample_rows(fit, ROWS_TO_FIT), sample_rows(valid, ROWS_TO_FIT)

    def scores(self, fit: np.ndarray, valid: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Return the probabilities of rows by a model that is fitted on others."""
        model = self.family.fit(self.data.request(self.family, dict(self.params), fit, valid))
        return probability_of(model.margin(self.data.features(self.family, rows)), self.family.margin_unit)


def _within(segments: Sequence[Cuts], table: Path) -> list[np.ndarray]:
    """Return of each segment which rows of the table are in it."""
    columns = list(dict.fromkeys(cut.column for cuts in segments for cut in cuts))
    frame = read_parquet(table, columns=columns)
    named = {
        name: {cut.label for cuts in segments for cut in cuts if cut.column == name and cut.kind == "level"}
        for name in columns
    }
    return [
        np.logical_and.reduce([rows_within(cut, frame[cut.column], named=named[cut.column]) for cut in cuts])
        for cuts in segments
    ]


def _gain(
    fits: _Fits, chosen: np.ndarray, held_out: np.ndarray, common: np.ndarray
) -> tuple[SegmentGain, Difference | None, np.ndarray | None]:
    """Fit a segment's own model and compare it; without one, neither a difference nor scores."""
    data, fit, valid = fits.data, fits.fit_rows[chosen[fits.fit_rows]], fits.valid_rows[chosen[fits.valid_rows]]
    counts = {"fitted": len(fit), "rows": len(held_out), "events": int(np.nansum(data.y[held_out]))}
    known = data.y[valid][~np.isnan(data.y[valid])]
    if not (_can_judge(data.y[fit]) and _can_judge(data.y[held_out]) and len(np.unique(known)) == 2):
        return SegmentGain("too_few", **counts), None, None
    try:
        scores = fits.scores(fit, valid, held_out)
    except Exception as error:  # Whatever a library raises over so small a table: the segment has no model of its own.
        if is_out_of_memory(error):
            raise
        return SegmentGain("failed", **counts), None, None
    return *_compared(data, held_out, scores, common, fitted=len(fit)), scores


def _can_judge(y: np.ndarray) -> bool:
    known = y[~np.isnan(y)]
    return is_enough(len(known), int(known.sum()))


def _compared(
    data: TrainingData, rows: np.ndarray, own: np.ndarray, common: np.ndarray, *, fitted: int
) -> tuple[SegmentGain, Difference]:
    y, weight = data.y[rows], data.weights(rows)
    groups = None if data.groups is None else data.groups[rows]
    gain = SegmentGain(
        "judged", fitted, len(rows), int(np.nansum(y)), auc(y, common, weight=weight), auc(y, own, weight=weight)
    )
    return gain, delong_difference(y, own, second=common, weight=weight, groups=groups)


def _judged(found: Sequence[tuple[SegmentGain, Difference | None]]) -> list[SegmentGain]:
    """Judge all segments together by Holm: each interval is at the level of its p-value, so that both say the same."""
    known = [each for _gain, each in found if each is not None and not np.isnan(each.p_value)]
    judged = iter(judged_together(known))
    told = []
    for gain, difference in found:
        if difference is None or np.isnan(difference.p_value):
            told.append(gain)
            continue
        one = next(judged)
        told.append(replace(_with(gain, one.difference, one.p_holm), level=one.level))
    return told


def _with(gain: SegmentGain, difference: Difference, p_value: float) -> SegmentGain:
    return replace(gain, gain=difference.value, low=difference.low, high=difference.high, p_holm=p_value)
