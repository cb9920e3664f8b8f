"""The files of a finished scoring, as they are carried away."""

from io import BytesIO

import pandas as pd
from django.http import FileResponse, Http404
from django.utils.text import get_valid_filename

from accounts.models import User
from audit.services import record
from common.storage import open_file
from experiments.errors import gettext_noop
from experiments.scoring.formats import FORMATS
from experiments.writing.formula_guard import csv_lines
from experiments.writing.workbooks import open_sheet
from scoring.columns import dictionary_rows
from scoring.models import ScoringJob
from scoring.services import ScoringError

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
    if not scoring_job.is_finished:
        raise ScoringError(NOT_FINISHED)
    if file_format and file_format not in scoring_job.files:
        raise ScoringError(NO_FILE, format=FORMATS[file_format].called)


def scores_file(scoring_job: ScoringJob, file_format: str, user: User) -> FileResponse:
    """Answer with the whole file, on record; a scoring that has not finished has none."""
    path = scoring_job.files.get(file_format)
    if not scoring_job.is_finished or not path:
        raise Http404
    record(
        user,
        "scoring_job.downloaded",
        workspace=scoring_job.workspace,
        obj=scoring_job,
        details={"format": file_format, "rows": scoring_job.row_count},
    )
    whole = open_file(path)
    name = f"{_stem(scoring_job)}.{file_format}"
    return FileResponse(whole, as_attachment=True, filename=name, content_type=FORMATS[file_format].content_type)


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
