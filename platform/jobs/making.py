"""What a job makes once: how far a row is whose file or list a worker makes."""

from typing import Any

from jobs.models import JobState


class MadeByJob:
    """Of a row with the job that makes it and the moment it was made: once made, it stays whatever the job became."""

    MADE = "made"
    job: Any
    made_at: Any

    @property
    def is_made(self) -> bool:
        return self.made_at is not None

    @property
    def is_under_way(self) -> bool:
        return not self.is_made and self.job is not None and not self.job.is_terminated

    @property
    def state(self) -> str:
        """How far it is: queued, running, failed, cancelled, or what it is called once it is made."""
        if self.is_made:
            return self.MADE
        if self.is_under_way:
            return "queued" if self.job.state == JobState.QUEUED else "running"
        return "failed" if self.job is not None and self.job.state == JobState.FAILED else "cancelled"
