"""The families that are searched, each of which stands alone; what is composed of them is built on it."""

from experiments.families import FAMILIES
from experiments.learners.base import Learner

LEARNERS: dict[str, Learner] = {family.name: family.load() for family in FAMILIES}
