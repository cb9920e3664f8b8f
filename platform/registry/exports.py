"""What can be carried away of a version: its files in one zip, its report as one HTML page."""

import tempfile
import zipfile
from pathlib import Path
from typing import IO

from django.conf import settings
from django.utils.translation import get_language

from registry.models import ModelVersion


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
