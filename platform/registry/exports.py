"""What can be carried away of a version: its files in one zip."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.http import StreamingHttpResponse

from registry.models import ModelVersion
from registry.queries.signed import sealed_folder_of

PIECE = 1 << 18


def artifact_file(version: ModelVersion) -> StreamingHttpResponse:
    """Answer with the zip while it is being packed: a model may be large."""
    answer = StreamingHttpResponse(artifact_zip(sealed_folder_of(version)), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="model-{version.pk}-v{version.number}.zip"'
    return answer


def artifact_zip(folder: Path) -> Iterator[bytes]:
    """Pack a folder piece by piece, with the dates left out so that the same model gives the same bytes."""
    packed = Packed()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix())
            entry.compress_type = zipfile.ZIP_DEFLATED
            with path.open("rb") as source, archive.open(entry, "w") as target:
                while piece := source.read(PIECE):
                    target.write(piece)
                    yield packed.take()
    yield packed.take()


class Packed(io.RawIOBase):
    """Where a zip is written to and taken away from at once; it cannot be wound back."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def take(self) -> bytes:
        """Return what was written since the last time."""
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken
