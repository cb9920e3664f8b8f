"""The validation report of a model as one HTML file that needs nothing else."""

from pathlib import Path


def render_report(model_dir: Path, language: str = "en") -> str:
    """Return the report on a saved model, in English ("en") or Chinese ("zh").

    Raises
    ------
    ArtifactError : the folder holds no model, or one whose evidence is missing.
    """
    from experiments.report.page import render

    return render(Path(model_dir), language)
