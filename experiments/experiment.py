"""The story of a run: prepare, search, score the finalists alike, choose, explain, keep."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from experiments.artifact.manifest import attach
from experiments.data.frame_reading import read_cells
from experiments.data.maturity import note_of_split
from experiments.data.schema import NOT_WRITTEN, read_schema
from experiments.data.splitting.labelled_table import group_codes
from experiments.data.splitting.scheme import split_rows
from experiments.data.splitting.split import Split
from experiments.data.target import read_target, told_event
from experiments.errors import BadInput, gettext_noop
from experiments.evaluation.plain_data import plain
from experiments.evaluation.population import require_rate
from experiments.features.encoding import TableEncoder, infer_type
from experiments.generation import FeatureGenerator
from experiments.ingest.table import read_parquet
from experiments.leakage.doubted import carried_by_doubted
from experiments.learners.chain import NAME as CHAIN
from experiments.processes.fork_server import Nursery
from experiments.progress import OnProgress, ignore
from experiments.report.evidence import write_evidence
from experiments.search.budget import Run
from experiments.search.candidate import Candidate
from experiments.search.conductor import Search
from experiments.search.constraint_check import check_shipped, require_directions, with_price
from experiments.search.derived_columns import generate, takes_time
from experiments.search.ending import ended_early
from experiments.search.ensemble import NAME as ENSEMBLE
from experiments.search.finalist import Finalist
from experiments.search.finalists import (
    ALWAYS_SHOWN,
    SECONDS_TO_A_MODEL,
    TRAINED_ON_ALL,
    TRAINED_ON_TRAINING,
    fit_members,
    measure,
    shortlist,
    to_artifact,
)
from experiments.search.leaderboard import rank
from experiments.search.pages import let_go_of_heap
from experiments.search.refits import Refits
from experiments.search.replay import STORY, Replay, story_of
from experiments.search.training_data import SEARCH_ROWS, TrainingData, rows_to_search
from experiments.search.trial import TrialLog, TrialRecord
from experiments.search.two_stage import (
    ChainCandidate,
    compare,
    direct_spec,
    make_chain,
    read_responses,
    seconds_of_chain,
)
from experiments.search.workers import Workers
from experiments.spec import ExperimentSpec

NO_FEATURES = gettext_noop("No column is left to build the model from: every one has another role or was taken out.")
BAD_WEIGHT = gettext_noop("The weight column %(column)s must hold numbers above zero in every row.")
NOT_KEPT = gettext_noop("There was no time left to save this finalist.")
FEATURES, MODELS = "features.json", "models"
NO_MADE = "without made columns"
ROWS_TO_SEE_VALUES = 1_000
# Measured: the curves and tables of a finalist are made of all its rows.
SECONDS_A_ROW_TO_SAVE = 5e-6
SHARE_TO_EXPLAIN = 0.04
FLATTERY_OF_THE_BEST = 0.005
# Of the whole work, as it is shown.
SHARE_OF_SAVING = 0.15
RECOMMENDED = gettext_noop("%(candidate)s is recommended: AUC %(auc)s in cross-validation.")
ONE_PEEK = gettext_noop("The held-out rows were used once, for %(count)s finalists.")
MORE_PEEKS = gettext_noop(
    "The held-out rows were used for %(count)s finalists. So far they have been used %(peeks)s times; the more "
    "often, the less they prove."
)


@dataclass(frozen=True)
class ExperimentResult:
    """What a run found.

    Attributes
    ----------
    finalists : the leaderboard, best first.
    recommended : candidate to take; its folder is ``models/<candidate>`` below the work folder.
    out_of_time_peeks : how often the held-out rows were read, once per shortlist; a run that goes on adds to it.
    ended_early : of a search that was ended on request, what was kept and dropped; see ``experiments.search.ending``.
    outlook : ``{"necessary", "sufficient", "message", "params"}``, whether more time would have been worth it.
    """

    finalists: tuple[Finalist, ...]
    recommended: str
    split: dict[str, Any]
    trials: tuple[TrialRecord, ...]
    data: dict[str, Any]
    out_of_time_peeks: int
    seconds: float
    outlook: dict[str, Any] | None = None
    ended_early: dict[str, Any] | None = None

    @property
    def most_accurate(self) -> str:
        """Name of the ensemble unless it is clearly behind the recommended single model in cross-validation.

        The best of many trials is flattered by having been chosen; the ensemble's rows are weighed by what other folds
        say. So a small lead of the single model is none.
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


