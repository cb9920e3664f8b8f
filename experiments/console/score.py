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
from experiments.console.voice import Voice

BAD_REASONS = gettext_noop("The number of reasons must be 0 or more.")
SCORED = gettext_noop(
    "%(count)s rows scored; bands %(bands)s; PSI against the development sample %(psi)s; normal variation reaches "
    "%(limit)s."
)
FOUND_IN = gettext_noop("%(found)s: %(columns)s.")
FOUND = gettext_noop("%(found)s.")
WITH_A_WORD = gettext_noop("%(column)s (%(word)s)")
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
    voice = Voice(options.language)
    bands = voice.listed([f"{band['band']} {band['share']:.0%}" for band in summary.bands])
    shift, chance = apart(summary.psi["value"], summary.psi["limit"])
    print_line(voice.say(SCORED, count=summary.rows, bands=bands, psi=shift, limit=chance))
    for finding in scoring_findings(summary.to_dict()):
        print_line(told(finding, voice))
    return 0


def told(finding: "Finding", voice: Voice) -> str:
    """Return one finding of a scoring as a line: what was found, in which columns, and how it was handled."""
    columns = [
        voice.say(WITH_A_WORD, column=name, word=voice.tell(word)) if word else name
        for name, word in finding.details[:COLUMNS_TOLD]
    ]
    more = [f"+{len(finding.details) - COLUMNS_TOLD}"] if len(finding.details) > COLUMNS_TOLD else []
    text = voice.tell(finding.sentence).rstrip(".。")
    if columns:
        text = voice.say(FOUND_IN, found=text, columns=voice.listed([*columns, *more]))
    else:
        text = voice.say(FOUND, found=text)
    mark = "! " if finding.tone == "warn" else ""
    return mark + voice.in_turn(text, *([voice.tell(finding.consequence)] if finding.consequence else []))
