"""The families of models that compete; a new one is a file here and a line in the table of ``families``."""

from experiments.learners.base import FitRequest, FittedModel, Learner
from experiments.learners.ensemble import Ensemble
from experiments.learners.families import LEARNERS
from experiments.learners.two_stage import TwoStage

# What a model can be: a family that is searched, or what is composed of several.
FAMILIES: dict[str, Learner] = {**LEARNERS, "ensemble": Ensemble(), "two_stage": TwoStage()}

__all__ = ["FAMILIES", "LEARNERS", "FitRequest", "FittedModel", "Learner"]
