"""Trees that another library has grown, as LightGBM text: they open, score and explain without that library."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd

from experiments.learners.lightgbm_scorer import LightGBMScorer, margins


class TranslatedModel:
    """A model kept as LightGBM text that compares numbers in single precision, as the library did that grew it."""

    def __init__(self, text: str, iterations: int) -> None:
        self.text = text
        self.iterations = iterations
        self.scorer = LightGBMScorer(text)

    def margin(self, table: pd.DataFrame) -> np.ndarray:
        """Return log-odds of shape (rows,)."""
        return self.scorer.margin(_single(table))

    @staticmethod
    def margins(members: Sequence["TranslatedModel"], table: pd.DataFrame) -> list[np.ndarray]:
        """Return every member's margin at once, which is faster for long tables than one after the other."""
        return margins([member.scorer for member in members], _single(table))

    def contributions(self, table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Return exact TreeSHAP values and their base."""
        return self.scorer.contributions(_single(table))

    def save(self, folder: Path, stem: str) -> None:
        """Write the text."""
        path_of(folder, stem).write_bytes(self.text.encode())

    @classmethod
    def load(cls, folder: Path, stem: str) -> Self:
        """Read the text."""
        text = path_of(folder, stem).read_bytes().decode()
        return cls(text, text.count("\nTree="))


def path_of(folder: Path, stem: str) -> Path:
    """Return the file of a translated model."""
    return folder / f"{stem}.trees.txt"


def _single(table: pd.DataFrame) -> np.ndarray:
    return table.to_numpy().astype(np.float32)
