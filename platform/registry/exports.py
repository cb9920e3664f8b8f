"""What can be carried away of a version: its files in one zip, its report as one HTML page."""

import tempfile
import zipfile
from pathlib import Path
from typing import IO

from django.conf import settings
from django.http import FileResponse, HttpResponse
from django.utils.translation import get_language

from registry.models import ModelVersion


def artifact_file(version: ModelVersion) -> FileResponse:
    return FileResponse(artifact_zip(version), as_attachment=True, filename=f"model-{version.pk}-v{version.number}.zip")


def report_file(version: ModelVersion) -> HttpResponse:
    """Answer with the report as a file: its charts carry scripts, which the pages' own policy would not run."""
    answer = HttpResponse(report_html(version), content_type="text/html; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="report-{version.pk}-v{version.number}.html"'
    return answer


def artifact_zip(version: ModelVersion) -> IO[bytes]:
    """Return the artifact's files in a zip, with the dates left out so that the same model gives the same bytes."""
    folder = folder_of(version)
    packed = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it when it has been sent
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.writestr(zipfile.ZipInfo(path.relative_to(folder).as_posix()), path.read_bytes())
    packed.seek(0)
    return packed


def report_html(version: ModelVersion) -> str:
    """Return the validation report in the reader's language."""
    from experiments.report import render_report

    return render_report(folder_of(version), language="zh" if (get_language() or "").startswith("zh") else "en")


def folder_of(version: ModelVersion) -> Path:
    return Path(settings.MEDIA_ROOT) / version.artifact_path
