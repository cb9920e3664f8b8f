"""One other AutoML system on one table, in an environment where it is installed: see ``accuracy.py``.

python peer.py SYSTEM TRAIN.csv TEST.csv TARGET SECONDS SCORES.csv
"""

import sys
import tempfile
from typing import Any

import pandas as pd


def flaml(train: Any, test: Any, target: str, seconds: int) -> Any:
    """FLAML with its defaults for a binary question."""
    from flaml import AutoML

    automl = AutoML()
    automl.fit(dataframe=train, label=target, task="classification", metric="roc_auc", time_budget=seconds, verbose=0)
    return automl.predict_proba(test)[:, 1]


def autogluon(train: Any, test: Any, target: str, seconds: int, presets: str = "medium_quality") -> Any:
    """AutoGluon's tabular predictor."""
    from autogluon.tabular import TabularPredictor

    predictor = TabularPredictor(label=target, eval_metric="roc_auc", path=tempfile.mkdtemp(), verbosity=0)
    predictor.fit(train, time_limit=seconds, presets=presets, num_cpus=2)
    return predictor.predict_proba(test)[1]


def autogluon_best(train: Any, test: Any, target: str, seconds: int) -> Any:
    """AutoGluon with the presets that it recommends for accuracy."""
    return autogluon(train, test, target, seconds, "best_quality")


def lightgbm(train: Any, test: Any, target: str, _seconds: int) -> Any:
    """LightGBM with its defaults and early stopping, which every AutoML must beat."""
    import lightgbm as lgb
    from sklearn.model_selection import train_test_split

    for name in test.select_dtypes(exclude="number"):
        levels = train[name].astype("category").cat.categories
        train[name], test[name] = (pd.Categorical(part[name], categories=levels) for part in (train, test))
    fit, stop = train_test_split(train, test_size=0.15, stratify=train[target], random_state=1)
    model = lgb.LGBMClassifier(n_estimators=3000, learning_rate=0.05, n_jobs=2, verbose=-1)
    evaluation = [(stop.drop(columns=[target]), stop[target])]
    patience = lgb.early_stopping(50, verbose=False)
    model.fit(fit.drop(columns=[target]), fit[target], eval_set=evaluation, eval_metric="auc", callbacks=[patience])
    return model.predict_proba(test)[:, 1]


def mljar(train: Any, test: Any, target: str, seconds: int) -> Any:
    """Mljar-supervised in the mode it calls Compete."""
    from supervised.automl import AutoML

    automl = AutoML(
        mode="Compete", total_time_limit=seconds, eval_metric="auc", n_jobs=2, results_path=tempfile.mkdtemp()
    )
    automl.fit(train.drop(columns=[target]), train[target])
    return automl.predict_proba(test)[:, 1]


def lightautoml(train: Any, test: Any, target: str, seconds: int) -> Any:
    """LightAutoML's tabular preset."""
    from lightautoml.automl.presets.tabular_presets import TabularAutoML
    from lightautoml.tasks import Task

    automl = TabularAutoML(task=Task("binary"), timeout=seconds, cpu_limit=2)
    automl.fit_predict(train, roles={"target": target}, verbose=0)
    return automl.predict(test).data[:, 0]


SYSTEMS = {system.__name__: system for system in (flaml, autogluon, autogluon_best, lightgbm, mljar, lightautoml)}


def main() -> None:
    """Fit, score the test rows and write their probabilities."""
    name, train, test, target, seconds, out = sys.argv[1:]
    rows = pd.read_csv(test, low_memory=False).drop(columns=[target])
    probability = SYSTEMS[name](pd.read_csv(train, low_memory=False), rows, target, int(seconds))
    pd.DataFrame({"probability": probability}).to_csv(out, index=False)


if __name__ == "__main__":
    main()
