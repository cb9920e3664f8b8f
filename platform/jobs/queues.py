"""The queues and what goes into which, so that nothing short waits behind something long."""

EXPERIMENTS, FILES, SMALL_FILES = "experiments", "files", "small-files"
QUEUES = (SMALL_FILES, FILES, EXPERIMENTS)
# What a file of this size holds is read within seconds; what takes longer all the same goes on among the large ones.
SMALL_BYTES = 20 << 20


def queue_for(asked: str, size: int | None = None) -> str:
    """Return where work waits: in the queue its kind asks for, else by its bytes; unknown ones count as many."""
    if asked:
        return asked
    return SMALL_FILES if size and size <= SMALL_BYTES else FILES
