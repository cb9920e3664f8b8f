"""Expected failures of uploads, with sentences for the person."""

from experiments.errors import ExperimentError, gettext_noop


class UploadRefused(ExperimentError):
    """A file that was not taken."""

    def status(self, otherwise: int) -> int:
        """Return how HTTP says so; ``otherwise`` where the door that was knocked at has a status of its own."""
        return STATUS_OF.get(self.message, otherwise)


class OffsetMismatch(ExperimentError):
    """A piece of a file that does not begin where the file ends so far; ``length`` says where that is."""

    def __init__(self, length: int) -> None:
        super().__init__(WRONG_OFFSET, length=length)
        self.length = length


NO_FILE = gettext_noop("Choose a file first: CSV, Excel or Parquet, or a zip or gzip of one.")
EMPTY_FILE = gettext_noop("The file %(file)s is empty. Choose one that holds a header line and rows.")
TOO_LARGE = gettext_noop(
    "The file is larger than %(limit)s, the most this server accepts. Leave out columns or rows, or send it as "
    "Parquet or zipped; an administrator can raise the limit."
)
DISK_FULL = gettext_noop(
    "The server's disk has no room for this file, so nothing was kept. Ask the administrator to "
    "free some space, then upload it again."
)
DISK_FULL_MEANWHILE = gettext_noop(
    "The server's disk is full. What has been received is kept: ask the administrator to free some "
    "space, then continue."
)
TOO_MANY_UPLOADS = gettext_noop(
    "%(count)s uploads of yours are not finished. Continue or discard some of them, then upload more."
)
NOT_COMPLETE = gettext_noop("The file has not been fully received. Choose the same file again to continue the upload.")
WRONG_OFFSET = gettext_noop("The upload continues at byte %(length)s.")
STATUS_OF = {TOO_LARGE: 413, DISK_FULL: 507, DISK_FULL_MEANWHILE: 507, TOO_MANY_UPLOADS: 429}
