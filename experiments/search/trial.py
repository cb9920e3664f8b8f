"""The record of every trial, and the file that preserves it through a crash."""

import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from experiments.errors import gettext_noop
from experiments.learners.base import FittedModel
from experiments.spec import BESIDE_TRIALS

__all__ = ["TrialRecord"]

FOLD_MODELS = "fold_models"
FINISHED, PRUNED, FAILED = "finished", "pruned", "failed"

FEWER_COLUMNS = gettext_noop("It used the original columns only; the derived ones were made later.")
MORE_COLUMNS = gettext_noop("It used derived columns, which were removed again when the search ended.")
# Finished, but on another table than the run's: they do not compete and may be tried again.
OTHER_COLUMNS = (FEWER_COLUMNS, MORE_COLUMNS)


@dataclass(frozen=True)
class TrialRecord:
    """One tried configuration.

    Attributes
    ----------
    number : from 1, in the order of ending.
    backend : who proposed it: "fixed", "first_look", "flaml" or "optuna".
    stage : of a two-stage question, the model it was tried for, "response" or "conversion"; empty for the run's own.
    state : "finished" (all folds), "pruned" (given up after some) or "failed" (``message`` says why).
    auc : mean over the folds it was scored on; ``ks``, ``log_loss``, ``objective`` over its out-of-fold rows.
    frames : of a failed one the lines of our own code it came through; see ``failure.frames_of``.
    seconds : its own duration; ``elapsed`` : seconds of the run when it ended.

    Examples
    --------
    >>> TrialRecord(1, "lightgbm", "flaml", "finished").is_finished
    True
    """

    number: int
    learner: str
    backend: str
    state: str
    params: dict[str, Any] = field(default_factory=dict)
    auc: float | None = None
    ks: float | None = None
    log_loss: float | None = None
    objective: float | None = None
    seconds: float = 0.0
    elapsed: float = 0.0
    peak_mb: float | None = None
    message: str = ""
    fold_aucs: tuple[float, ...] = ()
    iterations: tuple[int, ...] = ()
    stage: str = ""
    frames: str = ""

    @property
    def is_counted(self) -> bool:
        """Tell whether the search proposed it; what every run makes is no trial of the budget."""
        return self.backend not in BESIDE_TRIALS

    @property
    def is_finished(self) -> bool:
        """Tell whether every fold was scored."""
        return self.state == FINISHED

    def to_dict(self) -> dict[str, Any]:
        """Return the record as JSON-ready plain data."""
        return {**asdict(self), "fold_aucs": list(self.fold_aucs), "iterations": list(self.iterations)}

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> "TrialRecord":
        """Build a record from what ``to_dict`` gave."""
        lists = {"fold_aucs": tuple(plain["fold_aucs"]), "iterations": tuple(plain["iterations"])}
        return cls(**{**plain, **lists})


def key_of(learner: str, params: dict[str, Any]) -> str:
    """Return the text by which two trials of the same settings are recognised."""
    return f"{learner} {json.dumps(params, sort_keys=True)}"


