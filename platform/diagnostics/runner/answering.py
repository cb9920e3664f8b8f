"""The closer looks themselves: a worker reads the columns that are asked about and the scores a model gave."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from checks import tables as check_tables
from diagnostics.models import Inquiry, Subject
from experiments.artifact.held_out_scores import HeldOutScores, read_held_out, read_validated
from experiments.artifact.model import ModelArtifact
from experiments.errors import BadInput, ExperimentError, gettext_noop
from experiments.evaluation.crossed_segments import crossed_segments
from experiments.evaluation.fairness import fairness_table, proxies_of
from experiments.evaluation.segments import SegmentRow, segment_table
from experiments.ingest.table import read_parquet, rows_at
from experiments.learners import LEARNERS
from experiments.scoring.global_look import SegmentAsked, look_at_model, rows_of_segment
from experiments.scoring.sensitivity import stress_model
from experiments.search.segment_models import gain_of_segment_models
from experiments.search.setting_importance import importance_of_settings
from experiments.search.source_value import value_of_sources
from jobs.context import JobContext
from jobs.models import Job
from results.queries.evidence import folder_of, untouched_folder_of
from training.models import LeaderboardRow
from training.queries.trials import MEASURED
from training.runner.readings import count_reading

READING = gettext_noop("Reading the columns")
WORKING = gettext_noop("Analysing the model")
NO_SCORES = gettext_noop("This run did not keep the scores of its rows. Run the experiment again to get them.")
FITTING = gettext_noop("Fitting models for comparison")
NOTHING_TO_REFIT = gettext_noop("There is no single model on the leaderboard that could be fitted again.")
GONE = gettext_noop("This model is no longer on the leaderboard.")
MOST_ROWS = 100_000


def run(job: Job, context: JobContext) -> None:
    """Take a closer look; called again after a crash, it begins anew."""
    fetched = "experiment__data_check__version"
    inquiry = Inquiry.objects.select_related(fetched).filter(pk=job.subject_id).first()
    if inquiry is None or not inquiry.is_waiting:
        return
    context.progress(percent=5, stage=READING)
    try:
        answer = ANSWERS[inquiry.subject](inquiry, context)
    except ExperimentError as error:
        answer = {"message": error.message, "params": {key: str(value) for key, value in error.params.items()}}
    # Updated, not saved: the experiment may have been deleted meanwhile, and its looks with it.
    Inquiry.objects.filter(pk=inquiry.pk).update(answer=answer)


def _segments(inquiry: Inquiry, context: JobContext) -> dict[str, Any]:
    row, names = _row_of(inquiry), [name for name in (inquiry.asked["column"], inquiry.asked.get("second")) if name]
    scores, frame = _scores_with(inquiry, row, names, sample=inquiry.asked.get("sample", ""))
    context.progress(percent=40, stage=WORKING)
    asked: dict[str, Any] = {"weight": scores.weight, "contact_share": inquiry.experiment.contact_share}
    if len(names) == 1:
        rows = segment_table(scores.outcomes, scores.p, frame=frame, columns=names, **asked)
        answer: dict[str, Any] = {"rows": [each.to_dict() for each in rows]}
        cuts: list[tuple[SegmentRow, ...]] = [(each,) for each in rows]
    else:
        found = crossed_segments(scores.outcomes, scores.p, first=frame[names[0]], second=frame[names[1]], **asked)
        answer = {"crossed": [{"row": each.row.to_dict(), "other": each.other.to_dict()} for each in found]}
        cuts = [(each.row, each.other) for each in found]
    return answer | (_own_models(inquiry, row, cuts, context) if inquiry.asked.get("own_models") else {})


def _own_models(
    inquiry: Inquiry, row: LeaderboardRow, cuts: list[tuple[SegmentRow, ...]], context: JobContext
) -> dict[str, Any]:
    """Return what models of the segments themselves would bring, in the segments' order."""
    refitted = _refitted(inquiry, row)
    _count_reading(inquiry, row)
    gains, whole = gain_of_segment_models(
        inquiry.experiment.asked, check_tables.path_of(inquiry.experiment.data_check), learner=refitted.learner,
        params=_settings_of(refitted), segments=cuts,
        on_segment=lambda place: context.progress(percent=50 + 50 * place / len(cuts), stage=FITTING),
    )  # fmt: skip
    return {"gains": [each.to_dict() for each in gains], "whole": whole.to_dict(), "refitted": refitted.learner}


def _fairness(inquiry: Inquiry, context: JobContext) -> dict[str, Any]:
    row, column = _row_of(inquiry), inquiry.asked["column"]
    read = [name for name in ModelArtifact.load(untouched_folder_of(row)).columns_heard if name != column]
    scores, frame = _scores_with(inquiry, row, [column, *read], sample=inquiry.asked.get("sample", ""))
    context.progress(percent=40, stage=WORKING)
    table = fairness_table(
        scores.outcomes, scores.p, group=frame[column], share=inquiry.asked["share"],
        chosen="lowest" if inquiry.experiment.is_risk else "highest", weight=scores.weight,
        reference=inquiry.asked.get("reference", ""),
    )  # fmt: skip
    proxies = proxies_of(frame[[name for name in read if name in frame]], frame[column])
    return {"column": column, "table": table.to_dict(), "proxies": [each.to_dict() for each in proxies]}


