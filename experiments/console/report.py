"""report: writes the validation report."""

from argparse import Namespace
from pathlib import Path

from experiments.console.options import require_outside
from experiments.console.screen import print_line


def report(options: Namespace, started: float) -> int:
    """Write the report."""
    from experiments.report import make_report

    require_outside(options.model, options.out)
    Path(options.out).write_bytes(make_report(Path(options.model), options.format, language=options.language))
    print_line(f"Report written to {options.out}.")
    return 0
