"""The story of a run: prepare, search, score the finalists alike, choose, explain, keep."""

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from experiments.errors import gettext_noop
from experiments.keeping import keep_models, keep_one, may_be_taken
from experiments.leakage.doubted import carried_by_doubted
from experiments.learners.two_stage import NAME as TWO_STAGE
from experiments.paths import AnyPath
from experiments.processes.fork_server import ForkServer
from experiments.progress import OnProgress, ignore
from experiments.result import ExperimentResult, Story
from experiments.search.candidate import Candidate
from experiments.search.conductor import Search
from experiments.search.constraint_check import with_price
from experiments.search.derived_columns import takes_time
from experiments.search.ending import ended_early
from experiments.search.finalist import Finalist
from experiments.search.leaderboard import rank
from experiments.search.listener import Listener
from experiments.search.measuring import measure
from experiments.search.members import fit_members
from experiments.search.pages import let_go_of_heap
from experiments.search.preparing import read_question, with_columns, without_columns
from experiments.search.refits import Refits
from experiments.search.replay import Replay
from experiments.search.run import Run
from experiments.search.shortlist import shortlist
from experiments.search.time_policy import SECONDS_TO_A_MODEL, seconds_after_search
from experiments.search.training_data import SEARCH_ROWS, TrainingData, rows_to_search
from experiments.search.trial import TrialLog
from experiments.search.two_stage import (
    TwoStageCandidate,
    compare,
    direct_spec,
    make_two_stage,
    seconds_for_stages,
)
from experiments.search.workers import Workers
from experiments.spec import ExperimentSpec

__all__ = ["run_experiment"]

FEATURES, MODELS = "features.json", "models"
WITHOUT_DERIVED = "without derived columns"
RECOMMENDED = gettext_noop("%(candidate)s is recommended: AUC %(auc)s in cross-validation.")
ONE_READING = gettext_noop("The held-out rows were used once, for %(count)s finalists.")
MORE_READINGS = gettext_noop(
    "The held-out rows were used for %(count)s finalists. So far they have been used %(readings)s times; the more "
    "often, the less they prove."
)


def run_experiment(
    spec: ExperimentSpec,
    table: pd.DataFrame | AnyPath,
    *,
    work_dir: AnyPath,
    on_progress: OnProgress = ignore,
    used: float = 0.0,
    fork_server: ForkServer | None = None,
    replay: Replay | None = None,
) -> ExperimentResult:
    """Search, choose and keep a model for one question on one table.

    Parameters
    ----------
    table : a frame, or the path of a Parquet file made by ``ingest_file``.
    work_dir : holds trials as they end and, at the end, ``models/<candidate>``; a run of the same spec continues there.
    on_progress : told what happens about twice a second; may raise ``Cancelled`` or ``FinishNow``.
    used : seconds of the budget spent before the call.
    fork_server : where the processes of fits come from, if it was started earlier; it is closed at the end.
    replay : an earlier run to repeat to the last bit: its trials are made again and its clock's decisions kept.

    Returns
    -------
    ExperimentResult
        Its finalists' models are in ``work_dir/models``.

    Raises
    ------
    BadInput : the table cannot answer the question; the sentence says why.

    Examples
    --------
    >>> from experiments.errors import BadInput
    >>> from experiments.spec import SearchBudget
    >>> import tempfile
    >>> spec = ExperimentSpec("bad", "1", budget=SearchBudget(None, 1))
    >>> few = pd.DataFrame({"age": [30, 40], "bad": [0, 1]})
    >>> try:
    ...     run_experiment(spec, few, work_dir=tempfile.mkdtemp())
    ... except BadInput as error:
    ...     print(error)
    Only 1 row is with the event in bad; at least 10 are needed. Add more rows, or choose another target.
    """
    table = table if isinstance(table, pd.DataFrame) else Path(table)
    work_dir = Path(work_dir)
    began = monotonic() - used
    # First of all, so that the processes load their libraries while this one reads the table.
    with Workers(work_dir / "fits", fork_server) as workers, threadpool_limits(1):
        replayed = replay.decisions if replay else None
        run = Run.begun(spec.budget, on_progress, used=monotonic() - began, replayed=replayed, workers=workers)
        return _Experiment(spec, run, work_dir, replay).tell(table)


