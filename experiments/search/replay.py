"""What it takes to repeat a run: its trials, and the decisions of its clock."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from experiments.artifact.manifest import MANIFEST, read_attached, read_manifest
from experiments.errors import BadInput, gettext_noop
from experiments.paths import AnyPath
from experiments.search.trial import TrialRecord
from experiments.spec import ExperimentSpec

__all__ = ["Origin", "Replay"]

STORY = "run.json"
NOT_REPLAYABLE = gettext_noop("%(folder)s does not hold the record of a run, so it cannot be repeated.")
NO_SETTINGS = gettext_noop("%(file)s is not an exported list of trials: it does not contain the settings of a run.")
UNDECIDED = gettext_noop(
    "%(file)s was exported before its run had ended, so the run cannot be repeated from it. Start one with the same "
    "settings instead."
)


@dataclass(frozen=True)
class Origin:
    """How the table of a run was made of its file, as an exported list of trials tells it.

    Attributes
    ----------
    sha256 : of the file, as far as known. reading : choices of how it is read, by their names in ``ReadingOptions``.
    types : ``{column: type}`` that people decided on. sample : a ``SampleDefinition`` as plain data.

    Examples
    --------
    >>> Origin.from_dict({"data_sha256": "ab"}).sha256
    'ab'
    """

    sha256: str = ""
    reading: dict[str, Any] = field(default_factory=dict)
    types: dict[str, Any] = field(default_factory=dict)
    sample: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Origin":
        """Build from an exported list of trials."""
        return cls(
            plain.get("data_sha256") or "",
            *(dict(plain.get(name) or {}) for name in ("reading", "types", "sample")),
        )


def exported_question(path: Path) -> tuple[ExperimentSpec, Origin]:
    """Return the question of an exported list of trials, and how its table was made.

    Raises
    ------
    BadInput : it is no such list.
    """
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        return ExperimentSpec.from_dict(plain["spec"]), Origin.from_dict(plain)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(NO_SETTINGS, file=str(path)) from error


@dataclass(frozen=True)
class Replay:
    """What makes a run under the clock repeatable.

    Attributes
    ----------
    trials : every trial in the order of ending; each is made again with the settings it had.
    decisions : by name, what the clock or the listener decided, for example which last fits there was time for.
    candidate, model_hash : the model beside which the story lay, or the recommended one of an exported list.
    origin : how the table was made of the file; None where nothing is known of it.

    Examples
    --------
    >>> Replay.of(model_folder).spec.target
    'bad'
    """

    spec: ExperimentSpec
    trials: tuple[TrialRecord, ...]
    decisions: dict[str, Any]
    candidate: str
    model_hash: str
    origin: Origin | None = None

    @classmethod
    def of_exported(cls, path: AnyPath) -> "Replay":
        """Read an exported list of trials.

        Raises
        ------
        BadInput : it is no such list, or one of a run that had not ended.
        """
        path = Path(path)
        spec, origin = exported_question(path)
        plain = json.loads(path.read_text(encoding="utf-8"))
        try:
            candidate, decisions = plain["recommended"], plain["decisions"]
            trials = tuple(TrialRecord.from_dict(trial) for trial in plain["trials"])
            return cls(spec, trials, decisions, candidate, plain["models"][candidate], origin)
        except (KeyError, TypeError, AttributeError) as error:
            raise BadInput(UNDECIDED, file=str(path)) from error

    @classmethod
    def of(cls, model_dir: AnyPath) -> "Replay":
        """Read the story that lies beside a model.

        Raises
        ------
        BadInput : there is no story, or one of an older kind.
        ArtifactError : the story was altered after it was saved.
        """
        model_dir = Path(model_dir)
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
    """Return what ``Replay.of`` reads, as JSON-ready plain data; where a trial failed is no part of the story."""
    told = [replace(trial, frames="").to_dict() for trial in trials]
    return {"spec": spec.to_dict(), "trials": told, "decisions": decisions}