Story = Callable[[list[Finalist]], ExperimentResult]


def run_experiment(
    spec: ExperimentSpec,
    table: pd.DataFrame | str | os.PathLike[str],
    *,
    work_dir: str | os.PathLike[str],
    on_progress: OnProgress = ignore,
    used: float = 0.0,
    nursery: Nursery | None = None,
    replay: Replay | None = None,
) -> ExperimentResult:
    """Search, choose and keep a model for one question on one table.

    Parameters
    ----------
    table : a frame, or the path of a Parquet file made by ``ingest_file``.
    work_dir : holds trials as they end and, at the end, ``models/<candidate>``; a run of the same spec continues there.
    on_progress : told what happens about twice a second; may raise ``Cancelled`` or ``FinishNow``.
    used : seconds of the budget spent before the call.
    nursery : where the processes of fits come from, if it was started earlier; it is closed at the end.
    replay : an earlier run to repeat to the last bit: its trials are made again and its clock's decisions kept.

    Raises
    ------
    BadInput : the table cannot answer the question; the sentence says why.
    """
    table = table if isinstance(table, pd.DataFrame) else Path(table)
    work_dir = Path(work_dir)
    run = Run(spec.budget, on_progress, used=used, replayed=replay.decisions if replay else None)
    # First of all, so that the processes load their libraries while this one reads the table.
    with Workers(work_dir / "fits", nursery) as run.workers, threadpool_limits(1):
        return _run(spec, table, work_dir, run, replay)


def _run(
    spec: ExperimentSpec, table: pd.DataFrame | Path, work_dir: Path, run: Run, replay: Replay | None
) -> ExperimentResult:
    run.begin("prepare")
    data = read_question(spec, table, run=run)
    # Before columns are derived: what is made of a column in doubt is in doubt as well.
    doubts = carried_by_doubted(data.table, data.y, spec.doubted, data.split.train)
    if doubts is not None:
        run.say(doubts["message"], **doubts["params"])
    let_go_of_heap()
    if replay is not None:
        shutil.rmtree(work_dir / "trials", ignore_errors=True)
    log = open_log(spec, data, work_dir)
    run.set_used(log.elapsed)
    _set_apart_the_end(run, data)
    data.search_rows = run.decide("search rows", lambda: _rows_to_search(data, run, log))
    search = _search(spec, data, run, log)
    if takes_time(spec, data.table, data.y, run, work_dir / FEATURES):
        search.look_first()
    if not run.recall(NO_MADE):
        grown = with_columns(data, spec, run=run, kept=work_dir / FEATURES)
        if grown is not data:
            data, search = grown, _search(spec, grown, run, log)
    if replay is None:
        search.conduct()
    else:
        search.repeat([trial for trial in replay.trials if not trial.link])
    is_first = replay is None  # What was repeated before this was asked had never gone back.
    if run.decide(NO_MADE, lambda: is_first and search.has_more_without_made()) and data.generator.names_:
        data = without_columns(data)
        search.go_back(data)
    chain = make_chain(
        spec, data, run, log.folder / CHAIN, on_trial=search.take_in, repeated=replay.trials if replay else None
    )
    run.settle_haste("shortlist")
    is_ended_early = run.is_hurried
    if is_ended_early:
        run.expect(SECONDS_TO_A_MODEL * run.slowness)
        if run.workers is not None:
            run.workers.let_go()

    run.begin("full_folds")
    candidates = shortlist(data, run, log, search.fold_models, spec)
    run.settle_haste("members")
    candidates = fit_members(candidates, data, run, spec.seed) + ([chain] if chain else [])
    early = _early(spec, data, run, log, candidates) if is_ended_early else None
    story = partial(_found, data, run, log, early, doubts)
    first = _First(candidates, data, run, spec, story, work_dir / MODELS)
    ranked = rank(measure(candidates, data, run, spec, on_standing=first.stand), spec, taken=first.taken)
    finalists = with_price(ranked, candidates, data, run, spec)
    _tell_peeks(len(finalists), data, run)
    compare(finalists, run)

    run.begin("explain")
    run.settle_haste("refits")
    kept = keep_models(
        finalists, candidates, data, run, spec, work_dir / MODELS, first=first.kept, on_kept=first.tell_of_saved
    )
    return _result(kept, story, run, log, spec)


