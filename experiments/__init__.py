"""Xiaoyu's modelling engine: a table and a question in, models and evidence out."""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from experiments.artifact.model import ModelArtifact
    from experiments.classifier import XiaoyuClassifier
    from experiments.experiment import ExperimentResult, run_experiment
    from experiments.spec import ExperimentSpec, SearchBudget, ValidationScheme

from experiments.artifact import release

# Threads that spin while they wait would take the cores from the fits beside them, ten times over on a busy machine.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

__version__ = release.RELEASE

__all__ = [
    "ExperimentResult",
    "ExperimentSpec",
    "ModelArtifact",
    "SearchBudget",
    "ValidationScheme",
    "XiaoyuClassifier",
    "__version__",
    "run_experiment",
]

_HOME = {
    "ExperimentResult": "experiments.experiment",
    "ExperimentSpec": "experiments.spec",
    "ModelArtifact": "experiments.artifact.model",
    "SearchBudget": "experiments.spec",
    "ValidationScheme": "experiments.spec",
    "XiaoyuClassifier": "experiments.classifier",
    "run_experiment": "experiments.experiment",
}


def __getattr__(name: str) -> Any:
    # Scoring must not pay for the libraries of the search, so each name is fetched when it is asked for.
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'experiments' has no attribute {name!r}")
