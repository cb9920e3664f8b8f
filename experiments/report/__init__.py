"""The validation report of a model as one HTML file that needs nothing else."""

from collections.abc import Sequence
from pathlib import Path

from experiments.paths import AnyPath

__all__ = ["render_report"]


def render_report(model_dir: AnyPath, language: str = "en", *, sample: Sequence[str] = ()) -> str:
    """Return the report on a saved model, in English ("en") or Chinese ("zh").

    Parameters
    ----------
    model_dir : the saved model's folder. language : of the report.
    sample : sentences in that language that say which customers were chosen to learn from; none where all were.

    Returns
    -------
    str
        One HTML page, complete in itself.

    Raises
    ------
    ArtifactError : the folder holds no model, or one whose evidence is missing.

    Examples
    --------
    >>> render_report(model_folder).startswith("<!doctype html>")
    True
    """
    model_dir = Path(model_dir)
    from experiments.report.page import render

    return render(Path(model_dir), language, sample)