def _early(
    spec: ExperimentSpec, data: TrainingData, run: Run, log: TrialLog, candidates: list[Candidate]
) -> dict[str, Any]:
    names = [candidate.name for candidate in candidates]
    early: dict[str, Any] = ended_early(log, run, names, is_sampled=data.is_sampled, has_ensemble=spec.ensemble)
    run.say(early["message"], **early["params"])
    for entry in early["dropped"]:
        run.skip(entry["learner"], entry["message"], **entry["params"])
    return early


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
        self.run.stands(self.story(ranked))
        by_name = {candidate.name: candidate for candidate in self.candidates}
        none = Refits(self.data, self.run, self.spec.seed)
        self.kept = _kept(row, by_name[row.candidate], none, self.data, self.run, self.spec, self.folder)
        self.tell_of_saved([self.kept if one is row else one for one in ranked])

    def tell_of_saved(self, rows: list[Finalist]) -> None:
        """Tell once more of a result of which another model was saved."""
        if not self.run.is_hurried:
            return
        found = self.story(rows)
        # What may be taken at once is complete; the others get their story at the end, when it is all told.
        is_for_taking = all(_may_be_taken(row) for row in rows if row.model_dir is not None)
        plain = story_of(self.spec, found.trials, self.run.decisions)
        self.run.stands(_with_story(found, plain) if is_for_taking else found)


def _saved_first(finalist: Finalist, first: Finalist) -> Finalist:
    """Return a finalist with the model that was saved of it as soon as it was recommended."""
    known = ("trained_on", "members", "limits")
    evidence = {**finalist.evidence, **{name: first.evidence[name] for name in known}}
    if evidence.get("constraints"):
        evidence["constraints"] = {**evidence["constraints"], **first.evidence["constraints"]}
    return replace(finalist, model_dir=first.model_dir, model_hash=first.model_hash, evidence=evidence)


def prepare(
    spec: ExperimentSpec, table: pd.DataFrame | Path, *, run: Run | None = None, kept: Path | None = None
) -> TrainingData:
    """Read the target, split the rows, add columns that help, and encode those there are to learn from.

    Parameters
    ----------
    run : its clock limits the effort spent on columns. kept : file that remembers which were chosen.
    """
    return with_columns(read_question(spec, table), spec, run=run, kept=kept)


def read_question(spec: ExperimentSpec, table: pd.DataFrame | Path, *, run: Run | None = None) -> TrainingData:
    """Read the target, split the rows, and encode the columns as they came; ``run`` is told which event was taken."""
    frame = read_parquet(table) if isinstance(table, Path) else table.reset_index(drop=True)
    schema = {column.name: column for column in read_schema(table)} if isinstance(table, Path) else {}
    spec.refuse_faults(list(frame.columns))
    require_rate(spec.population_rate)
    frame = frame if isinstance(table, Path) else _with_words_read(frame)
    y, event = read_target(frame[spec.target], spec.event or None)
    if run is not None:
        _tell_event(run, frame[spec.target], spec.event or None)
    features = _feature_columns(spec, frame)
    split = split_rows(frame, y, spec)
    _note_immature(split, frame, y, spec, run)
    known = {name: schema[name].type if name in schema else infer_type(frame[name]) for name in features}
    encoder = TableEncoder().fit(frame, known, rows=split.train)
    require_directions(spec, frame, {column.name: column.type for column in encoder.columns_})
    features_alone = frame[features]
    matrix, _ = encoder.transform(features_alone)
    return TrainingData(
        table=features_alone, encoder=encoder, matrix=matrix, y=y, weight=weights_of(spec, frame),
        groups=groups_of(spec, frame), split=split, monotone=dict(spec.monotone), event=event,
        special_values=dict(spec.special_values), responded=read_responses(spec, frame, y), types=known,
        derived_on_card=spec.derived_on_card,
        readings={name: schema[name].reading for name in features if name in schema},
    )  # fmt: skip


def _note_immature(split: Split, frame: pd.DataFrame, y: np.ndarray, spec: ExperimentSpec, run: Run | None) -> None:
    """Say where the newest months look as if their outcome were not yet known, now and wherever the split is told."""
    note = note_of_split(frame, y, spec)
    if note is None:
        return
    split.notes.append(note)
    if run is not None:
        run.say(note["message"], **note["params"])