@dataclass
class _Experiment:
    """One question on its way from a table to models that are kept."""

    spec: ExperimentSpec
    run: Run
    work_dir: Path
    replay: Replay | None

    def tell(self, table: pd.DataFrame | Path) -> ExperimentResult:
        """Go the whole way."""
        data, doubts, log = self._begin(table)
        search = self._search_all(data, log)
        two_stage = self._search_stages(search)
        is_ended_early = self._settle_the_end()
        candidates = self._candidates(search, two_stage)
        early = self._tell_what_was_dropped(search, candidates) if is_ended_early else None
        story = Story(self.spec, search.data, self.run, log, early, doubts)
        first = _First(candidates, search.data, self.run, self.spec, story, self.work_dir / MODELS)
        finalists = self._finalists(candidates, search.data, first)
        return self._kept(finalists, candidates, search.data, first)

    def _begin(self, table: pd.DataFrame | Path) -> tuple[TrainingData, dict[str, Any] | None, TrialLog]:
        """Read the question; return its table, what is in doubt of it, and the trials there are already."""
        self.run.listener.begin("prepare")
        data = read_question(self.spec, table, listener=self.run.listener)
        # Before columns are derived: what is made of a column in doubt is in doubt as well.
        doubts = carried_by_doubted(data.table, data.y, self.spec.doubted, data.split.train)
        if doubts is not None:
            self.run.listener.say(doubts["message"], **doubts["params"])
        let_go_of_heap()
        if self.replay is not None:
            shutil.rmtree(self.work_dir / "trials", ignore_errors=True)
        log = open_log(self.spec, data, self.work_dir)
        self.run.clock.set_used(log.elapsed)
        self.run.time.set_apart_the_end(len(data.labelled))
        data.search_rows = self.run.decisions.decide("search rows", lambda: _rows_to_search(data, self.run, log))
        return data, doubts, log

    def _search_all(self, data: TrainingData, log: TrialLog) -> Search:
        """Search the families, with the columns that can be derived where that pays."""
        features = self.work_dir / FEATURES
        search = self._search(data, log)
        if takes_time(self.spec, data.table, data.y, self.run, features):
            search.look_first()
        if not self.run.decisions.recall(WITHOUT_DERIVED):
            grown = with_columns(data, self.spec, run=self.run, kept=features)
            search = search if grown is data else self._search(grown, log)
        if self.replay is None:
            search.conduct()
        else:
            search.repeat([trial for trial in self.replay.trials if not trial.stage])
        is_first = self.replay is None  # What was repeated before this was asked had never gone back.
        is_without = self.run.decisions.decide(
            WITHOUT_DERIVED, lambda: is_first and search.has_more_without_derived()
        )  # fmt: skip
        if is_without and search.data.generator.names_:
            search.go_back(without_columns(search.data))
        return search

    def _search(self, data: TrainingData, log: TrialLog) -> Search:
        reserve = seconds_after_search(self.run.time, len(data.y) * data.table.shape[1])
        reserve += seconds_for_stages(data, self.run)
        asked = self.spec.budget.trials
        return Search(direct_spec(self.spec, data), data, self.run, log, reserve=reserve, asked=asked)

    def _search_stages(self, search: Search) -> TwoStageCandidate | None:
        repeated = self.replay.trials if self.replay else None
        folder = search.log.folder / TWO_STAGE
        return make_two_stage(self.spec, search.data, self.run, folder, on_trial=search.take_in, repeated=repeated)

    def _settle_the_end(self) -> bool:
        """Hear whether somebody asked to finish during the search; if so, nothing of it goes on."""
        self.run.time.settle_wish_to_finish("shortlist")
        if self.run.time.is_hurried:
            self.run.clock.expect(SECONDS_TO_A_MODEL * self.run.clock.slowness)
            self.run.workers.let_go()
        return self.run.time.is_hurried

    def _candidates(self, search: Search, two_stage: TwoStageCandidate | None) -> list[Candidate]:
        """Score the best of each family on all folds, and fit them on the training rows."""
        self.run.listener.begin("full_folds")
        candidates = shortlist(search.data, self.run, search.log, search.fold_models, self.spec)
        self.run.time.settle_wish_to_finish("members")
        candidates = fit_members(candidates, search.data, self.run, self.spec.seed)
        return [*candidates, two_stage] if two_stage else candidates

    def _tell_what_was_dropped(self, search: Search, candidates: list[Candidate]) -> dict[str, Any]:
        names = [candidate.name for candidate in candidates]
        early: dict[str, Any] = ended_early(
            search.log, names, is_sampled=search.data.is_sampled, has_ensemble=self.spec.ensemble
        )
        self.run.listener.say(early["message"], **early["params"])
        for entry in early["dropped"]:
            self.run.listener.skip(entry["learner"], entry["message"], **entry["params"])
        return early

    def _finalists(self, candidates: list[Candidate], data: TrainingData, first: "_First") -> list[Finalist]:
        """Measure the candidates, rank them, and choose one."""
        measured = measure(candidates, data, self.run, self.spec, on_standing=first.stand)
        ranked = rank(measured, self.spec, taken=first.taken)
        finalists = with_price(ranked, candidates, data, self.run, self.spec)
        _tell_readings(len(finalists), data, self.run.listener)
        compare(finalists, self.run.listener)
        return finalists

    def _kept(
        self, finalists: list[Finalist], candidates: list[Candidate], data: TrainingData, first: "_First"
    ) -> ExperimentResult:
        """Save the finalists as models, and say which one is recommended."""
        self.run.listener.begin("explain")
        self.run.time.settle_wish_to_finish("refits")
        kept = keep_models(
            finalists, candidates, data, self.run, self.spec, self.work_dir / MODELS, first=first.kept,
            on_kept=first.tell_of_saved,
        )  # fmt: skip
        result = first.story.of(kept)
        recommended = next(row for row in kept if row.is_recommended)
        self.run.listener.say(RECOMMENDED, candidate=recommended.candidate, auc=f"{recommended.auc:.4f}")
        return first.story.told_beside(result)


