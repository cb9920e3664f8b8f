"""The engine as an estimator: fit, predict_proba, predict and explain on tables in memory, as scikit-learn has them."""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags, check_array, column_or_1d
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import (
    _check_sample_weight,
    assert_all_finite,
    check_consistent_length,
    check_is_fitted,
    validate_data,
)

from experiments.artifact.manifest import attach, read_attached, refuse_other_folder
from experiments.artifact.model import ModelArtifact
from experiments.data.target import plain_word, value_text
from experiments.errors import BadInput
from experiments.experiment import ExperimentResult, run_experiment
from experiments.ingest.table import as_frame
from experiments.paths import AnyPath
from experiments.progress import OnProgress, ignore
from experiments.search.replay import STORY
from experiments.spec import LEARNERS, ExperimentSpec, SearchBudget, TargetKind

__all__ = ["ExplainedRows", "XiaoyuClassifier"]

# Beside a model: what tells its classes and the columns of its table from those of another estimator.
CLASSIFIER = "classifier.json"
LABELS: dict[str, Callable[[Any], Any]] = {"b": bool, "i": int, "u": int, "f": float, "U": str, "S": str, "O": str}
METRICS = ("auc", "ks", "log_loss")

# For programmers, as all of scikit-learn's own sentences are: these are not translated.
ONE_CLASS = "The target has one class, %(value)s. A classifier needs two classes to tell apart."
MANY_CLASSES = "Only binary classification is supported. The type of the target is multiclass, with %(count)s classes."
NO_CLASS = "The event %(event)s is not a class of the target. Its classes are %(values)s."


@dataclass(frozen=True)
class ExplainedRows:
    """What led to the scores of some rows, in the rows' order.

    Attributes
    ----------
    scores : probability of the event, score, band and sentences ``reason_1`` …, the most important first; the id, too,
        where the model has one.
    contributions : each column's part of a row's margin, shape (rows, columns), in ``unit``; it adds up with ``base``.
    base : margin of a row of which nothing is known, shape (rows,).
    unit : ``log-odds`` or ``probability``.

    Examples
    --------
    >>> told = ExplainedRows(pd.DataFrame({"probability": [0.5]}), pd.DataFrame({"age": [0.3]}), np.array([-0.3]))
    >>> (told.contributions.sum(axis=1) + told.base).tolist()
    [0.0]
    """

    scores: pd.DataFrame
    contributions: pd.DataFrame
    base: np.ndarray
    unit: str = "log-odds"


