"""The files of a finished scoring, as they are carried away."""

from pathlib import Path

from django.conf import settings
from django.http import FileResponse, Http404
from django.utils.text import get_valid_filename

from accounts.models import User
from audit.services import record
from scoring.models import ScoringJob

CONTENT_TYPES = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}


def scores_file(scoring_job: ScoringJob, file_format: str, user: User) -> FileResponse:
    """Answer with the whole file, on record; a scoring that has not finished has none."""
    path = scoring_job.csv_path if file_format == "csv" else scoring_job.parquet_path
    if not scoring_job.is_finished or not path:
        raise Http404
    record(
        user,
        "scoring_job.downloaded",
        workspace=scoring_job.workspace,
        obj=scoring_job,
        details={"format": file_format, "rows": scoring_job.row_count},
    )
    whole = (Path(settings.MEDIA_ROOT) / path).open("rb")
    name = f"scores-{get_valid_filename(str(scoring_job.model_version))}-{scoring_job.pk}.{file_format}"
    return FileResponse(whole, as_attachment=True, filename=name, content_type=CONTENT_TYPES[file_format])
