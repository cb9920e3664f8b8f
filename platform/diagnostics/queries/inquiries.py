"""What somebody has asked of a model, and what was found."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from diagnostics.models import Inquiry
from training.models import Experiment, LeaderboardRow


def inquiry_of(
    experiment: Experiment, row: LeaderboardRow | None, subject: str, asked: dict[str, Any]
) -> Inquiry | None:
    """Return the closer look that was asked for in just this way."""
    return experiment.inquiries.select_related("job", "asked_by").filter(key=key_of(row, subject, asked)).first()


def looks_at(experiment: Experiment, row: LeaderboardRow | None, subject: str) -> Iterator[Inquiry]:
    """Yield the closer looks of one kind at a model as it is now, the newest first.

    A run that goes on fits its finalists anew: what was found of the former model is not true of the new one.
    """
    found = experiment.inquiries.select_related("job", "asked_by").filter(subject=subject)
    for each in found.filter(candidate=row.candidate if row else ""):
        if each.key == key_of(row, subject, each.asked):
            yield each


def answered_looks(rows: Iterable[LeaderboardRow], subject: str) -> dict[int, list[Inquiry]]:
    """Return by finalist the looks of one kind at its present model that found something, the newest first."""
    wanted = list(rows)
    asked = Inquiry.objects.filter(experiment__in={row.experiment_id for row in wanted}, subject=subject)
    answered = [each for each in asked.select_related("job", "asked_by") if each.answer and not each.has_failed]
    return {
        row.pk: [
            each
            for each in answered
            if each.experiment_id == row.experiment_id and each.key == key_of(row, subject, each.asked)
        ]
        for row in wanted
    }


def answered_at(inquiry: Inquiry) -> datetime:
    """Return when what was asked was found; when it was asked, where the job is no longer on record."""
    return (inquiry.job and inquiry.job.finished_at) or inquiry.created_at


def latest(experiment: Experiment, row: LeaderboardRow | None, subject: str, *, column: str = "") -> Inquiry | None:
    """Return the newest closer look at a model of one kind, whatever was asked, or at one column."""
    found = looks_at(experiment, row, subject)
    return next((each for each in found if not column or each.asked.get("column") == column), None)


def key_of(row: LeaderboardRow | None, subject: str, asked: dict[str, Any]) -> str:
    rests_on = [subject, asked, row.candidate if row else "", row.model_hash if row else ""]
    return hashlib.sha256(json.dumps(rests_on, sort_keys=True).encode()).hexdigest()
