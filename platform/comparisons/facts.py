"""What is kept of a comparison: the engine's evidence, or the sentence that says why there is none."""

from dataclasses import dataclass

from experiments.comparison.evidence import ModelsCompared
from experiments.errors import gettext_noop
from experiments.sentence import Sentence
from experiments.stored import Stored


@dataclass(frozen=True)
class ComparisonFacts(Stored):
    """Either ``compared`` or ``refusal``; ``how`` says which rows these are and what was left out of them."""

    what = gettext_noop("a comparison of models")

    compared: ModelsCompared | None = None
    refusal: Sentence | None = None
    how: Sentence | None = None
    amount: str = ""
