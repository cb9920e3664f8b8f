"""LightGBM's text models scored through the library's C interface, the only place that knows it.

The Python package of LightGBM brings scikit-learn and SciPy with it, a second or more before the first score; a model
that only scores needs neither. The numbers are those of ``lightgbm.Booster.predict``, to the last bit.
"""

import ctypes
import sys
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from experiments.explanation.tree_paths import PathTrees, can_compile
from experiments.learners.column_trees import ColumnTrees

# From here on it pays to score many rows at once, and to wait for the compiler that explains them; a run, which never
# explains as many, need not wait.
ROWS_TO_SCORE_AT_ONCE = 4_096
ROWS_TO_EXPLAIN_AT_ONCE = 640
# Who explains so many rows one by one will explain more.
ROWS_ONE_BY_ONE = 20
_RAW_SCORE, _CONTRIBUTIONS = 1, 3
_TYPE_CODES = {np.dtype(np.float32): 0, np.dtype(np.float64): 1}
_SETTINGS = b"verbosity=-1"
_LIBRARY_NAMES = {"win32": "lib_lightgbm.dll", "darwin": "lib_lightgbm.dylib"}


class LightGBMScorer:
    """The trees of one LightGBM model with one output, ready to score and to explain.

    Parameters
    ----------
    text : the model as ``Booster.model_to_string`` writes it.

    Raises
    ------
    ValueError : the library refuses the text or the matrix; the words are its own.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._handle: ctypes.c_void_p | None = None
        self._one_row: dict[tuple[int, Any], ctypes.c_void_p] = {}
        self._paths: PathTrees | None = None
        self._alone = 0
        self._lock = Lock()

    def __getstate__(self) -> dict[str, Any]:
        # A handle means nothing in another process; the text is everything.
        return {"text": self.text}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["text"])  # type: ignore[misc]

    def __del__(self) -> None:
        # At the interpreter's end modules may be gone, and so is the need to free anything.
        if getattr(self, "_handle", None) is None or sys.is_finalizing():
            return
        for fast in self._one_row.values():
            _library().LGBM_FastConfigFree(fast)
        _library().LGBM_BoosterFree(self._handle)

    def margin(self, matrix: np.ndarray) -> np.ndarray:
        """Return the trees' sum of shape (rows,); a row's number does not depend on the rows beside it."""
        if len(matrix) >= ROWS_TO_SCORE_AT_ONCE and (columns := _columns_of((self.text,))) is not None:
            return columns.margins(matrix)[0]
        return self._predict(matrix, _RAW_SCORE, 1).ravel()

    def contributions(self, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return TreeSHAP values of shape (rows, columns) and their base of shape (rows,).

        The first few rows go through LightGBM itself, many through ``PathTrees``: the same values, many times as fast.
        """
        self._alone += len(matrix) == 1
        is_worth_it = len(matrix) >= ROWS_TO_EXPLAIN_AT_ONCE or self._alone > ROWS_ONE_BY_ONE
        if self._paths is None and is_worth_it and can_compile():
            self._paths = PathTrees.parse(self.text)
        if self._paths is not None:
            return self._paths.contributions(matrix)
        values = self._predict(matrix, _CONTRIBUTIONS, matrix.shape[1] + 1)
        return values[:, :-1], values[:, -1]

    def _predict(self, matrix: np.ndarray, kind: int, width: int) -> np.ndarray:
        rows, columns = matrix.shape
        result = np.empty((rows, width))
        if not rows:
            return result
        if matrix.dtype not in _TYPE_CODES:
            matrix = matrix.astype(np.float64)
        written = ctypes.c_int64(0)
        if rows == 1:
            row = np.ascontiguousarray(matrix)
            fast = self._fast(kind, row.dtype, columns)
            _check(_library().LGBM_BoosterPredictForMatSingleRowFast(
                fast, _address(row), ctypes.byref(written), _address(result)
            ))  # fmt: skip
            return result
        if not (matrix.flags.f_contiguous or matrix.flags.c_contiguous):
            matrix = np.ascontiguousarray(matrix)
        _check(_library().LGBM_BoosterPredictForMat(
            self._booster(), _address(matrix), _TYPE_CODES[matrix.dtype], ctypes.c_int32(rows),
            ctypes.c_int32(columns), int(matrix.flags.c_contiguous), kind, 0, -1, _SETTINGS, ctypes.byref(written),
            _address(result),
        ))  # fmt: skip
        return result

    def _booster(self) -> ctypes.c_void_p:
        with self._lock:
            if self._handle is None:
                handle, rounds = ctypes.c_void_p(), ctypes.c_int(0)
                _check(
                    _library().LGBM_BoosterLoadModelFromString(
                        self.text.encode(), ctypes.byref(rounds), ctypes.byref(handle)
                    )
                )
                self._handle = handle
            return self._handle

    def _fast(self, kind: int, dtype: Any, columns: int) -> ctypes.c_void_p:
        """Return the library's prepared call for one row, made once for each kind of output."""
        booster, key = self._booster(), (kind, dtype)
        with self._lock:
            if key not in self._one_row:
                fast = ctypes.c_void_p()
                _check(_library().LGBM_BoosterPredictForMatSingleRowFastInit(
                    booster, kind, 0, -1, _TYPE_CODES[dtype], ctypes.c_int32(columns), _SETTINGS, ctypes.byref(fast)
                ))  # fmt: skip
                self._one_row[key] = fast
            return self._one_row[key]


def margins(scorers: Sequence[LightGBMScorer], matrix: np.ndarray) -> list[np.ndarray]:
    """Return the sum of each scorer's trees, shape (rows,); a long table is cut once for all of them."""
    if len(matrix) >= ROWS_TO_SCORE_AT_ONCE:
        columns = _columns_of(tuple(scorer.text for scorer in scorers))
        if columns is not None:
            return columns.margins(matrix)
    return [scorer.margin(matrix) for scorer in scorers]


@lru_cache(maxsize=4)
def _columns_of(texts: tuple[str, ...]) -> ColumnTrees | None:
    return ColumnTrees.parse(texts)


def _address(values: np.ndarray) -> ctypes.c_void_p:
    return ctypes.c_void_p(values.ctypes.data)


def _check(code: int) -> None:
    if code:
        raise ValueError(_library().LGBM_GetLastError().decode(errors="replace"))


@cache
def _library() -> Any:
    spec = find_spec("lightgbm")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("No module named 'lightgbm'", name="lightgbm")
    name = _LIBRARY_NAMES.get(sys.platform, "lib_lightgbm.so")
    folder = Path(spec.submodule_search_locations[0])
    path = next((folder / part / name for part in ("lib", "bin") if (folder / part / name).is_file()), folder / name)
    try:
        library = ctypes.CDLL(str(path))
    except OSError:
        # Where the machine lacks an OpenMP library, the package finds the one that scikit-learn brings.
        import lightgbm  # noqa: F401

        library = ctypes.CDLL(str(path))
    library.LGBM_GetLastError.restype = ctypes.c_char_p
    return library
