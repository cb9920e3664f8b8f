"""compare: sets saved models beside each other on the same labelled rows."""

import json
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.console.options import reading_options, require_file, require_outside
from experiments.console.screen import print_line
from experiments.errors import gettext_noop
from experiments.sentence import Sentence
from experiments.telling import minus

if TYPE_CHECKING:
    from experiments.scoring.comparison import Against, Comparison

SHOWN = {"auc": 4, "ks": 4, "lift": 2, "log_loss": 4, "brier": 4, "observed_expected": 2}
VERDICTS = {
    "better": gettext_noop("better"),
    "worse": gettext_noop("worse"),
    "slight": gettext_noop("different for certain, but too little to matter"),
    "alike": gettext_noop("no significant difference"),
    "mixed": gettext_noop("better by one measure and worse by another"),
    "too_few": gettext_noop("too few events or rows to judge"),
}
SWAPPED = gettext_noop(
    "Of the %(share)s chosen, %(count)s customers change: those who come in have an event rate of %(rate_in)s, those "
    "who leave one of %(rate_out)s."
)


def compare(options: Namespace, started: float) -> int:
    """Compare models on the rows of a file."""
    from experiments.scoring.comparison import compare_models

    require_file(options.rows)
    if options.out:
        for model in options.models:
            require_outside(model, options.out)
    found = compare_models(
        options.models, options.rows, options.target, event=options.event, share=options.contact_share,
        reading=reading_options(options), seed=options.seed,
    )  # fmt: skip
    for line in _lines(found):
        print_line(line)
    if options.out:
        text = json.dumps(found.to_dict(), ensure_ascii=False, indent=2, allow_nan=False)
        Path(options.out).write_text(text, encoding="utf-8")
        print_line(f"Comparison written to {options.out}.")
    return 0


def _lines(found: "Comparison") -> list[str]:
    width = max(len(model.name) for model in found.models)
    lines = [f"{found.rows:,} labelled rows, {found.events:,} events."]
    lines.append(" ".join([" " * width, *(f"{name:>17}" for name in SHOWN)]))
    for model in found.models:
        cells = [_cell(model.measures[name], digits) for name, digits in SHOWN.items()]
        lines.append(" ".join([model.name.ljust(width), *cells]))
    for each in found.against:
        lines += _set_against(each, found.models[0].name)
    return lines


def _cell(measure: dict[str, Any], digits: int) -> str:
    value = measure["value"]
    return ("–" if value is None else f"{value:.{digits}f}").rjust(17)


def _set_against(each: "Against", champion: str) -> list[str]:
    lines = [f"{each.name} against {champion}: {VERDICTS[each.verdict]}."]
    for name, told in each.measures.items():
        difference, low, high = (minus(f"{told[key]:+.4f}") for key in ("difference", "low", "high"))
        lines.append(f"  {name}: {difference}, from {low} to {high}; {VERDICTS[told['verdict']]}.")
    swap = each.swap_set
    lines.append(
        "  "
        + str(
            Sentence(
                SWAPPED,
                {
                    "share": f"{swap.share:.0%}", "count": f"{swap.swap_in.customers:,.0f}",
                    "rate_in": f"{swap.swap_in.event_rate.value:.1%}",
                    "rate_out": f"{swap.swap_out.event_rate.value:.1%}",
                },
            )
        )
    )  # fmt: skip
    return lines
