"""Why a worker lets go of a job before its end.

Both are BaseException: a search that survives failing trials with ``except Exception`` must not survive these.
"""


class WorkStopped(BaseException):
    """The worker stops here; the job goes on elsewhere."""


class LeaseLost(WorkStopped):
    """Another worker has taken the job over; nothing more may be written for it."""


class WorkerStopping(WorkStopped):
    """The worker is being shut down; the job goes back to the queue."""


class PauseAsked(WorkStopped):
    """Someone asked for a pause; the job waits, with what is finished, until it is asked to go on."""
