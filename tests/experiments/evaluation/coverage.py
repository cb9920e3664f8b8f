"""How often intervals hold the truth: samples drawn from a population whose every measure is known."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from experiments.evaluation.evaluate import evaluate
from experiments.evaluation.metrics import auc, capture_at, ks, log_loss

MEASURES = ("auc", "ks", "gini", "lift", "capture", "log_loss", "brier", "observed_expected", "calibration_slope")
POPULATION = 400_000
TOP = 0.1


@dataclass(frozen=True)
class Population:
    """Two normal curves of a score, ``apart`` by so much, in steps of ``step`` where many customers tie."""

    events: int
    others: int
    apart: float
    spread: float = 1.0
    step: float = 0.0

    def scores(self, random: np.random.Generator, events: int, others: int) -> tuple[np.ndarray, np.ndarray]:
        """Draw labels and probabilities of so many customers."""
        x = np.concatenate([random.normal(self.apart, self.spread, events), random.normal(size=others)])
        x = np.floor(x / self.step) * self.step if self.step else x
        log_ratio = -0.5 * ((x - self.apart) / self.spread) ** 2 - np.log(self.spread) + 0.5 * x**2
        margin = np.log(self.events / self.others) + log_ratio
        return np.repeat([1.0, 0.0], [events, others]), 1 / (1 + np.exp(-np.clip(margin, -30, 30)))

    def truth(self) -> dict[str, float]:
        """Return each measure of the whole population."""
        share = self.events / (self.events + self.others)
        y, p = self.scores(np.random.default_rng(99), POPULATION // 2, POPULATION // 2)
        weight = np.where(y == 1, share, 1 - share)
        area, capture = auc(y, p), capture_at(y, p, share=TOP, weight=weight)
        expected = float(weight @ p / weight.sum())
        return {
            "auc": area, "gini": 2 * area - 1, "ks": ks(y, p).value, "capture": capture, "lift": capture / TOP,
            "log_loss": log_loss(y, p, weight=weight), "brier": float(weight @ (p - y) ** 2 / weight.sum()),
            "observed_expected": share / expected, "calibration_slope": 1.0,
        }  # fmt: skip

    def samples(self, draws: int, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield samples with just as many events, and others."""
        random = np.random.default_rng(seed)
        for _ in range(draws):
            yield self.scores(random, self.events, self.others)


def coverage(
    population: Population, draws: int, *, replicates: int = 200, seed: int = 1, measures: Sequence[str] = MEASURES
) -> dict[str, float]:
    """Return for each measure the share of samples whose interval holds the population's value."""
    truth = population.truth()
    held = dict.fromkeys(measures, 0)
    for y, p in population.samples(draws, seed):
        found = evaluate(y, p, contact_share=TOP, replicates=replicates)
        for name in measures:
            low, high = found[name]["low"], found[name]["high"]
            held[name] += low is not None and low - 1e-9 <= truth[name] <= high + 1e-9
    return {name: count / draws for name, count in held.items()}
