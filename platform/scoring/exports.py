"""The files of a finished scoring, as they are carried away."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

import pandas as pd
from django.http import FileResponse, Http404, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.text import get_valid_filename

from accounts.models import User
from accounts.permissions import can_unmask
from audit.services import record
from common.storage import local_path, open_file
from experiments.artifact.manifest import read_manifest
from experiments.errors import gettext_noop
from experiments.explanation.reason_codes.hiding import reasons_without
from experiments.scoring.formats import FORMATS
from experiments.scoring.formats.format import Layout
from experiments.scoring.formats.parquet import PARQUET
from experiments.scoring.masked_scores import masked_scores
from experiments.writing.formula_guard import csv_lines
from experiments.writing.workbooks import open_sheet
from scoring.columns import dictionary_rows, has_ids, headings_of, inputs_of
from scoring.models import Headings, ScoringJob
from scoring.services import DELETED, ScoringError
from training.queries.hidden import hidden_columns, hides_ids

NOT_FINISHED = gettext_noop("This scoring has not finished, so there is no file of it. Its state says how far it is.")
NO_FILE = gettext_noop(
    "There is no %(format)s file of these scores: it was not asked for, or cannot hold so many rows. Take the CSV."
)
CONTENT_TYPES = {name: each.content_type for name, each in FORMATS.items()}


def require_scores(scoring_job: ScoringJob, file_format: str = "") -> None:
    """Say why a file of scores is not there: the scoring has not finished, or it was not written in the format.

    Raises
    ------
    ScoringError : there is no such file.
    """
    if scoring_job.is_deleted:
        raise ScoringError(DELETED)
    if not scoring_job.is_finished:
        raise ScoringError(NOT_FINISHED)
    if file_format and file_format not in scoring_job.files:
        raise ScoringError(NO_FILE, format=FORMATS[file_format].called)


@dataclass(frozen=True)
class KeptBack:
    """What of scores a person may not see: ids, and the values that reasons tell of these columns."""

    ids: bool
    columns: tuple[str, ...]

    def __bool__(self) -> bool:
        return self.ids or bool(self.columns)


def kept_back(scoring_job: ScoringJob, user: User) -> KeptBack:
    """Return what today's dictionaries keep back from a person; nothing from those who may see personal data."""
    if can_unmask(user, scoring_job):
        return KeptBack(ids=False, columns=())
    experiment, table = scoring_job.model_version.leaderboard_row.experiment, scoring_job.source_version
    spoken_of = {column.name for column in inputs_of(scoring_job.model_version) if not column.is_id}
    hidden = hidden_columns([experiment], [table]).unshown
    return KeptBack(
        ids=has_ids(scoring_job) and hides_ids(user, experiment, table),
        columns=tuple(name for name in hidden if name in spoken_of),
    )


def scores_file(scoring_job: ScoringJob, file_format: str, user: User) -> StreamingHttpResponse:
    """Answer with the file, on record; a scoring that has not finished has none.

    Who may see all gets the file as it was written, everybody else one without what dictionaries keep back.
    """
    path = scoring_job.files.get(file_format)
    if not scoring_job.has_scores or not path:
        raise Http404
    hidden = kept_back(scoring_job, user)
    record(
        user,
        "scoring_job.downloaded",
        workspace=scoring_job.workspace,
        obj=scoring_job,
        details={
            "format": file_format, "rows": scoring_job.row_count,
            "ids_masked": hidden.ids, "hidden": [*hidden.columns],
        },
    )  # fmt: skip
    name = f"{_stem(scoring_job)}.{file_format}"
    if not hidden:
        content_type = FORMATS[file_format].content_type
        return FileResponse(open_file(path), as_attachment=True, filename=name, content_type=content_type)
    answer = StreamingHttpResponse(
        _masked(scoring_job, file_format, hidden), content_type=FORMATS[file_format].content_type
    )
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    return answer


def _masked(scoring_job: ScoringJob, file_format: str, hidden: KeptBack) -> Iterator[bytes]:
    version = scoring_job.model_version
    experiment = version.leaderboard_row.experiment
    headings = headings_of(scoring_job) if scoring_job.headings == Headings.WORDS else {}
    told = reasons_without(
        hidden.columns,
        columns=[column.name for column in inputs_of(version) if not column.is_id],
        labels=read_manifest(local_path(version.artifact_path))["facts"].get("labels") or {},
        language=scoring_job.spoken_language,
    )
    return masked_scores(
        local_path(scoring_job.files[PARQUET.name]), FORMATS[file_format],
        layout=Layout(headings, id_column=experiment.asked.id_column), told=told, hides_ids=hidden.ids,
    )  # fmt: skip


def dictionary_file(scoring_job: ScoringJob, file_format: str) -> FileResponse:
    """Answer with what each column of the scores means, in the language of the scoring."""
    if not scoring_job.is_finished:
        raise Http404
    rows = dictionary_rows(scoring_job)
    packed = BytesIO()
    if file_format == "xlsx":
        with open_sheet(packed, "dictionary", rows[0], widths=(18, 28, 70, 18, 34, 60)) as sheet:
            sheet.write(pd.DataFrame(rows[1:], columns=rows[0], dtype=object))
    else:
        packed.write("".join(csv_lines(rows)).encode())
    packed.seek(0)
    name = f"{_stem(scoring_job)}-dictionary.{file_format}"
    return FileResponse(packed, as_attachment=True, filename=name, content_type=CONTENT_TYPES[file_format])


def _stem(scoring_job: ScoringJob) -> str:
    return f"scores-{get_valid_filename(str(scoring_job.model_version))}-{scoring_job.pk}"
