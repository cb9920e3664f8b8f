"""Each column's exact part of a model's margin; the only place that knows SHAP libraries."""

from typing import Any

import numpy as np
import pandas as pd

from experiments.errors import ArtifactError, gettext_noop
from experiments.explanation.tree_paths import PathTrees, can_compile

__all__ = ["check_sum", "contributions"]

TOLERANCE = 1e-4
MANY_ROWS = 640
NOT_ADDITIVE = gettext_noop("The explanation does not add up to the model's output (off by %(gap)s).")
NO_EXPLANATION = gettext_noop("Models of type %(type)s cannot be explained exactly.")


def contributions(model: Any, matrix: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return ``phi`` of shape (rows, columns) and ``base`` of shape (rows,) in units of the model's margin.

    ``phi.sum(axis=1) + base`` is the margin: log-odds of the event for boosting, linear models and the scorecard; the
    mean vote (a probability) for random forests and extra trees. Exact for all of them: TreeSHAP as built into
    LightGBM, XGBoost and CatBoost, the shap library's TreeSHAP for scikit-learn's trees (Lundberg et al. 2020), and the
    products themselves for sums.

    Parameters
    ----------
    model : anything with ``contributions(matrix)`` of its own, a LightGBM, XGBoost or CatBoost model, a scikit-learn
        forest or a fitted linear classifier (whose base is its intercept).
    matrix : what the model reads, shape (rows, columns).

    Returns
    -------
    tuple
        ``phi`` and ``base``.

    Raises
    ------
    ArtifactError : the model is of another kind.

    References
    ----------
    Lundberg, S. M. et al. (2020). From local explanations to global understanding with explainable AI for
    trees. Nature
    Machine Intelligence 2.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> table = pd.DataFrame({"age": [20.0, 30.0, 40.0, 50.0]})
    >>> model = LogisticRegression().fit(table, [1, 1, 0, 0])
    >>> phi, base = contributions(model, table)
    >>> phi.shape, bool(np.allclose(phi.sum(axis=1) + base, model.decision_function(table)))
    ((4, 1), True)
    """
    explain = next((explain for is_meant, explain in _EXPLAINERS if is_meant(model)), None)
    if explain is None:
        raise ArtifactError(NO_EXPLANATION, type=type(model).__name__)
    phi, base = explain(model, matrix)
    phi = np.asarray(phi, dtype=np.float64)
    return phi, np.broadcast_to(np.asarray(base, dtype=np.float64), len(phi)).copy()


def lightgbm_contributions(
    booster: Any, matrix: np.ndarray, iterations: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return ``phi`` and ``base`` of a LightGBM booster's raw output, using its first ``iterations`` trees.

    Few rows go through LightGBM itself, many through ``PathTrees``: the same values, thirty times as fast.
    """
    if len(matrix) >= MANY_ROWS and can_compile():
        return PathTrees.parse(booster.model_to_string(num_iteration=iterations)).contributions(matrix)
    values = booster.predict(matrix, pred_contrib=True, num_iteration=iterations)
    return values[:, :-1], values[:, -1]


def check_sum(phi: np.ndarray, base: np.ndarray, *, margin: np.ndarray, tolerance: float = TOLERANCE) -> None:
    """Raise ``ArtifactError`` unless contributions and base add up to the margin of every row.

    The tolerance is relative for margins beyond ±1, since XGBoost explains in single precision.

    Parameters
    ----------
    phi : shape (rows, columns). base, margin : shape (rows,). tolerance : largest gap.

    Raises
    ------
    ArtifactError : they do not add up.

    Examples
    --------
    >>> check_sum(np.array([[0.2, 0.3]]), np.array([0.5]), margin=np.array([1.0]))
    """
    if len(phi) == 0:
        return
    gaps = np.abs(phi.sum(axis=1) + base - margin) / np.maximum(1.0, np.abs(margin))
    if not gaps.max() <= tolerance:
        raise ArtifactError(NOT_ADDITIVE, gap=f"{gaps.max():.2g}")


def _is_from(module: str, *names: str) -> Any:
    # Compared by name, so that a library is not imported only to learn that the model is not its own.
    def is_meant(model: Any) -> bool:
        return any(
            kind.__module__.split(".")[0] == module and (not names or kind.__name__ in names)
            for kind in type(model).__mro__
        )

    return is_meant


def _own(model: Any, matrix: pd.DataFrame) -> tuple[Any, Any]:
    return model.contributions(matrix)


def _lightgbm(model: Any, matrix: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    return lightgbm_contributions(getattr(model, "booster_", model), matrix.to_numpy())


def _xgboost(model: Any, matrix: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    import xgboost

    booster = model.get_booster() if hasattr(model, "get_booster") else model
    data = xgboost.DMatrix(matrix.to_numpy(), feature_names=booster.feature_names)
    values = booster.predict(data, pred_contribs=True)
    return values[:, :-1], values[:, -1]


def _catboost(model: Any, matrix: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    import catboost

    columns = {name: matrix[name] for name in matrix}
    for position in model.get_cat_feature_indices():
        name = matrix.columns[position]
        columns[name] = matrix[name].fillna(-1).astype(np.int64)
    codes = list(model.get_cat_feature_indices())
    values = model.get_feature_importance(catboost.Pool(pd.DataFrame(columns), cat_features=codes), type="ShapValues")
    return values[:, :-1], values[:, -1]


def _forest(model: Any, matrix: pd.DataFrame) -> tuple[np.ndarray, float]:
    # Imported here: scoring must not wait for the shap library, which brings a compiler with it.
    import shap

    explainer = shap.TreeExplainer(model)
    values = np.asarray(explainer.shap_values(matrix.to_numpy(), check_additivity=False))
    return values[:, :, 1], float(np.asarray(explainer.expected_value)[1])


def _linear(model: Any, matrix: pd.DataFrame) -> tuple[np.ndarray, float]:
    return matrix.to_numpy() * model.coef_[0], float(model.intercept_[0])


_EXPLAINERS = (
    (lambda model: hasattr(model, "contributions"), _own),
    (_is_from("lightgbm", "Booster", "LGBMModel"), _lightgbm),
    (_is_from("xgboost", "Booster", "XGBModel"), _xgboost),
    (_is_from("catboost"), _catboost),
    (_is_from("sklearn", "ForestClassifier", "DecisionTreeClassifier"), _forest),
    (_is_from("sklearn", "LinearClassifierMixin"), _linear),
)
