"""The work of listing the chosen: scores of rows not learnt from, or of a scored list, the best first."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import polars as pl
from django.utils import timezone
from django.utils.translation import gettext_noop

from audit.services import record
from checks import tables as check_tables
from common.storage import exists, local_path, new_folder
from experiments.artifact.held_out_scores import read_held_out
from experiments.artifact.needed_columns import ROW_NUMBER, id_heading
from experiments.ingest.table import rows_at
from experiments.scoring.chosen import ChosenRows, write_chosen
from jobs.context import JobContext
from jobs.models import Job
from results.queries.evidence import untouched_folder_of
from scenarios.errors import ScenarioError
from scenarios.models import ChosenList, Way

CHOOSING = gettext_noop("Choosing the customers")
NOT_KEPT = gettext_noop("This model was saved before scores of held-out rows were kept. Run the experiment again.")
GONE = gettext_noop("The scores to choose from are no longer there. Score the customers again.")
# Of a scored list only these leave: a reason may tell a value that not everybody may see.
LEAVING = ("probability", "score", "band", "points")


def run(job: Job, context: JobContext) -> None:
    """Make a list; called again after a crash, it begins anew."""
    fetched = ("owner", "leaderboard_row__experiment__version", "leaderboard_row__experiment__data_check__version")
    chosen = ChosenList.objects.select_related(*fetched).filter(pk=job.subject_id).first()
    if chosen is None or chosen.is_made:
        return
    context.progress(percent=5, stage=CHOOSING)
    place = new_folder(chosen.folder, may_exist=True)
    try:
        with tempfile.TemporaryDirectory(prefix="xiaoyu-chosen-") as folder:
            source, id_column = _scores_of(chosen, Path(folder))
            found = write_chosen(source, place / ".list.parquet", **_wanted(chosen))
        (place / ".list.parquet").replace(place / "list.parquet")
        _keep(chosen, found, id_column, place)
    except BaseException:
        # Of a list that was not made nothing stays, not even a folder.
        shutil.rmtree(place, ignore_errors=True)
        raise


def _scores_of(chosen: ChosenList, folder: Path) -> tuple[Path, str]:
    """Return a Parquet of scores with nothing that must not leave, and what its column of ids is called."""
    if chosen.is_of_held_out:
        return _held_out_scores(chosen, folder / "scores.parquet")
    if not exists(chosen.source_path):
        raise ScenarioError(GONE)
    scores = pl.scan_parquet(local_path(chosen.source_path))
    names = scores.collect_schema().names()
    first = names[0]
    kept = folder / "scores.parquet"
    scores.select(first, *(name for name in LEAVING if name in names and name != first)).sink_parquet(kept)
    return kept, "" if first in (ROW_NUMBER, "probability") else first


def _held_out_scores(chosen: ChosenList, path: Path) -> tuple[Path, str]:
    row = chosen.leaderboard_row
    kept = read_held_out(untouched_folder_of(row))
    if kept is None:
        raise ScenarioError(NOT_KEPT)
    kept = kept.at(kept.rows.argsort())
    id_column = row.experiment.asked.id_column or ""
    table = check_tables.path_of(row.experiment.data_check)
    columns: dict[str, Any] = {ROW_NUMBER: kept.rows + 1}
    name = ""
    if id_column and id_column in pl.scan_parquet(table).collect_schema().names():
        name = id_heading(id_column)
        columns = {name: rows_at(table, kept.rows, [id_column])[id_column].map(str, na_action="ignore").tolist()}
    frame = pl.DataFrame({**columns, "probability": kept.p, "outcome": kept.outcomes}, strict=False)
    # An outcome that nobody knows is an empty cell, and no word.
    frame.with_columns(pl.col("outcome").fill_nan(None)).write_parquet(path)
    return path, name


def _wanted(chosen: ChosenList) -> dict[str, Any]:
    """Return how many are chosen; a quota for a whole list is a share of the held-out rows."""
    by, value = chosen.rule["by"], float(chosen.rule["value"])
    end = "lowest" if chosen.leaderboard_row.experiment.is_risk else "highest"
    if by == Way.CUT_OFF:
        return {"chosen": end, "cutoff": value / 100}
    if by == Way.SHARE:
        return {"chosen": end, "share": value / 100}
    if chosen.is_of_held_out:
        return {"chosen": end, "share": min(1.0, value / max(1, chosen.rule["customers"]))}
    return {"chosen": end, "number": round(value)}


def _keep(chosen: ChosenList, found: ChosenRows, id_column: str, place: Path) -> None:
    kept = {
        "path": f"{chosen.folder}/list.parquet", "id_column": id_column, "row_count": found.chosen,
        "of_rows": found.rows, "cutoff": found.cutoff, "made_at": timezone.now(),
    }  # fmt: skip
    if not ChosenList.objects.filter(pk=chosen.pk).update(**kept):
        # The experiment was deleted meanwhile: nothing of its customers stays behind.
        shutil.rmtree(place)
        return
    record(
        chosen.owner, "chosen_list.made", workspace=chosen.leaderboard_row.experiment.workspace, obj=chosen,
        details={"scenario": chosen.scenario_name, "rows": found.chosen},
    )  # fmt: skip
