"""What a run found, as a value, and as the story beside every model it saved."""

import json
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from experiments.artifact.manifest import attach
from experiments.processor import machine
from experiments.search.ensemble import NAME as ENSEMBLE
from experiments.search.finalist import Finalist
from experiments.search.listener import Listener
from experiments.search.replay import STORY, story_of
from experiments.search.run import Run
from experiments.search.training_data import TrainingData
from experiments.search.trial import TrialLog, TrialRecord
from experiments.spec import ExperimentSpec
from experiments.stored import plain

__all__ = ["ExperimentResult"]

FLATTERY_OF_THE_BEST = 0.005


@dataclass(frozen=True)
class ExperimentResult:
    """What a run found.

    Attributes
    ----------
    finalists : the leaderboard, best first.
    recommended : candidate to take; its folder is ``models/<candidate>`` below the work folder.
    out_of_time_readings : how often the held-out rows were read, once per shortlist; a run that goes on adds to it.
    ended_early : of a search that was ended on request, what was kept and dropped; see ``experiments.search.ending``.
    outlook : ``{"necessary", "sufficient", "message", "params"}``, whether more time would have been worth it.

    Examples
    --------
    >>> ExperimentResult((), "linear", {}, (), {"rows": 100}, 1, 12.5).to_dict()["seconds"]
    12.5
    """

    finalists: tuple[Finalist, ...]
    recommended: str
    split: dict[str, Any]
    trials: tuple[TrialRecord, ...]
    data: dict[str, Any]
    out_of_time_readings: int
    seconds: float
    outlook: dict[str, Any] | None = None
    ended_early: dict[str, Any] | None = None

    @property
    def most_accurate(self) -> str:
        """Name of the ensemble unless it is clearly behind the recommended single model in cross-validation.

        The best of many trials is flattered by having been chosen, while the ensemble's rows are weighed by what other
        folds say: a single model that leads by little does not lead.
        """
        auc = {row.candidate: row.auc for row in self.finalists}
        return ENSEMBLE if auc.get(ENSEMBLE, 0.0) > auc[self.recommended] - FLATTERY_OF_THE_BEST else self.recommended

    def to_dict(self) -> dict[str, Any]:
        """Return the result as JSON-ready plain data."""
        return {
            **asdict(replace(self, finalists=(), trials=())),
            "finalists": [finalist.to_dict() for finalist in self.finalists],
            "trials": [trial.to_dict() for trial in self.trials],
        }


@dataclass(frozen=True)
class Story:
    """All that a run can tell beside its finalists.

    Attributes
    ----------
    early : what was kept and dropped of a search that was ended on request. doubts : see ``leakage.doubted``.
    """

    spec: ExperimentSpec
    data: TrainingData
    run: Run
    log: TrialLog
    early: dict[str, Any] | None
    doubts: dict[str, Any] | None

    def of(self, finalists: list[Finalist]) -> ExperimentResult:
        """Return what the run has found with these finalists."""
        return ExperimentResult(
            finalists=tuple(finalists),
            recommended=next(row.candidate for row in finalists if row.is_recommended),
            split=self.data.split.to_dict(),
            trials=tuple(self.log.records),
            data=self._facts(),
            out_of_time_readings=self.data.held_out.openings,
            seconds=self.run.clock.elapsed,
            outlook=_outlook(self.run.listener),
            ended_early=self.early,
        )

    def told_beside(self, result: ExperimentResult) -> ExperimentResult:
        """Write leaderboard and trials beside every saved model: where it comes from, and how to make it again.

        With it the folders are complete, so the result that is returned has their seals.
        """
        replayable = story_of(self.spec, result.trials, self.run.decisions.made)
        counted = sum(trial.is_counted for trial in result.trials)
        story = {**result.to_dict(), **replayable, "trial_count": counted, "machine": machine()}
        story["finalists"] = [{**row, "model_dir": None} for row in story["finalists"]]
        text = json.dumps(plain(story), ensure_ascii=False, indent=1)
        return replace(result, finalists=tuple(_sealed(row, text) for row in result.finalists))

    def _facts(self) -> dict[str, Any]:
        data = self.data
        return {
            "rows": len(data.y),
            "labelled": len(data.labelled),
            "events": int(np.nansum(data.y)),
            "event": data.event,
            "event_rate": float(np.nanmean(data.y)),
            "features": data.table.shape[1],
            "doubts": self.doubts,
        }


def _sealed(row: Finalist, story: str) -> Finalist:
    if not row.model_dir:
        return row
    return replace(row, model_seal=attach(row.model_dir, {STORY: story})["seal"])


def _outlook(listener: Listener) -> dict[str, Any] | None:
    found = listener.outlook
    if found is None:
        return None
    return {
        "necessary": found.necessary_seconds,
        "sufficient": found.sufficient_seconds,
        "message": found.message,
        "params": found.params,
    }
