"""The step of a run in which a table gains columns: within a share of the budget, and the same when it is repeated."""

import hashlib
import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.data.splitting.split import Split
from experiments.errors import gettext_noop
from experiments.features.encoding import infer_type
from experiments.generation.choice import MOST_ROWS, folds_within
from experiments.generation.generator import FeatureGenerator
from experiments.search.run import Run
from experiments.search.time_policy import OutOfTime, seconds_to_derive
from experiments.search.training_data import sample_rows
from experiments.spec import ExperimentSpec

# Measured: seconds for each cell of the original columns and of as many candidates as stay in view.
SECONDS_PER_CELL = {"standard": 6e-6, "deep": 2e-5}
CANDIDATES_IN_VIEW = {"standard": 24, "deep": 120}
FEWEST_ROWS = 1_000
# Of a longer table a sample says the same of levels and gaps, and takes no second table's memory.
MOST_ROWS_TO_LEARN_FROM = 200_000

GENERATED = gettext_noop("%(count)s derived columns were added because they help: %(columns)s.")
NONE_HELPS = gettext_noop("No derived column helps this model, so none was added.")
NO_TIME = gettext_noop("There was not enough time to derive columns, so none was added.")

ENDED = gettext_noop("The search was ended while columns were being derived, so none was added.")


def generate(
    spec: ExperimentSpec,
    frame: pd.DataFrame,
    types: Mapping[str, str],
    y: np.ndarray,
    split: Split,
    weight: np.ndarray | None,
    *,
    run: Run | None = None,
    kept: Path | None = None,
) -> FeatureGenerator:
    """Return the generator of the columns that help, learnt from training rows alone.

    Parameters
    ----------
    frame : the columns to learn from, all rows. types : ``{column: type}``; the others are inferred.
    run : its clock limits the effort; without it, and when trials are counted, nothing depends on the clock.
    kept : file that remembers the choice, for a run that is interrupted and goes on.
    """
    question = _question(spec, frame, y)

    def choose() -> dict[str, Any]:
        known = _remembered(kept, question)
        return known if known is not None else _choose(spec, frame, types, y, split, weight, run)

    plain = choose() if run is None else run.decisions.decide("features", choose)
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps({"question": question, **plain}, ensure_ascii=False), encoding="utf-8")
    generator = FeatureGenerator.from_dict(plain)
    if run is not None and spec.feature_effort != "off":
        _tell(generator, run)
    return generator


def takes_time(spec: ExperimentSpec, frame: pd.DataFrame, y: np.ndarray, run: Run, kept: Path | None) -> bool:
    """Tell whether ``generate`` will be at work for seconds, so that a first model had better not wait for it."""
    is_known = _remembered(kept, _question(spec, frame, y)) is not None
    if not run.clock.is_timed or spec.feature_effort == "off" or is_known:
        return False
    return seconds_to_derive(run.clock, spec.feature_effort, frame.size) is not None


def _rows_within(seconds: float, columns: int, effort: str) -> int:
    """Return how many rows can be judged in so many seconds."""
    per_row = SECONDS_PER_CELL[effort] * (columns + CANDIDATES_IN_VIEW[effort])
    return int(np.clip(seconds / per_row, FEWEST_ROWS, MOST_ROWS[effort]))


def _choose(
    spec: ExperimentSpec,
    frame: pd.DataFrame,
    types: Mapping[str, str],
    y: np.ndarray,
    split: Split,
    weight: np.ndarray | None,
    run: Run | None,
) -> dict[str, Any]:
    effort, rows = spec.feature_effort, sample_rows(split.train, MOST_ROWS_TO_LEARN_FROM)
    generator = FeatureGenerator(
        effort, most=_most(spec, frame), special_values=spec.special_values, labels=spec.labels, seed=spec.seed
    )
    if effort == "off":
        return generator.to_dict()
    seconds = None
    if run is not None and run.clock.is_timed:
        seconds = seconds_to_derive(run.clock, effort, frame.size)
        if seconds is None:
            run.listener.say(NO_TIME)
            return generator.to_dict() | {"is_unfinished": True}
    request: dict[str, Any] = {
        "folds": folds_within(split.training_folds, rows, len(y)),
        "weight": None if weight is None else weight[rows],
        "periods": None if split.period_of_row is None else split.period_of_row[rows],
        "most_rows": None if seconds is None else _rows_within(seconds, frame.shape[1], effort),
    }
    sources = _sources(spec, frame, types)
    if run is None:
        return generator.fit(frame.iloc[rows], sources, y=y[rows], **request).to_dict()
    try:
        # The rows were chosen for the share; on a slow day twice of it is the end.
        with run.time.until(None if seconds is None else run.clock.elapsed + 2 * seconds):
            pulse = partial(_pulse_until_finish, run)
            return generator.fit(frame.iloc[rows], sources, y=y[rows], pulse=pulse, **request).to_dict()
    except OutOfTime:
        run.listener.say(ENDED if run.listener.is_asked_to_finish else NO_TIME)
        return generator.to_dict() | {"is_unfinished": True}


def _pulse_until_finish(run: Run) -> None:
    """Give the run its pulse, and stop when somebody wants what there is now."""
    run.time.pulse()
    if run.listener.is_asked_to_finish:
        raise OutOfTime


def _sources(spec: ExperimentSpec, frame: pd.DataFrame, types: Mapping[str, str]) -> dict[str, str]:
    # A column with a direction must act through itself alone, or its direction could not be kept; and what a protected
    # one does must stay in sight.
    bound = {name for name, direction in spec.monotone.items() if direction} | set(spec.protected)
    return {name: types.get(name) or infer_type(frame[name]) for name in frame.columns if name not in bound}


def _most(spec: ExperimentSpec, frame: pd.DataFrame) -> int | None:
    return None if spec.limits.features is None else max(0, spec.limits.features - frame.shape[1])


def _question(spec: ExperimentSpec, frame: pd.DataFrame, y: np.ndarray) -> str:
    plain = json.dumps({**spec.to_dict(), "budget": None}, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(f"{plain}{frame.shape}{list(frame.columns)}{float(np.nansum(y))}".encode()).hexdigest()


def _remembered(kept: Path | None, question: str) -> dict[str, Any] | None:
    if kept is None or not kept.exists():
        return None
    try:
        plain = json.loads(kept.read_text(encoding="utf-8"))
    except ValueError:
        return None
    return plain if plain.pop("question", None) == question else None


def _tell(generator: FeatureGenerator, run: Run) -> None:
    if generator.names_:
        run.listener.say(GENERATED, count=len(generator.names_), columns="; ".join(generator.names_))
    elif any(entry["code"] == "too_few" for entry in generator.dropped_):
        run.listener.say(generator.dropped_[0]["message"], **generator.dropped_[0]["params"])
    elif generator.dropped_:
        run.listener.say(NONE_HELPS)
