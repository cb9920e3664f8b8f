"""The chapters of the validation report, in the order in which banks file them."""

from collections.abc import Callable, Sequence
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING

from experiments.errors import gettext_noop as _

if TYPE_CHECKING:
    from experiments.report.content import Block
    from experiments.report.on_file import Report


class Writer:
    """What writes a chapter: a function of a file here, which is imported with it; names and titles need none."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __call__(self, report: "Report") -> "Sequence[Block]":
        return self.function(report)

    @cached_property
    def function(self) -> "Callable[[Report], Sequence[Block]]":
        """The function itself."""
        module, _dot, name = self.path.rpartition(".")
        found: Callable[[Report], Sequence[Block]] = getattr(import_module(f"{__name__}.{module}"), name)
        return found


# Name, title, and what writes it. Each gives something: what cannot be had says why.
CHAPTERS: tuple[tuple[str, str, Writer], ...] = (
    ("purpose", _("Purpose and limits of use"), Writer("question.purpose")),
    ("sample", _("Sample and definitions"), Writer("question.sample")),
    ("lineage", _("Data and lineage"), Writer("data.lineage")),
    ("dictionary", _("Data dictionary"), Writer("data.dictionary")),
    ("screening", _("Screening of columns"), Writer("data.screening")),
    ("form", _("Model form and settings"), Writer("model.form")),
    ("performance", _("Performance on all samples"), Writer("measures.performance")),
    ("stability", _("Stability"), Writer("holding.stability")),
    ("calibration", _("Calibration"), Writer("holding.calibration")),
    ("fairness", _("Fairness"), Writer("holding.fairness")),
    ("explanation", _("Explanation and reasons"), Writer("reasons.explanation")),
    ("strategy", _("Strategy"), Writer("use.strategy")),
    ("swap_set", _("Swap set against the champion"), Writer("swapped.swap_set")),
    ("sensitivity", _("Sensitivity"), Writer("holding.sensitivity")),
    ("limitations", _("Limitations"), Writer("use.limitations")),
    ("monitoring", _("Monitoring plan"), Writer("use.monitoring")),
    ("reproducibility", _("Reproducibility"), Writer("model.reproducibility")),
    ("sign_offs", _("Sign-offs"), Writer("use.sign_offs")),
)
