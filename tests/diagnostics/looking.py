"""A closer look as a person takes it: its page, its file, and one that a worker has taken."""

import csv
import io
from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import User
from diagnostics.models import Inquiry
from diagnostics.queries.inquiries import key_of
from training.models import Experiment, LeaderboardRow


def page(browser: Client, experiment: Experiment, name: str, query: str = "", language: str = "en") -> str:
    address = reverse("experiment_look", args=[experiment.pk, name]) + query
    answer = browser.get(address, headers={"accept-language": language})
    assert answer.status_code == 200
    return answer.content.decode()


def file(browser: Client, experiment: Experiment, name: str, query: str = "") -> list[dict[str, str]]:
    answer = browser.get(reverse("experiment_look_table", args=[experiment.pk, name]) + query)
    content = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(content)))


def taken(row: LeaderboardRow, subject: str, asked: dict[str, Any], answer: dict[str, Any], user: User) -> None:
    Inquiry.objects.create(
        experiment=row.experiment, candidate=row.candidate, subject=subject, asked=asked, answer=answer, asked_by=user,
        key=key_of(row, subject, asked),
    )  # fmt: skip


def readings_of(experiment: Experiment) -> int:
    return Experiment.objects.get(pk=experiment.pk).out_of_time_readings
