"""score: scores the rows of a file."""

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.errors import BadInput, gettext_noop
from experiments.telling import apart

if TYPE_CHECKING:
    from experiments.scoring.findings import Finding
from experiments.console.options import reading_options, require_file, require_outside
from experiments.console.screen import print_line

BAD_REASONS = gettext_noop("The number of reasons must be 0 or more.")
COLUMNS_TOLD = 10


def score(options: Namespace, started: float) -> int:
    """Score a file."""
    from experiments.scoring.batch import score_file
    from experiments.scoring.findings import scoring_findings
    from experiments.scoring.formats import format_of

    require_file(options.rows)
    if options.reasons < 0:
        raise BadInput(BAD_REASONS)
    require_outside(options.model, options.out)
    out = Path(options.out)
    summary = score_file(
        Path(options.model), Path(options.rows), outputs={format_of(out): out},
        reasons=options.reasons, language=options.language, encoding="utf-8", reading=reading_options(options),
    )  # fmt: skip
    bands = ", ".join(f"{band['band']} {band['share']:.0%}" for band in summary.bands)
    shift, chance = apart(summary.psi["value"], summary.psi["limit"])
    moved = f"PSI against development {shift}; normal variation reaches {chance}"
    print_line(f"{summary.rows:,} rows scored; bands {bands}; {moved}.")
    for finding in scoring_findings(summary.to_dict()):
        print_line(told(finding))
    return 0


def told(finding: "Finding") -> str:
    """Return one finding of a scoring as a line: what was found, in which columns, and how it was handled."""
    words = [f"{name} ({word})" if word else name for name, word in finding.details[:COLUMNS_TOLD]]
    more = [f"+{len(finding.details) - COLUMNS_TOLD}"] if len(finding.details) > COLUMNS_TOLD else []
    text = ": ".join([str(finding.sentence).rstrip("."), *([", ".join([*words, *more])] if words else [])])
    mark = "! " if finding.tone == "warn" else ""
    return f"{mark}{text}." + (f" {finding.consequence}" if finding.consequence else "")