def _sensitivity(inquiry: Inquiry, context: JobContext) -> dict[str, Any]:
    row, experiment = _row_of(inquiry), inquiry.experiment
    model = ModelArtifact.load(untouched_folder_of(row))
    scores, frame = _scores_with(inquiry, row, model.own_columns, sample="held_out")
    context.progress(percent=20, stage=WORKING)
    sources = inquiry.asked["sources"]
    refitted = _refitted(inquiry, row) if sources else row
    _count_reading(inquiry, row)
    stressed = stress_model(
        model, frame, y=scores.outcomes, weight=scores.weight, sources=sources, noise=inquiry.asked["noise"]
    )
    context.progress(percent=60, stage=WORKING)
    without = value_of_sources(
        experiment.asked, check_tables.path_of(experiment.data_check), learner=refitted.learner,
        params=_settings_of(refitted), sources=sources, on_source=lambda _name: context.progress(stage=FITTING),
    )  # fmt: skip
    return {
        "rows": [each.to_dict() for each in [*without, *stressed]], "refitted": refitted.learner,
        "trained_on": row.kept.trained_on, "auc": row.measures.unseen.value("auc"),
    }  # fmt: skip


def _settings(inquiry: Inquiry, context: JobContext) -> dict[str, Any]:
    measured = inquiry.experiment.trials.filter(MEASURED).order_by("number")
    trials = list(measured.values_list("learner", "params", "auc"))
    context.progress(percent=10, stage=WORKING)
    return {"rows": [each.to_dict() for each in importance_of_settings(trials)], "trials": len(trials)}


def _explanation(inquiry: Inquiry, context: JobContext) -> dict[str, Any]:
    model = ModelArtifact.load(untouched_folder_of(_row_of(inquiry)))
    parquet, asked = check_tables.path_of(inquiry.experiment.data_check), inquiry.asked.get("segment")
    schema = pq.read_schema(parquet)
    columns = [name for name in model.own_columns if name in schema.names]
    rows = np.arange(pq.read_metadata(parquet).num_rows)
    if asked:
        segment = SegmentAsked.from_dict(asked)
        rows = rows[rows_of_segment(read_parquet(parquet, columns=[segment.column])[segment.column], segment)]
    found = look_at_model(
        model, lambda some: rows_at(parquet, some, columns), rows=rows,
        on_step=lambda share: context.progress(percent=5 + 95 * share, stage=WORKING),
    )  # fmt: skip
    return found.to_dict()


ANSWERS: dict[str, Callable[[Inquiry, JobContext], dict[str, Any]]] = {
    Subject.SEGMENTS: _segments,
    Subject.FAIRNESS: _fairness,
    Subject.SENSITIVITY: _sensitivity,
    Subject.SETTINGS: _settings,
    Subject.EXPLANATION: _explanation,
}


def _row_of(inquiry: Inquiry) -> LeaderboardRow:
    row = inquiry.experiment.leaderboard.filter(candidate=inquiry.candidate).first()
    if row is None or not row.model_path:
        raise BadInput(GONE)
    return row


def _count_reading(inquiry: Inquiry, row: LeaderboardRow) -> None:
    """Count that models score the rows set aside anew; cutting the scores that were kept reads none of them."""
    asked = f"{inquiry.subject} {inquiry.pk}"
    count_reading(inquiry.experiment, model=folder_of(row), asked=asked, candidates=[row.candidate])


def _refitted(inquiry: Inquiry, row: LeaderboardRow) -> LeaderboardRow:
    """Return whose algorithm and settings are fitted again: of what is composed of others the best single one."""
    if row.learner in LEARNERS:
        return row
    single = inquiry.experiment.leaderboard.filter(learner__in=set(LEARNERS)).exclude(model_path="").order_by("rank")
    found = single.exclude(learner="baseline").first()
    if found is None:
        raise BadInput(NOTHING_TO_REFIT)
    return found


def _settings_of(row: LeaderboardRow) -> dict[str, Any]:
    return dict(ModelArtifact.load(untouched_folder_of(row)).facts.get("params", {}))


def _scores_with(
    inquiry: Inquiry, row: LeaderboardRow, names: list[str], *, sample: str
) -> tuple[HeldOutScores, pd.DataFrame]:
    """Return a model's scores of a sample's rows, an even sample of many, and the columns of the same rows."""
    folder = untouched_folder_of(row)
    kept = read_validated(folder) if sample == "validation" else read_held_out(folder)
    if kept is None:
        raise BadInput(NO_SCORES)
    labelled = np.flatnonzero(~np.isnan(kept.outcomes))
    scores = kept.at(labelled[:: max(1, -(-len(labelled) // MOST_ROWS))])
    parquet = check_tables.path_of(inquiry.experiment.data_check)
    frame = read_parquet(parquet, columns=list(dict.fromkeys(names)))
    return scores, frame.iloc[scores.rows].reset_index(drop=True)