@dataclass
class _First:
    """What somebody who asked to finish gets at once: a leaderboard, then its recommended model; the rest follows.

    Attributes
    ----------
    taken : the candidate recommended then, which stays so. kept : its row, once its model was saved.
    """

    candidates: list[Candidate]
    data: TrainingData
    run: Run
    spec: ExperimentSpec
    story: Story
    folder: Path
    taken: str = ""
    kept: Finalist | None = None

    def stand(self, measured: list[Finalist]) -> None:
        """Tell of a leaderboard as soon as it stands, and save what it recommends before more is measured."""
        ranked = rank(measured, self.spec)
        row = next(row for row in ranked if row.is_recommended)
        self.taken = row.candidate
        self.run.listener.stands(self.story.of(ranked))
        by_name = {candidate.name: candidate for candidate in self.candidates}
        none = Refits(self.data, self.run, self.spec.seed)
        self.kept = keep_one(row, by_name[row.candidate], none, self.data, self.run, self.spec, self.folder)
        self.tell_of_saved([self.kept if one is row else one for one in ranked])

    def tell_of_saved(self, rows: list[Finalist]) -> None:
        """Tell once more of a result of which another model was saved."""
        if not self.run.time.is_hurried:
            return
        found = self.story.of(rows)
        # What may be taken at once is complete; the others get their story at the end, when it is all told.
        is_for_taking = all(may_be_taken(row) for row in rows if row.model_dir is not None)
        self.run.listener.stands(self.story.told_beside(found) if is_for_taking else found)


def open_log(spec: ExperimentSpec, data: TrainingData, work_dir: Path) -> TrialLog:
    """Return the trials of an interrupted run of the same question on the same rows, or an empty log."""
    work_dir.mkdir(parents=True, exist_ok=True)
    plain = spec.to_dict() | {"budget": None}
    # How a question is written down does not change it: a run goes on from trials of an earlier schema.
    del plain["schema_version"]
    question = json.dumps(plain, sort_keys=True, ensure_ascii=False)
    rows = f"{data.table.shape} {float(np.nansum(data.y))} {list(data.table.columns)}"
    fingerprint = hashlib.sha256(f"{question}{rows}".encode()).hexdigest()
    mark = work_dir / "question.sha256"
    if mark.exists() and mark.read_text(encoding="utf-8") != fingerprint:
        shutil.rmtree(work_dir / "trials", ignore_errors=True)
    mark.write_text(fingerprint, encoding="utf-8")
    data.held_out.keep_in(work_dir)
    return TrialLog(work_dir / "trials")


def _rows_to_search(data: TrainingData, run: Run, log: TrialLog) -> int:
    """Return how many rows a fit of the search sees; a run that goes on keeps to it, for its trials to compare."""
    kept = log.folder / "search_rows"
    if kept.exists():
        return int(kept.read_text(encoding="utf-8"))
    columns, folds = data.matrix.shape[1], len(data.split.search_folds)
    rows = rows_to_search(run.clock.seconds, run.workers.threads, columns, folds) if run.clock.is_timed else SEARCH_ROWS
    kept.write_text(str(rows), encoding="utf-8")
    return rows


def _tell_readings(finalists: int, data: TrainingData, listener: Listener) -> None:
    """Say how often the held-out rows were read."""
    readings = data.held_out.openings
    if readings > 1:
        listener.say(MORE_READINGS, count=finalists, readings=readings, held_out_kind=data.split.held_out_kind)
    else:
        listener.say(ONE_READING, count=finalists, held_out_kind=data.split.held_out_kind)
