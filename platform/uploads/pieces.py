"""Files that arrive piece by piece: what lies on the disk is the truth, so a broken connection costs one piece."""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.files.base import File
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User, Workspace
from accounts.queries import workspaces_of
from catalog import storage
from catalog.errors import (
    DISK_FULL,
    DISK_FULL_MEANWHILE,
    EMPTY_FILE,
    TOO_LARGE,
    TOO_MANY_UPLOADS,
    OffsetMismatch,
    UploadRefused,
)
from catalog.models import DatasetVersion
from common.storage import keys_below, local_path, new_folder
from common.templatetags.formatting import size
from experiments.disk import is_disk_full
from uploads.models import Upload

FOLDER = "incoming"
PIECE = 1 << 20
# How much may be lost to a power cut; a killed process loses nothing that it has written.
SYNC_EVERY = 32 << 20
KEPT_FOR = timedelta(days=3)
MOST_OPEN = 100


class ReceivedFile(File):
    """A complete upload in the shape in which a form gives a file."""

    def __init__(self, upload: Upload) -> None:
        super().__init__(None, name=upload.file_name)
        self.upload = upload
        self.size = upload.size_bytes
        # A request must not read a whole file: the worker that reads it anyway takes its hash.
        self.sha256 = ""

    def temporary_file_path(self) -> str:
        """Return where the file lies until it is kept."""
        return str(path_of(self.upload))


def begin(user: User, workspace: Workspace, *, file_name: str, length: int, metadata: dict[str, str]) -> Upload:
    """Open a place for a file of ``length`` bytes.

    Raises UploadRefused when it is empty, over the limit, or has no room on the disk.
    """
    name = storage.tidy_file_name(file_name)
    if length <= 0:
        raise UploadRefused(EMPTY_FILE, file=name)
    if length > settings.UPLOAD_MAX_BYTES:
        raise UploadRefused(TOO_LARGE, limit=size(settings.UPLOAD_MAX_BYTES))
    if Upload.objects.filter(owner=user, version=None).count() >= MOST_OPEN:
        raise UploadRefused(TOO_MANY_UPLOADS, count=MOST_OPEN)
    folder = new_folder(FOLDER, may_exist=True)
    if length > shutil.disk_usage(folder).free:
        raise UploadRefused(DISK_FULL)
    upload = Upload(workspace=workspace, owner=user, file_name=name, size_bytes=length, metadata=metadata)
    upload.path = f"{FOLDER}/{upload.pk.hex}.part"
    path_of(upload).touch(mode=0o600)
    upload.save()
    return upload


def path_of(upload: Upload) -> Path:
    """Return where the bytes of an upload lie."""
    return local_path(upload.path)


def uploads_of(user: User) -> QuerySet[Upload]:
    """Return a person's own uploads, where the person is still a member; nobody else sees them."""
    return Upload.objects.filter(owner=user, workspace__in=workspaces_of(user))


def unfinished(user: User, workspace: Workspace) -> list[Upload]:
    """Return what waits to be continued or read, with the bytes that are here."""
    waiting = list(Upload.objects.filter(owner=user, workspace=workspace, version=None)[:MOST_OPEN])
    for upload in waiting:
        with contextlib.suppress(FileNotFoundError):
            upload.received_bytes = path_of(upload).stat().st_size
    return waiting


def durable_bytes(upload: Upload) -> int:
    """Return how many bytes are safely on the disk: from here an interrupted upload goes on.

    Raises FileNotFoundError when the bytes are gone.
    """
    with path_of(upload).open("rb") as part:
        os.fsync(part.fileno())
        return os.fstat(part.fileno()).st_size


def require_end(upload: Upload, offset: int) -> None:
    """Raise OffsetMismatch when the file does not end at ``offset``, FileNotFoundError when its bytes are gone."""
    length = path_of(upload).stat().st_size
    if length != offset:
        raise OffsetMismatch(length)