def with_columns(
    data: TrainingData, spec: ExperimentSpec, *, run: Run | None = None, kept: Path | None = None
) -> TrainingData:
    """Return the table with the columns that help behind its own, or the very same where none does."""
    generator = generate(spec, data.table, data.types, data.y, data.split, data.weight, run=run, kept=kept)
    data.generator = generator
    if not generator.names_:
        return data
    grown = generator.extend(data.table)
    encoder = TableEncoder().fit(grown, data.types | dict.fromkeys(generator.names_, "numeric"), rows=data.split.train)
    matrix, _ = encoder.transform(grown)
    found = replace(data, table=grown, encoder=encoder, matrix=matrix)
    found.held_out = data.held_out  # The same rows behind the same door, with its count of openings.
    return found


def without_columns(data: TrainingData) -> TrainingData:
    """Return the table as it was before columns were made."""
    made = set(data.generator.names_)
    encoder = data.encoder.without(made)
    own = [name for name in data.table.columns if name not in made]
    plain = replace(
        data,
        table=data.table[own],
        encoder=encoder,
        matrix=data.matrix[encoder.ids_],
        generator=FeatureGenerator("off"),
    )
    plain.held_out = data.held_out
    return plain


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


def _search(spec: ExperimentSpec, data: TrainingData, run: Run, log: TrialLog) -> Search:
    reserve = _reserve(run, data) + seconds_of_chain(data, run)
    return Search(direct_spec(spec, data), data, run, log, reserve=reserve, asked=spec.budget.trials)


def _tell_event(run: Run, target: pd.Series, asked: str | None) -> None:
    for said in told_event(target, asked):
        run.say(said["message"], **said["params"])


def _tell_peeks(finalists: int, data: TrainingData, run: Run) -> None:
    peeks = data.held_out.openings
    if peeks > 1:
        run.say(MORE_PEEKS, count=finalists, peeks=peeks, held_out_kind=data.split.held_out_kind)
    else:
        run.say(ONE_PEEK, count=finalists, held_out_kind=data.split.held_out_kind)


def keep_models(
    finalists: list[Finalist],
    candidates: list[Candidate],
    data: TrainingData,
    run: Run,
    spec: ExperimentSpec,
    folder: Path,
    *,
    first: Finalist | None = None,
    on_kept: Callable[[list[Finalist]], None] = lambda _kept: None,
) -> list[Finalist]:
    """Save every finalist as a model that scores; the recommended one first and, without dates, fitted on all rows.

    Parameters
    ----------
    first : the recommended one, where its model was saved already. on_kept : given all whenever one was saved.
    """
    by_name = {candidate.name: candidate for candidate in candidates}
    refits = _refit(finalists, by_name, data, run, spec)
    kept: dict[str, Finalist] = {}
    longest = 0.0
    for finalist in sorted(finalists, key=_use):
        if (
            kept
            and not _is_always_kept(finalist)
            and run.decide(f"no time to keep {finalist.candidate}", partial(_is_late, run, longest))
        ):
            run.skip(finalist.candidate, NOT_KEPT)
            kept[finalist.candidate] = finalist
            continue
        began, name = run.elapsed, finalist.candidate
        run.hear_of_haste(f"keeping {name}")
        if first is not None and name == first.candidate:
            kept[name] = _saved_first(finalist, first)
        else:
            kept[name] = _kept(finalist, by_name[name], refits, data, run, spec, folder)
        longest = max(longest, run.elapsed - began)
        run.expect((len(finalists) - len(kept)) * longest, 1 - SHARE_OF_SAVING * (1 - len(kept) / len(finalists)))
        on_kept([kept.get(row.candidate, row) for row in finalists])
        run.pulse()
    return [kept[finalist.candidate] for finalist in finalists]


def _kept(
    finalist: Finalist,
    candidate: Candidate,
    refits: Refits,
    data: TrainingData,
    run: Run,
    spec: ExperimentSpec,
    folder: Path,
) -> Finalist:
    """Save one finalist with its evidence below ``folder``."""
    members, trained_on = _shipped(candidate, finalist.is_recommended, refits)
    share = SHARE_TO_EXPLAIN if finalist.is_recommended else SHARE_TO_EXPLAIN / 8
    artifact, explained = to_artifact(candidate, members, data, run, spec, trained_on=trained_on, share=share)
    model_hash = artifact.save(folder / finalist.candidate)
    write_evidence(artifact, explained, candidate, data, spec, folder / finalist.candidate)
    kept = replace(
        finalist, model_dir=folder / finalist.candidate, model_hash=model_hash,
        evidence={**finalist.evidence, "trained_on": trained_on, "members": len(members)},
    )  # fmt: skip
    return check_shipped(kept, artifact, data, run) if finalist.is_recommended else kept


