"""The closer looks of a result by name, each made of what the run kept or a worker found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from diagnostics.models import Inquiry, Subject
from diagnostics.queries import calibration, columns, fairness, screening, segments, sensitivity, stability
from diagnostics.queries.look import Look
from experiments.artifact.diagnosis import DIAGNOSIS, Diagnosis
from results.queries.evidence import kept_beside
from results.queries.leaderboard import Leaderboard, LeaderboardLine
from training.models import Experiment


@dataclass(frozen=True)
class Subjected:
    """What a look is about: the experiment, one of its models, what is asked, and what a worker found."""

    experiment: Experiment
    line: LeaderboardLine
    leaderboard: Leaderboard
    asked: Mapping[str, str]
    inquiry: Inquiry | None = None

    @property
    def diagnosis(self) -> Diagnosis:
        return kept_beside(self.line.row, DIAGNOSIS, Diagnosis)

    @property
    def sample(self) -> str:
        """The sample that a worker measured on, else the rows set aside."""
        is_answered = self.inquiry and not self.inquiry.is_waiting and not self.inquiry.has_failed
        sample: str = (self.inquiry.asked.get("sample") if is_answered else "") or self.leaderboard.test_sample  # type: ignore[union-attr]
        return sample


@dataclass(frozen=True)
class LookPart:
    """A part of the result page: its name, what it is called, how it is made, and what can be asked of it."""

    name: str
    label: Any
    look: Callable[[Any], Look | None]
    subject: str = ""


PARTS = {
    part.name: part
    for part in (
        LookPart("calibration", _("Calibration"), calibration.look),
        LookPart("stability", _("Stability"), stability.look),
        LookPart("segments", _("Segments"), segments.look, Subject.SEGMENTS),
        LookPart("columns", _("Columns"), columns.look),
        LookPart("screening", _("Screening"), screening.look),
        LookPart("fairness", _("Fairness"), fairness.look, Subject.FAIRNESS),
        LookPart("sensitivity", _("Sensitivity"), sensitivity.look, Subject.SENSITIVITY),
    )
}
