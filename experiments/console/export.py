"""export: writes a model in another format, once what was written scores as the model does."""

from argparse import Namespace

from experiments.console.options import require_outside
from experiments.console.screen import print_line
from experiments.console.voice import Voice
from experiments.errors import gettext_noop

EXPORTED = gettext_noop(
    "Exported to %(path)s. %(rows)s rows were scored by both, %(edges)s of them on an edge of the model; no two "
    "probabilities are further apart than %(furthest)s (allowed: %(tolerance)s)."
)


def export(options: Namespace, started: float) -> int:
    """Export a model."""
    from experiments.exports.making import export_model

    require_outside(options.model, options.out)
    made = export_model(options.model, options.out, form=options.format, dialect=options.dialect)
    proof = made.proof
    print_line(
        Voice(options.language).say(
            EXPORTED, path=made.path, rows=proof.rows, edges=proof.edges, furthest=f"{proof.furthest:.1g}",
            tolerance=f"{proof.tolerance:.0e}",
        )
    )  # fmt: skip
    return 0
