"""A run as it can be repeated: its trials, and what its clock decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.errors import BadInput, gettext_noop
from experiments.manifest import MANIFEST, read_attached, read_manifest
from experiments.search.trial import TrialRecord
from experiments.spec import ExperimentSpec

STORY = "run.json"
NOT_REPLAYABLE = gettext_noop("%(folder)s does not hold the story of a run that could be repeated.")


@dataclass(frozen=True)
class Replay:
    """What makes a run under the clock repeatable.

    Attributes
    ----------
    trials : every trial in the order of ending; each is made again with the settings it had.
    decisions : by name, what the clock or the listener decided, for example which last fits there was time for.
    candidate, model_hash : the model beside which the story lay.
    """

    spec: ExperimentSpec
    trials: tuple[TrialRecord, ...]
    decisions: dict[str, Any]
    candidate: str
    model_hash: str

    @classmethod
    def of(cls, model_dir: Path) -> "Replay":
        """Read the story that lies beside a model.

        Raises
        ------
        BadInput : there is no story, or one of an older kind.
        ArtifactError : the story was altered after it was saved.
        """
        if not all((model_dir / name).is_file() for name in (STORY, MANIFEST)):
            raise BadInput(NOT_REPLAYABLE, folder=str(model_dir))
        try:
            manifest, story = read_manifest(model_dir), read_attached(model_dir, STORY)
            return cls(
                spec=ExperimentSpec.from_dict(story["spec"]),
                trials=tuple(TrialRecord.from_dict(trial) for trial in story["trials"]),
                decisions=story["decisions"],
                candidate=manifest["facts"]["candidate"],
                model_hash=manifest["hash"],
            )
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput(NOT_REPLAYABLE, folder=str(model_dir)) from error


def story_of(spec: ExperimentSpec, trials: Sequence[TrialRecord], decisions: dict[str, Any]) -> dict[str, Any]:
    """Return what ``Replay.of`` reads, as JSON-ready plain data."""
    return {"spec": spec.to_dict(), "trials": [trial.to_dict() for trial in trials], "decisions": decisions}
