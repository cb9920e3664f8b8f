"""The families that are searched, each on its own; composed models build on them."""

from experiments.families import FAMILIES
from experiments.learners.base import Learner

LEARNERS: dict[str, Learner] = {family.name: family.load() for family in FAMILIES}