def append(upload: Upload, offset: int, pieces: Iterable[bytes]) -> int:
    """Write the next bytes of a file and return its new length; whatever was written stays when the source breaks.

    Raises OffsetMismatch when the file does not end at ``offset``, also when another request has gone on with it
    meanwhile, and UploadRefused when the disk is full or more comes than was announced.
    """
    at = synced = offset
    descriptor = os.open(path_of(upload), os.O_RDWR)
    try:
        _check_end(descriptor, at)
        for piece in pieces:
            if at + len(piece) > upload.size_bytes:
                raise UploadRefused(TOO_LARGE, limit=size(upload.size_bytes))
            _write_at(descriptor, at, piece)
            at += len(piece)
            if at - synced >= SYNC_EVERY:
                synced = _record(upload, descriptor)
    finally:
        try:
            at = _record(upload, descriptor)
        finally:
            os.close(descriptor)
    return at


def _write_at(descriptor: int, at: int, piece: bytes) -> None:
    """Write one piece; the lock lasts only so long, for a broken connection may hold its request for minutes."""
    with _locked(descriptor):
        _check_end(descriptor, at)
        view = memoryview(piece)
        try:
            while view:
                written = os.pwrite(descriptor, view, at)
                view, at = view[written:], at + written
        except OSError as error:
            if is_disk_full(error):
                raise UploadRefused(DISK_FULL_MEANWHILE) from error
            raise


def _check_end(descriptor: int, offset: int) -> None:
    length = os.fstat(descriptor).st_size
    if length != offset:
        raise OffsetMismatch(length)


@contextlib.contextmanager
def _locked(descriptor: int) -> Iterator[None]:
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def _record(upload: Upload, descriptor: int) -> int:
    os.fsync(descriptor)
    upload.received_bytes = os.fstat(descriptor).st_size
    upload.touched_at = timezone.now()
    Upload.objects.filter(pk=upload.pk).update(received_bytes=upload.received_bytes, touched_at=upload.touched_at)
    return upload.received_bytes


def received(user: User, workspace: Workspace, keys: str) -> list[ReceivedFile]:
    """Return the complete uploads a form names by their keys, in its order; what is not whole is left out."""
    wanted = [key for key in map(_uuid, keys.split(",")) if key]
    found = uploads_of(user).filter(workspace=workspace).in_bulk(wanted)
    uploads = [found[key] for key in dict.fromkeys(wanted) if key in found]
    return [ReceivedFile(upload) for upload in uploads if upload.is_complete]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None


def read_as(files: Iterable[File]) -> DatasetVersion | None:
    """Return the version that these uploads became when a form named them before."""
    became = [file.upload.version for file in files if isinstance(file, ReceivedFile)]
    return next((version for version in became if version is not None), None)


def settle(files: Iterable[File], version: DatasetVersion | None = None) -> None:
    """Forget uploads whose bytes have been kept elsewhere; with a version it is known what became of them."""
    for file in files:
        if isinstance(file, ReceivedFile):
            path_of(file.upload).unlink(missing_ok=True)
            if version is None:
                file.upload.delete()
            else:
                Upload.objects.filter(pk=file.upload.pk).update(version=version)


def discard(upload: Upload) -> None:
    """Throw an upload away with its bytes."""
    path_of(upload).unlink(missing_ok=True)
    upload.delete()


def expires_at(upload: Upload) -> datetime:
    """Return when an upload that nobody continues goes."""
    return upload.touched_at + KEPT_FOR


def expire() -> int:
    """Remove what nobody has continued for days, and parts nothing is known of; return how many went."""
    old = list(Upload.objects.filter(touched_at__lt=timezone.now() - KEPT_FOR))
    for upload in old:
        discard(upload)
    return len(old) + _sweep_unknown()


def _sweep_unknown() -> int:
    """A process killed between making a part and writing its row leaves a file; the form's own leftovers go too."""
    known = set(Upload.objects.values_list("path", flat=True))
    swept = 0
    for key in keys_below(FOLDER):
        path = local_path(key)
        with contextlib.suppress(FileNotFoundError):
            is_old = timezone.now().timestamp() - path.stat().st_mtime > KEPT_FOR.total_seconds()
            if is_old and path.is_file() and key not in known:
                path.unlink()
                swept += 1
    return swept
