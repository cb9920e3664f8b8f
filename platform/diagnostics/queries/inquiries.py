"""What somebody has asked of a model, and what was found."""

import hashlib
import json
from typing import Any

from diagnostics.models import Inquiry
from training.models import Experiment, LeaderboardRow


def inquiry_of(
    experiment: Experiment, row: LeaderboardRow | None, subject: str, asked: dict[str, Any]
) -> Inquiry | None:
    """Return the closer look that was asked for in just this way."""
    return experiment.inquiries.select_related("job", "asked_by").filter(key=key_of(row, subject, asked)).first()


def latest(experiment: Experiment, row: LeaderboardRow | None, subject: str) -> Inquiry | None:
    """Return the newest closer look at a model of one kind, whatever was asked."""
    found = experiment.inquiries.select_related("job", "asked_by").filter(subject=subject)
    return found.filter(candidate=row.candidate if row else "").first()


def key_of(row: LeaderboardRow | None, subject: str, asked: dict[str, Any]) -> str:
    rests_on = [subject, asked, row.candidate if row else "", row.model_hash if row else ""]
    return hashlib.sha256(json.dumps(rests_on, sort_keys=True).encode()).hexdigest()
