"""report: writes the validation report."""

from argparse import Namespace
from pathlib import Path

from experiments.console.options import require_outside
from experiments.console.screen import print_line


def report(options: Namespace, started: float) -> int:
    """Write the report."""
    from experiments.report import render_report

    require_outside(options.model, options.out)
    Path(options.out).write_text(render_report(Path(options.model), language=options.language), encoding="utf-8")
    print_line(f"Report written to {options.out}.")
    return 0
