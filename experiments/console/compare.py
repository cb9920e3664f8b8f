"""compare: sets saved models beside each other on the same labelled rows."""

import json
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.console.options import reading_options, require_file, require_outside
from experiments.console.screen import print_line
from experiments.console.voice import Voice
from experiments.errors import gettext_noop
from experiments.telling import minus

if TYPE_CHECKING:
    from experiments.comparison.evidence import Against, ModelsCompared
    from experiments.evaluation.measures import Measure

SHOWN = {"auc": 4, "ks": 4, "lift": 2, "log_loss": 4, "brier": 4, "observed_expected": 2}
LABELLED = gettext_noop("%(rows)s labelled rows, %(events)s events.")
WRITTEN = gettext_noop("Comparison written to %(path)s.")
DIFFERS = gettext_noop("%(measure)s: %(difference)s, from %(low)s to %(high)s; %(verdict)s.")
SWAPPED = gettext_noop(
    "Of the %(share)s chosen, %(count)s customers are swapped: those swapped in have an event rate of "
    "%(rate_in)s, those swapped out %(rate_out)s."
)


def compare(options: Namespace, started: float) -> int:
    """Compare models on the rows of a file."""
    from experiments.comparison.models import compare_models

    require_file(options.rows)
    if options.out:
        for model in options.models:
            require_outside(model, options.out)
    found = compare_models(
        options.models, options.rows, options.target, event=options.event, share=options.contact_share,
        time=options.time, amount=options.amount, cut_by=options.cut_by or (), reading=reading_options(options),
        seed=options.seed,
    )  # fmt: skip
    voice = Voice(options.language)
    for line in _lines(found, voice):
        print_line(line)
    if options.out:
        Path(options.out).write_text(_written(found, options), encoding="utf-8")
        print_line(voice.say(WRITTEN, path=options.out))
    return 0


def _written(found: "ModelsCompared", options: Namespace) -> str:
    if Path(options.out).suffix.lower() in (".html", ".htm"):
        from experiments.comparison.page import page_of

        return page_of(found, options.language)
    return json.dumps(found.to_dict(), ensure_ascii=False, indent=2, allow_nan=False)


def _lines(found: "ModelsCompared", voice: Voice) -> list[str]:
    width = max(len(model.name) for model in found.models)
    lines = [voice.say(LABELLED, rows=found.rows, events=found.events)]
    lines.append(" ".join([" " * width, *(f"{name:>17}" for name in SHOWN)]))
    for model in found.models:
        cells = [_cell(model.measures[name], digits) for name, digits in SHOWN.items()]
        lines.append(" ".join([model.name.ljust(width), *cells]))
    for each in found.against:
        lines += _set_against(found, each, voice)
    return lines


def _cell(measure: "Measure", digits: int) -> str:
    return ("–" if measure.value is None else f"{measure.value:.{digits}f}").rjust(17)


def _set_against(found: "ModelsCompared", each: "Against", voice: Voice) -> list[str]:
    from experiments.comparison.words import VERDICTS, change_in_events, verdict_on

    lines = [voice.tell(verdict_on(found, each))]
    for name, told in each.measures.items():
        difference, low, high = (minus(f"{value:+.4f}") for value in (told.difference, told.low, told.high))
        verdict = voice.word(VERDICTS[told.verdict])
        line = voice.say(DIFFERS, measure=name, difference=difference, low=low, high=high, verdict=verdict)
        lines.append(f"  {line}")
    swap = each.swap_set
    params = {
        "share": f"{swap.share:.0%}", "count": f"{swap.swap_in.customers:,.0f}",
        "rate_in": f"{swap.swap_in.event_rate.value:.1%}", "rate_out": f"{swap.swap_out.event_rate.value:.1%}",
    }  # fmt: skip
    return [*lines, f"  {voice.say(SWAPPED, **params)}", f"  {voice.tell(change_in_events(found, each))}"]
