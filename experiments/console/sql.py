"""sql: prints a scorecard as SQL."""

from argparse import Namespace
from pathlib import Path

from experiments.console.screen import print_line


def sql(options: Namespace, started: float) -> int:
    """Print a scorecard as SQL."""
    from experiments.scoring.sql import model_sql

    print_line(
        model_sql(Path(options.model), options.table, dialect=options.dialect, has_typed_numbers=options.typed_numbers)
    )
    return 0