class XiaoyuClassifier(ClassifierMixin, BaseEstimator):
    """Search, choose and calibrate a model for a question with two answers; the same run as the platform's.

    Parameters
    ----------
    kind : what is asked: ``default``, ``response``, ``conversion`` or ``attrition``; it decides ranking and language.
    budget : seconds of wall clock for the whole of ``fit``, or a ``SearchBudget``; with ``SearchBudget(None, 20)``
        trials are counted in place of seconds, and the same data give the same model to the last bit.
    event : the class that counts as the event; the rarer one when ``None``.
    id_column, time_column, group_column : columns of X that tell customers apart, date rows (the newest months are held
        out) and keep rows together; none of them is a feature.
    learners : names of the families that are tried; all when ``None``.
    single : keep the recommended single model, even where an ensemble is more accurate.
    options : further fields of ``ExperimentSpec``, such as ``{"monotone": {"income": -1}}``.
    random_state : seed of folds and of every other draw.
    work_dir : folder in which the run keeps its trials, so that the next fit of the same question goes on from them; a
        temporary one when ``None``.
    on_progress : told what happens about twice a second; may raise ``Cancelled`` or ``FinishNow``.

    Attributes
    ----------
    classes_ : the two classes, in the order of the columns of ``predict_proba``.
    event_ : the class that counts as the event.
    n_features_in_, feature_names_in_ : of X in ``fit``; names only where X had some.
    model_ : the fitted ``ModelArtifact``.

    Examples
    --------
    >>> from sklearn.base import clone
    >>> classifier = XiaoyuClassifier(kind="response", budget=30)
    >>> clone(classifier).get_params()["budget"]
    30
    """

    def __init__(
        self,
        kind: TargetKind = "default",
        budget: float | SearchBudget = 60.0,
        *,
        event: Any = None,
        id_column: str | None = None,
        time_column: str | None = None,
        group_column: str | None = None,
        learners: Sequence[str] | None = None,
        single: bool = False,
        options: Mapping[str, Any] | None = None,
        random_state: int = 1,
        work_dir: AnyPath | None = None,
        on_progress: OnProgress | None = None,
    ) -> None:
        self.kind = kind
        self.budget = budget
        self.event = event
        self.id_column = id_column
        self.time_column = time_column
        self.group_column = group_column
        self.learners = learners
        self.single = single
        self.options = options
        self.random_state = random_state
        self.work_dir = work_dir
        self.on_progress = on_progress

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.allow_nan = tags.input_tags.string = tags.input_tags.categorical = True
        # Under the clock another machine, or a busier hour, tries other settings.
        tags.non_deterministic = self._budget.trials is None
        return tags

    def fit(self, X: Any, y: Any, *, sample_weight: Any = None) -> Self:
        """Search for a model of ``y`` and keep it.

        Parameters
        ----------
        X : frame of pandas or Polars, or array, of shape (rows, columns), of numbers, words, dates and empty cells.
        y : one label a row, of two classes of any type.
        sample_weight : weight of each row, at least 0; all alike when ``None``. A row of weight 0 is left out.

        Raises
        ------
        ValueError : the table cannot answer the question; the sentence says why.
        """
        frame = self._frame(X, is_new=True)
        labels = _labels(y, estimator=self)
        check_consistent_length(frame, labels)
        weight = None
        if sample_weight is not None:
            weight = _check_sample_weight(sample_weight, frame, ensure_non_negative=True)
            frame, labels, weight = frame[weight > 0], labels[weight > 0], weight[weight > 0]
        self.classes_ = _two_classes(labels)
        target = _free_name(getattr(y, "name", None) or "target", frame)
        spoken = _spoken(self.classes_)
        table = frame.assign(**{target: _said(labels, self.classes_, spoken)})
        spec = self._spec(target, spoken)
        if weight is not None:
            name = _free_name("sample_weight", table)
            table, spec = table.assign(**{name: weight}), _weighted(spec, name)
        with _sentences_as_value_errors(), self._place() as place:
            result = run_experiment(spec, table, work_dir=place, on_progress=self.on_progress or ignore)
            self._keep(_taken(result, single=self.single), spoken)
        return self

    def predict_proba(self, X: Any) -> npt.NDArray[np.float64]:
        """Return the calibrated probability of each class, shape (rows, 2), in the order of ``classes_``."""
        check_is_fitted(self)
        with _sentences_as_value_errors():
            p = self.model_.predict(self._frame(X))
        return np.column_stack([p, 1 - p] if self.event_ == self.classes_[0] else [1 - p, p])

    def predict(self, X: Any) -> np.ndarray:
        """Return the likelier class of each row, shape (rows,).

        Where the event is rare nobody's probability reaches 0.5; rank by ``predict_proba`` to choose whom to contact.
        """
        likelier = np.argmax(self.predict_proba(X), axis=1)
        return self.classes_[likelier]

    def explain(self, X: Any, *, reasons: int = 4, language: str = "en") -> ExplainedRows:
        """Return scores with reasons in words, and each column's contribution (Shapley values; Lundberg et al., 2020).

        Parameters
        ----------
        X : rows as in ``fit``. reasons : how many sentences a row gets at most.
        language : of the sentences, ``en`` or ``zh``.
        """
        check_is_fitted(self)
        with _sentences_as_value_errors():
            frame = self._frame(X)
            scored = self.model_.score(frame, reasons=reasons, language=language).frame
            phi, base = self.model_.own_contributions(frame)
        contributions = pd.DataFrame(phi, columns=self.model_.own_columns, index=scored.index)
        return ExplainedRows(scored, contributions, base, self.model_.margin_unit)

    @property
    def leaderboard_(self) -> pd.DataFrame:
        """The finalists, best first: whether recommended or a tie with it, and AUC, KS and log loss in validation."""
        check_is_fitted(self)
        story = json.loads(self._folder.get(STORY, b'{"finalists": []}'))
        return pd.DataFrame([_row(finalist) for finalist in story["finalists"]])

    def save(self, folder: AnyPath) -> str:
        """Write the model's folder, of open formats only, and return its hash; what it replaces must be a model.

        Raises
        ------
        ArtifactError : the folder holds something else, which is left as it is.
        """
        check_is_fitted(self)
        place = Path(folder)
        refuse_other_folder(place)
        draft = place.with_name(f".{place.name}.draft")
        shutil.rmtree(draft, ignore_errors=True)
        _write(self._folder, draft)
        shutil.rmtree(place, ignore_errors=True)
        draft.replace(place)
        return self.model_.hash

    @classmethod
    def load(cls, folder: AnyPath) -> Self:
        """Return a fitted classifier from a model's folder, whoever made it: ``save``, a run or the command line.

        Of a model that another door made the classes are ``False`` and ``True``, which is the event.

        Raises
        ------
        ArtifactError : the folder is no model, incomplete or altered.
        """
        model = ModelArtifact.load(folder)
        told = read_attached(folder, CLASSIFIER)
        spec = ExperimentSpec.from_dict(model.facts["spec"])
        found = cls(
            spec.kind, spec.budget, id_column=spec.id_column, time_column=spec.time_column,
            group_column=spec.group_column, learners=spec.learners, random_state=spec.seed,
        )  # fmt: skip
        found.classes_ = _read_classes(told)
        found.n_features_in_ = told.get("features", len(model.own_columns))
        names = told.get("names", model.own_columns)
        if names is not None:
            found.feature_names_in_ = np.asarray(names, dtype=object)
        found._take(model, _read(Path(folder)), told.get("event", 1))
        return found

    @property
    def _budget(self) -> SearchBudget:
        return self.budget if isinstance(self.budget, SearchBudget) else SearchBudget(float(self.budget))

    def _spec(self, target: str, spoken: list[str]) -> ExperimentSpec:
        event = ""
        if self.event is not None:
            if self.event not in self.classes_.tolist():
                values = ", ".join(map(str, self.classes_.tolist()))
                raise ValueError(NO_CLASS % {"event": self.event, "values": values})
            event = spoken[self.classes_.tolist().index(self.event)]
        return ExperimentSpec(
            target, event, self.kind, id_column=self.id_column, time_column=self.time_column,
            group_column=self.group_column, budget=self._budget, seed=self.random_state,
            **{"learners": tuple(self.learners or LEARNERS), **(self.options or {})},
        )  # fmt: skip

    @contextmanager
    def _place(self) -> Iterator[Path]:
        if self.work_dir is not None:
            yield Path(self.work_dir)
            return
        with tempfile.TemporaryDirectory(prefix="xiaoyu-") as folder:
            yield Path(folder)

    def _keep(self, folder: Path, spoken: list[str]) -> None:
        """Take the model over from the run's folder, with what only this door knows beside it."""
        model = ModelArtifact.load(folder)
        event = spoken.index(model.facts["event"])
        names = getattr(self, "feature_names_in_", None)
        told = {
            "classes": self.classes_.tolist(), "type": self.classes_.dtype.kind, "event": event,
            "features": self.n_features_in_, "names": None if names is None else names.tolist(),
        }  # fmt: skip
        attach(folder, {CLASSIFIER: json.dumps(told, ensure_ascii=False)})
        self._take(model, _read(folder), event)

    def _take(self, model: ModelArtifact, folder: dict[str, bytes], event: int) -> None:
        self.model_, self._folder, self.event_ = model, folder, self.classes_[event]

    def _frame(self, X: Any, *, is_new: bool = False) -> pd.DataFrame:
        """Return X as the engine reads it, once its columns are those of ``fit``."""
        validate_data(self, X, reset=is_new, skip_check_array=True)
        frame = _as_frame(X, fewest=2 if is_new else 1, estimator=self)
        if is_new:
            self.n_features_in_ = frame.shape[1]
        return frame

    def __getstate__(self) -> dict[str, Any]:
        # In memory, and between processes: the model travels as the files of its folder.
        return {name: value for name, value in super().__getstate__().items() if name != "model_"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if "_folder" in state:
            with tempfile.TemporaryDirectory(prefix="xiaoyu-") as place:
                _write(self._folder, Path(place) / "model")
                self.model_ = ModelArtifact.load(Path(place) / "model")


@contextmanager
def _sentences_as_value_errors() -> Iterator[None]:
    try:
        yield
    except BadInput as error:
        raise ValueError(str(error)) from error


def _as_frame(X: Any, *, fewest: int, estimator: BaseEstimator) -> pd.DataFrame:
    if hasattr(X, "to_arrow"):
        X = as_frame(X.to_arrow())
    if isinstance(X, pd.DataFrame):
        if X.shape[1] == 0 or len(X) < fewest:
            # Of an empty table scikit-learn has its own sentences.
            check_array(np.empty(X.shape), ensure_min_samples=fewest, estimator=estimator)
        names = [str(name) for name in X.columns]
        frame = X.set_axis(names if len(set(names)) == len(names) else _numbered(len(names)), axis=1)
        return frame.reset_index(drop=True)
    values = check_array(
        X, dtype=None, ensure_all_finite="allow-nan", ensure_min_samples=fewest, input_name="X", estimator=estimator
    )
    return pd.DataFrame(values, columns=_numbered(values.shape[1])).infer_objects()


def _numbered(columns: int) -> list[str]:
    return [f"x{number}" for number in range(columns)]


def _labels(y: Any, *, estimator: BaseEstimator) -> np.ndarray:
    if y is None:
        raise ValueError(f"{type(estimator).__name__} requires y to be passed, but the target y is None.")
    labels = column_or_1d(y.to_numpy() if hasattr(y, "to_numpy") else y, warn=True)
    if labels.dtype.kind == "f":
        assert_all_finite(labels, input_name="y")
    elif pd.isna(labels).any():
        raise ValueError("Input y contains NaN.")
    check_classification_targets(labels)
    if type_of_target(labels, input_name="y") == "multiclass" and len(np.unique(labels)) > 2:
        raise ValueError(MANY_CLASSES % {"count": len(np.unique(labels))})
    return labels


def _two_classes(labels: np.ndarray) -> np.ndarray:
    classes = np.unique(labels)
    if len(classes) < 2:
        raise ValueError(ONE_CLASS % {"value": ", ".join(map(str, classes.tolist()))})
    return classes


def _spoken(classes: np.ndarray) -> list[str]:
    """Return the classes in words that the engine tells apart: their own, unless it would read two as one."""
    words = [str(word) for word in value_text(pd.Series(classes.tolist(), dtype=object))]
    return words if len({plain_word(word) for word in words} - {"", "nan"}) == 2 else ["0", "1"]


def _said(labels: np.ndarray, classes: np.ndarray, spoken: list[str]) -> np.ndarray:
    return np.asarray(spoken, dtype=object)[np.searchsorted(classes, labels)]


def _free_name(wanted: Any, frame: pd.DataFrame) -> str:
    name = str(wanted)
    while name in frame.columns:
        name += "_"
    return name


def _weighted(spec: ExperimentSpec, column: str) -> ExperimentSpec:
    return ExperimentSpec.from_dict({**spec.to_dict(), "weight_column": column})


def _taken(result: ExperimentResult, *, single: bool) -> Path:
    """Return the folder of the model that is kept: the most accurate one that was saved."""
    saved = {row.candidate: row.model_dir for row in result.finalists if row.model_dir is not None}
    wanted = result.recommended if single else result.most_accurate
    return saved.get(wanted, saved[result.recommended])


def _row(finalist: dict[str, Any]) -> dict[str, Any]:
    validation = finalist["metrics"]["validation"]
    names = ("candidate", "rank", "is_recommended", "is_tie")
    return {name: finalist[name] for name in names} | {
        name: validation[name]["value"] for name in METRICS if name in validation
    }


def _read_classes(told: Mapping[str, Any]) -> np.ndarray:
    if not told:
        return np.array([False, True])
    found = np.array([LABELS[told["type"]](label) for label in told["classes"]])
    return found.astype(object) if told["type"] == "O" else found


def _read(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def _write(files: Mapping[str, bytes], folder: Path) -> None:
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
