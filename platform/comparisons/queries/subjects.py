"""The models that an address names: finalists, trials and registered versions of one workspace."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from accounts.models import Workspace
from checks.models import DataCheck
from common.storage import local_path
from experiments.comparison.limits import MOST_MODELS, TOO_MANY
from experiments.errors import ExperimentError, gettext_noop
from registry.models import ModelVersion
from registry.queries.models import versions_in
from training.models import Experiment, LeaderboardRow, Trial
from training.words import learner_name

LETTERS = "ABCD"
CODE = re.compile(r"([fvt])-(\d{1,18})")
NO_SUCH_MODEL = gettext_noop("There is no model %(code)s in this workspace.")
NAMED_TWICE = gettext_noop("The same model is named twice. Choose different ones.")


class UnknownModel(ExperimentError):
    """An address that names no model, or one of another workspace."""


@dataclass(frozen=True)
class Subject:
    """One model of a comparison.

    ``code`` is its name in an address: ``f-12`` a finalist, ``v-3`` a registered version, ``t-44`` a trial. ``row`` is
    the finalist it is or was made of; a trial that did not get so far has none, and so no model.
    """

    code: str
    letter: str
    experiment: Experiment
    row: LeaderboardRow | None = None
    version: ModelVersion | None = None
    trial: Trial | None = None

    @property
    def learner(self) -> str:
        """Code of its algorithm."""
        found = self.row or self.trial
        return found.learner if found is not None else ""

    @property
    def name(self) -> str:
        """What it is called in a heading."""
        if self.version is not None:
            return str(self.version)
        if self.row is None and self.trial is not None:
            return f"{learner_name(self.learner)} #{self.trial.number}"
        return learner_name(self.row.candidate if self.row is not None else "")

    @property
    def has_model(self) -> bool:
        """Whether there is a saved model that can score."""
        return self.version is not None or bool(self.row and self.row.model_path)

    @property
    def hash(self) -> str:
        """Hash of what scores; of a trial its own name."""
        if self.version is not None:
            return self.version.artifact_hash
        return self.row.model_hash if self.row is not None else self.code

    @property
    def folder(self) -> Path | None:
        """Where its files lie; not yet verified."""
        if self.version is not None:
            return local_path(self.version.artifact_path)
        return local_path(self.row.model_path) if self.row is not None and self.row.model_path else None

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What stands beside the model; empty where there is none."""
        path = self.folder / "manifest.json" if self.folder is not None else None
        return json.loads(path.read_text(encoding="utf-8")) if path is not None and path.is_file() else {}


def subjects_named(codes: Sequence[str], workspace: Workspace) -> list[Subject]:
    """Return the models named, those that can score first, else in their order; all of this workspace.

    Only these stand in what a worker finds, which gives letters without knowing of the others.

    Raises
    ------
    UnknownModel : a name means nothing here. ExperimentError : too many, or one twice.
    """
    if len(codes) > MOST_MODELS:
        raise ExperimentError(TOO_MANY, most=MOST_MODELS, given=len(codes))
    found = [_named(code, workspace) for code in codes]
    if len({(each.hash, each.version and each.version.pk) for each in found}) < len(found):
        raise ExperimentError(NAMED_TWICE)
    found.sort(key=lambda each: not each.has_model)
    return [replace(each, letter=letter) for each, letter in zip(found, LETTERS, strict=False)]


def _named(code: str, workspace: Workspace) -> Subject:
    parts = CODE.fullmatch(code)
    if parts is None:
        raise UnknownModel(NO_SUCH_MODEL, code=code[:40])
    kind, pk = parts[1], int(parts[2])
    found = {"f": _finalist, "v": _version, "t": _trial}[kind](pk, workspace)
    if found is None:
        raise UnknownModel(NO_SUCH_MODEL, code=code)
    row, version, trial = found
    experiment = row.experiment if row is not None else trial.experiment  # type: ignore[union-attr]
    return Subject(code, "", experiment, row, version, trial)


Found = tuple[LeaderboardRow | None, ModelVersion | None, Trial | None]
OF_EXPERIMENT = ("experiment__version__dataset", "experiment__data_check__version")


def _finalist(pk: int, workspace: Workspace) -> Found | None:
    row = finalists_in(workspace).filter(pk=pk).first()
    return None if row is None else (row, None, None)


def _version(pk: int, workspace: Workspace) -> Found | None:
    version = versions_in(workspace).filter(pk=pk).first()
    return None if version is None else (version.leaderboard_row, version, None)


def _trial(pk: int, workspace: Workspace) -> Found | None:
    trial = Trial.objects.select_related(*OF_EXPERIMENT).filter(pk=pk, experiment__workspace=workspace).first()
    if trial is None:
        return None
    rows = finalists_in(workspace).filter(experiment=trial.experiment_id, learner=trial.learner)
    return next((row for row in rows if row.kept.trial == trial.number), None), None, trial


def finalists_in(workspace: Workspace) -> Any:
    """Return the finalists of a workspace with what a comparison shows of them."""
    return LeaderboardRow.objects.select_related(*OF_EXPERIMENT).filter(experiment__workspace=workspace)


def with_models(subjects: Iterable[Subject]) -> list[Subject]:
    """Return those that can score."""
    return [each for each in subjects if each.has_model]


def table_hash(check: DataCheck) -> str:
    """Return what tells the table of a check from others: its rows in their order."""
    return str(check.table.get("sha256") or check.version.parquet_sha256 or check.version.sha256)