class TrialLog:
    """The trials of one run, kept on disk as they end: a JSON line each, margins, and of the best the folds' models.

    Attributes
    ----------
    records : in the order of their ending, those of a two-stage question's stages among them, which answer others.
    begun : families with at least one fit begun, in that order.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "trials.jsonl"
        folder.mkdir(parents=True, exist_ok=True)
        self.records = self._read()
        self.begun: dict[str, None] = {}
        self._by_key = self._keys()

    def find(self, learner: str, params: dict[str, Any]) -> TrialRecord | None:
        """Return the trial of these settings, if there was one."""
        return self._by_key.get(key_of(learner, params))

    def begin(self, learner: str) -> None:
        """Note that a fit of a family is begun."""
        self.begun.setdefault(learner)

    def add(self, record: TrialRecord, margins: np.ndarray | None = None) -> None:
        """Keep a trial; the margins are written first, so that a finished line always has its array."""
        if margins is not None:
            np.save(self.folder / f"margins_{record.number}.npy", margins)
        with self.path.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(record.to_dict()) + "\n")
        self.records.append(record)
        if not record.stage:
            self._by_key[key_of(record.learner, record.params)] = record

    def set_aside(self, records: Iterable[TrialRecord], message: str) -> None:
        """Withdraw finished trials, because the columns they saw are not the run's; their models are kept."""
        self._change({record.number: replace(record, state=PRUNED, message=message) for record in records})

    def bring_back(self, records: Iterable[TrialRecord]) -> None:
        """Reinstate withdrawn trials."""
        self._change({record.number: replace(record, state=FINISHED, message="") for record in records})

    def _change(self, changed: dict[int, TrialRecord]) -> None:
        if not changed:
            return
        self.records[:] = [changed.get(record.number, record) for record in self.records]
        draft = self.path.with_suffix(".draft")
        draft.write_text("".join(json.dumps(record.to_dict()) + "\n" for record in self.records), encoding="utf-8")
        draft.replace(self.path)
        self._by_key = self._keys()

    def _keys(self) -> dict[str, TrialRecord]:
        known = (record for record in self.own if record.message not in OTHER_COLUMNS)
        return {key_of(record.learner, record.params): record for record in known}

    @property
    def own(self) -> list[TrialRecord]:
        """Trials for the run's own question."""
        return [record for record in self.records if not record.stage]

    @property
    def finished(self) -> list[TrialRecord]:
        """Trials for the run's own question with every fold scored."""
        return [record for record in self.own if record.is_finished]

    def margins_of(self, record: TrialRecord) -> np.ndarray:
        """Return the out-of-fold margins, NaN for rows outside the training part."""
        return np.load(self.folder / f"margins_{record.number}.npy")

    def best_of_each_learner(self) -> dict[str, TrialRecord]:
        """Return each learner's best finished trial, the earlier one when two are equal."""
        best: dict[str, TrialRecord] = {}
        for record in self.finished:
            if record.learner not in best or _better(record, best[record.learner]):
                best[record.learner] = record
        return best

    def keep_models(self, number: int, models: Sequence[FittedModel]) -> None:
        """Keep the models of a trial's folds; they appear whole or not at all."""
        partial = self.folder / FOLD_MODELS / f"{number}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        for fold, model in enumerate(models):
            model.save(partial, f"fold_{fold}")
        self.drop_models(number)
        partial.rename(partial.with_name(str(number)))

    def drop_models(self, number: int) -> None:
        """Forget the models of a trial."""
        shutil.rmtree(self.folder / FOLD_MODELS / str(number), ignore_errors=True)

    def models_of(self, record: TrialRecord, kind: type[FittedModel]) -> list[FittedModel]:
        """Return the models of a trial's folds, or nothing where they were not kept or cannot be read."""
        folder = self.folder / FOLD_MODELS / str(record.number)
        if not folder.is_dir():
            return []
        try:
            return [kind.load(folder, f"fold_{fold}") for fold in range(len(record.fold_aucs))]
        except Exception:  # Anything a library raises over a damaged file: such models can be refitted.
            return []

    @property
    def elapsed(self) -> float:
        """Seconds of the budget used when the last trial ended."""
        return max((record.elapsed for record in self.records), default=0.0)

    def _read(self) -> list[TrialRecord]:
        if not self.path.exists():
            return []
        whole = [
            line for line in self.path.read_text(encoding="utf-8").splitlines(keepends=True) if line.endswith("\n")
        ]
        # A line cut off by a crash is dropped, in the file too, so that the next one begins on its own line.
        self.path.write_text("".join(whole), encoding="utf-8")
        return [TrialRecord.from_dict(json.loads(line)) for line in whole]


def _better(one: TrialRecord, other: TrialRecord) -> bool:
    return (one.auc or 0.0) > (other.auc or 0.0)