def _may_be_taken(finalist: Finalist) -> bool:
    return finalist.is_recommended or finalist.candidate == ENSEMBLE


def _is_always_kept(finalist: Finalist) -> bool:
    # A scorecard and a baseline are saved in no time, and a bank asks for the card.
    return _may_be_taken(finalist) or finalist.candidate in ALWAYS_SHOWN


def _use(finalist: Finalist) -> tuple[bool, bool, bool]:
    """Return what orders the finalists by how badly each is needed as a model."""
    return not finalist.is_recommended, not _may_be_taken(finalist), finalist.candidate not in ALWAYS_SHOWN


def _is_late(run: Run, seconds: float) -> bool:
    return run.is_timed and run.remaining < seconds


def _refit(
    finalists: list[Finalist], candidates: dict[str, Candidate], data: TrainingData, run: Run, spec: ExperimentSpec
) -> Refits:
    """Fit on every labelled row what may be shipped, as far as time goes: what is most likely taken first."""
    refits = Refits(data, run, spec.seed)
    # Out of time, what was measured is what is shipped; split by chance, every row is worth learning from.
    if data.split.ships_what_was_measured or run.is_hurried:
        return refits
    rows = [row for row in finalists if row.candidate != CHAIN]
    first = [candidates[row.candidate] for row in rows if row.is_recommended or row.candidate == ENSEMBLE]
    others = [candidates[row.candidate] for row in rows if candidates[row.candidate] not in first]
    for chain in (candidate for candidate in candidates.values() if isinstance(candidate, ChainCandidate)):
        chain.refit(run, spec.seed, until=run.elapsed + 0.5 * run.spare)
    firsts = [want for candidate in first for want in refits.first(candidate)]
    # In turn, for the one is recommended and the other is the most accurate.
    in_turn = zip_longest(*(refits.more(candidate) for candidate in first))
    wants = firsts + [want for pair in in_turn for want in pair if want]
    if run.is_timed and data.is_sampled:
        refits.seconds_a_fit = run.decide(
            "seconds a fit", lambda: _seconds_a_fit(len({want.key for want in firsts}), run)
        )
    refits.make(wants, until=run.end_of_choice)
    refits.make([want for candidate in others for want in refits.first(candidate)], until=run.end_of_choice)
    return refits


