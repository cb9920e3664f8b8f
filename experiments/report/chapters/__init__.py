"""The chapters of the validation report, in the order in which banks file them."""

from collections.abc import Callable, Sequence

from experiments.errors import gettext_noop as _
from experiments.report.chapters import data, holding, measures, model, question, reasons, swapped, use
from experiments.report.content import Block
from experiments.report.on_file import Report

Write = Callable[[Report], Sequence[Block]]

# Name, title, and what writes it. Each gives something: what cannot be had says why.
CHAPTERS: tuple[tuple[str, str, Write], ...] = (
    ("purpose", _("Purpose and limits of use"), question.purpose),
    ("sample", _("Sample and definitions"), question.sample),
    ("lineage", _("Data and lineage"), data.lineage),
    ("dictionary", _("Data dictionary"), data.dictionary),
    ("screening", _("Screening of columns"), data.screening),
    ("form", _("Model form and settings"), model.form),
    ("performance", _("Performance on all samples"), measures.performance),
    ("stability", _("Stability"), holding.stability),
    ("calibration", _("Calibration"), holding.calibration),
    ("fairness", _("Fairness"), holding.fairness),
    ("explanation", _("Explanation and reasons"), reasons.explanation),
    ("strategy", _("Strategy"), use.strategy),
    ("swap_set", _("Swap set against the champion"), swapped.swap_set),
    ("sensitivity", _("Sensitivity"), holding.sensitivity),
    ("limitations", _("Limitations"), use.limitations),
    ("monitoring", _("Monitoring plan"), use.monitoring),
    ("reproducibility", _("Reproducibility"), model.reproducibility),
    ("sign_offs", _("Sign-offs"), use.sign_offs),
)
