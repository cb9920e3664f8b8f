"""The commands by name."""

from argparse import Namespace
from collections.abc import Callable

from experiments.console.card import card
from experiments.console.compare import compare
from experiments.console.explain import explain
from experiments.console.export import export
from experiments.console.fit import fit
from experiments.console.report import report
from experiments.console.score import score
from experiments.console.sql import sql

COMMANDS: dict[str, Callable[[Namespace, float], int]] = {
    "fit": fit,
    "score": score,
    "compare": compare,
    "explain": explain,
    "report": report,
    "sql": sql,
    "card": card,
    "export": export,
}
