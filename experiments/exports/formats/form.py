"""What a format of export must do."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import numpy as np

from experiments.artifact.model import ModelArtifact
from experiments.exports.plain import Plain
from experiments.exports.rows import CheckRows

# Doubles that are computed in another order; and single precision, which ONNX adds its trees up in.
OF_DOUBLE, OF_SINGLE = 1e-9, 1e-5


class Form(Protocol):
    """A format of export: one file here, and one line in the table of formats.

    Attributes
    ----------
    name : on the command line. label : as it is read, a key of the translations. suffix : of its file.
    tolerance : by how much a probability may differ from the model's.
    has_times : whether a date may have a time of day; where not, the check's have none.
    """

    name: str
    label: str
    suffix: str
    tolerance: float
    has_times: bool

    def require(self, artifact: ModelArtifact) -> Plain | None:
        """Return what the model is made of, where that is what is written.

        Raises
        ------
        BadInput : this model cannot be had in this format, and why.
        """

    def write(self, artifact: ModelArtifact, plain: Plain | None, out: Path, rows: CheckRows) -> None:
        """Write the model to a folder, which is empty."""

    def scores(self, artifact: ModelArtifact, out: Path, rows: CheckRows) -> Mapping[str, np.ndarray]:
        """Return the probabilities that what was written gives to the rows, by each way to run it."""