def _seconds_a_fit(fits: int, run: Run) -> float:
    rounds = -(-fits // run.threads)
    return max(1.0, 0.8 * run.spare / (rounds * run.slowness))


def _shipped(candidate: Candidate, is_recommended: bool, refits: Refits) -> tuple[list[Any], str]:
    members = candidate.refitted if isinstance(candidate, ChainCandidate) else refits.members_of(candidate)
    if members:
        return members, TRAINED_ON_ALL
    # The first member alone says nearly what all say, and is quick to explain.
    return candidate.members if is_recommended else candidate.members[:1], TRAINED_ON_TRAINING


def _set_apart_the_end(run: Run, data: TrainingData) -> None:
    """Keep the seconds back that saving the finalists takes, and those that explaining them may take."""
    if run.is_timed:
        run.must_do = min(2.0, 0.1 * run.seconds) + SECONDS_A_ROW_TO_SAVE * len(data.labelled)
        run.kept_back = 0.08 * run.seconds


def _rows_to_search(data: TrainingData, run: Run, log: TrialLog) -> int:
    """Return how many rows a fit of the search sees; a run that goes on keeps to it, for its trials to compare."""
    kept = log.folder / "search_rows"
    if kept.exists():
        return int(kept.read_text(encoding="utf-8"))
    columns, folds = data.matrix.shape[1], len(data.split.search_folds)
    rows = rows_to_search(run.seconds, run.threads, columns, folds) if run.is_timed else SEARCH_ROWS
    kept.write_text(str(rows), encoding="utf-8")
    return rows


def _reserve(run: Run, data: TrainingData) -> float:
    """Return the seconds to keep for everything after the search."""
    if not run.is_timed:
        return 0.0
    return run.must_do + run.kept_back + 0.04 * run.seconds + len(data.y) * data.table.shape[1] / 4_000_000


def _result(finalists: list[Finalist], story: Story, run: Run, log: TrialLog, spec: ExperimentSpec) -> ExperimentResult:
    result = story(finalists)
    recommended = next(row for row in finalists if row.is_recommended)
    run.say(RECOMMENDED, candidate=recommended.candidate, auc=f"{recommended.auc:.4f}")
    return _with_story(result, story_of(spec, log.records, run.decisions))


def _found(
    data: TrainingData,
    run: Run,
    log: TrialLog,
    early: dict[str, Any] | None,
    doubts: dict[str, Any] | None,
    finalists: list[Finalist],
) -> ExperimentResult:
    """Return what the run has found with these finalists."""
    return ExperimentResult(
        finalists=tuple(finalists),
        recommended=next(row.candidate for row in finalists if row.is_recommended),
        split=data.split.to_dict(),
        trials=tuple(log.records),
        data={
            "rows": len(data.y),
            "labelled": len(data.labelled),
            "events": int(np.nansum(data.y)),
            "event": data.event,
            "event_rate": float(np.nanmean(data.y)),
            "features": data.table.shape[1],
            "doubts": doubts,
        },
        out_of_time_peeks=data.held_out.openings,
        seconds=run.elapsed,
        outlook=_outlook(run),
        ended_early=early,
    )


def _outlook(run: Run) -> dict[str, Any] | None:
    found = run.outlook
    if found is None:
        return None
    return {
        "necessary": found.necessary_seconds,
        "sufficient": found.sufficient_seconds,
        "message": found.message,
        "params": found.params,
    }


def _with_story(result: ExperimentResult, replayable: dict[str, Any]) -> ExperimentResult:
    """Write the run's leaderboard and trials beside every model: where it comes from, and how to make it again.

    With it the folders are complete, so the result that is returned has their seals.
    """
    story = {**result.to_dict(), **replayable, "trial_count": sum(trial.is_counted for trial in result.trials)}
    story["finalists"] = [{**row, "model_dir": None} for row in story["finalists"]]
    text = json.dumps(plain(story), ensure_ascii=False, indent=1)
    sealed = [
        replace(row, model_seal=attach(row.model_dir, {STORY: text})["seal"]) if row.model_dir else row
        for row in result.finalists
    ]
    return replace(result, finalists=tuple(sealed))


def _with_words_read(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table that no file was read into, with its words for nothing read as they will be in scoring."""
    read = frame.copy(deep=False)
    for name, dtype in frame.dtypes.items():
        if dtype.kind == "O" or isinstance(dtype, pd.StringDtype):
            read[name] = read_cells(frame[name], "categorical", NOT_WRITTEN)[0]
    return read


def _feature_columns(spec: ExperimentSpec, frame: pd.DataFrame) -> list[str]:
    taken = {*spec.columns_with_a_role, *spec.excluded, *(spec.protected if spec.without_protected else ())}
    features = [name for name in frame.columns if name not in taken and not _is_constant(frame[name])]
    if not features:
        raise BadInput(NO_FEATURES)
    return features


def _is_constant(column: pd.Series) -> bool:
    # Of most columns a few rows show that they are none; counting the values of a long one takes its time.
    few = column.iloc[:ROWS_TO_SEE_VALUES]
    return few.nunique(dropna=False) <= 1 and column.nunique(dropna=False) <= 1


def weights_of(spec: ExperimentSpec, frame: pd.DataFrame) -> np.ndarray | None:
    """Return the weight of each row, one on average; None where all weigh alike."""
    if spec.weight_column is None:
        return None
    weights = pd.to_numeric(frame[spec.weight_column], errors="coerce").to_numpy(dtype=float)
    if not np.all(np.isfinite(weights) & (weights > 0)):
        raise BadInput(BAD_WEIGHT, column=spec.weight_column)
    return weights / weights.mean()


def groups_of(spec: ExperimentSpec, frame: pd.DataFrame) -> np.ndarray | None:
    """Return a number for each row's customer or group; None where none has a second row."""
    name = spec.group_column or spec.id_column
    if name is None or not frame[name].duplicated().any():
        return None
    return group_codes(frame[name])
