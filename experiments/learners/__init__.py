"""The families of models that compete; a new one is a file here and a line in the table of ``families``."""

from experiments.learners.base import FitRequest, FittedModel, Learner
from experiments.learners.chain import Chain
from experiments.learners.ensemble import Ensemble
from experiments.learners.families import LEARNERS

# What a model can be: a family that is searched, or what is composed of several.
FAMILIES: dict[str, Learner] = {**LEARNERS, "ensemble": Ensemble(), "chain": Chain()}

__all__ = ["FAMILIES", "LEARNERS", "FitRequest", "FittedModel", "Learner"]
