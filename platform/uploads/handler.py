"""Streams an upload to disk, hashing on the way, and stops where the limit or the disk ends."""

import contextlib
import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler
from django.http import HttpRequest

from catalog.errors import DISK_FULL, TOO_LARGE, UploadRefused
from common.templatetags.formatting import size
from experiments.disk import is_disk_full

# The form around the file; a limit must not depend on the length of a boundary.
FORM_OVERHEAD = 64 * 1024


class StreamingUploadHandler(TemporaryFileUploadHandler):
    """Writes every file to disk whatever its size; ``request.upload_refusal`` says why it stopped, if it did."""

    chunk_size = 1024 * 1024

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        request.upload_refusal = None  # type: ignore[attr-defined]
        self._received = 0

    def handle_raw_input(
        self, input_data: Any, META: dict[str, Any], content_length: int, boundary: Any, encoding: str | None = None
    ) -> None:
        folder = Path(settings.FILE_UPLOAD_TEMP_DIR or tempfile.gettempdir())
        folder.mkdir(parents=True, exist_ok=True)
        if content_length > settings.UPLOAD_MAX_BYTES + FORM_OVERHEAD:
            self._refuse(TOO_LARGE, limit=size(settings.UPLOAD_MAX_BYTES))
        if content_length > shutil.disk_usage(folder).free:
            self._refuse(DISK_FULL)

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._received = 0
        self._hash = hashlib.sha256()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._received += len(raw_data)
        if self._received > settings.UPLOAD_MAX_BYTES:
            self._refuse(TOO_LARGE, limit=size(settings.UPLOAD_MAX_BYTES))
        with self._refusing_a_full_disk():
            super().receive_data_chunk(raw_data, start)
        self._hash.update(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile | None:
        with self._refusing_a_full_disk():  # the last bytes reach the disk only now
            file = super().file_complete(file_size)
        if file is not None:
            file.sha256 = self._hash.hexdigest()  # type: ignore[attr-defined]
        return file

    @contextlib.contextmanager
    def _refusing_a_full_disk(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if not is_disk_full(error):
                raise
            self._refuse(DISK_FULL)

    def _refuse(self, message: str, **params: Any) -> None:
        """Keep the reason for the view, drop what was written, and read the rest away so that the answer arrives."""
        self.request.upload_refusal = UploadRefused(message, **params)  # type: ignore[union-attr]
        if getattr(self, "file", None) is not None:
            with contextlib.suppress(OSError):  # closing writes what a full disk has not taken
                self.file.close()
        raise StopUpload(connection_reset=False)
