"""Which settings of a family its results hang on: the analysis of variance of Optuna (fANOVA), on stored trials."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.stored import Part

__all__ = ["SettingImportance", "importance_of_settings"]

# Time grows with the square of the trials; more than these hardly change the order.
MOST_TRIALS, FEWEST_TRIALS, TREES = 200, 20, 16
MOST_OPTIONS = 20


@dataclass(frozen=True)
class SettingImportance(Part):
    """One setting of a family: the share of the variance of AUC that it explains alone, of ``trials`` that were used.

    Examples
    --------
    >>> SettingImportance("lightgbm", "num_leaves", 0.7, 200).share
    0.7
    """

    learner: str
    setting: str
    share: float
    trials: int


def importance_of_settings(
    trials: Sequence[tuple[str, Mapping[str, Any], float | None]], *, seed: int = 1
) -> list[SettingImportance]:
    """Return the importance of every setting that varied, family by family.

    Parameters
    ----------
    trials : (family, settings, AUC) of each trial; those without an AUC say nothing, families with fewer than twenty
        trials are left out, and of more than two hundred an even sample is used.
    seed : of the forest.

    Returns
    -------
    list of SettingImportance
        Within a family the most important first; its shares sum to 1.

    References
    ----------
    Hutter, F., Hoos, H. and Leyton-Brown, K. (2014). An efficient approach for assessing hyperparameter importance.
    ICML 31.

    Examples
    --------
    >>> trials = [("linear", {"strength": x / 40, "other": x % 2}, x / 40) for x in range(40)]
    >>> found = importance_of_settings(trials)
    >>> found[0].setting, found[0].share > 0.9
    ('strength', True)
    """
    found = []
    for learner in dict.fromkeys(name for name, _params, _auc in trials):
        own = [(params, auc) for name, params, auc in trials if name == learner and params and auc is not None]
        if len(own) >= FEWEST_TRIALS:
            places = np.unique(np.linspace(0, len(own) - 1, min(MOST_TRIALS, len(own))).astype(int))
            found += _of_family(learner, [own[place] for place in places], seed)
    return found


def _of_family(learner: str, trials: Sequence[tuple[Mapping[str, Any], float]], seed: int) -> list[SettingImportance]:
    import optuna
    from optuna.importance import FanovaImportanceEvaluator

    names = set.intersection(*(set(params) for params, _auc in trials))
    ranges = {name: _range_of([params[name] for params, _auc in trials]) for name in sorted(names)}
    varied = {name: found for name, found in ranges.items() if found is not None}
    if not varied or np.ptp([auc for _params, auc in trials]) == 0:
        return []
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        study = optuna.create_study(direction="maximize")
        study.add_trials(
            [
                optuna.trial.create_trial(
                    params={name: _plain(params[name], varied[name]) for name in varied},
                    distributions=varied, value=float(auc),
                )
                for params, auc in trials
            ]
        )  # fmt: skip
        shares = FanovaImportanceEvaluator(n_trees=TREES, seed=seed).evaluate(study)
    finally:
        optuna.logging.set_verbosity(verbosity)
    total = sum(shares.values()) or 1.0
    ordered = sorted(shares.items(), key=lambda each: -each[1])
    return [SettingImportance(learner, name, float(share / total), len(trials)) for name, share in ordered]


def _range_of(values: Sequence[Any]) -> Any:
    """Return the range that was tried as a distribution; nothing where there was one value only."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in values):
        options = list(dict.fromkeys(str(value) for value in values))
        return CategoricalDistribution(options) if 1 < len(options) <= MOST_OPTIONS else None
    low, high = float(min(values)), float(max(values))
    if low == high:
        return None
    return FloatDistribution(low, high, log=low > 0 and high / low > 100)


def _plain(value: Any, found: Any) -> Any:
    return str(value) if hasattr(found, "choices") else float(value)
