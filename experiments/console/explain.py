"""explain: says of one customer of a file where the score comes from, and what other values would make of it."""

import json
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.console.options import reading_options, require_file, require_outside
from experiments.console.screen import print_line
from experiments.console.voice import Voice
from experiments.errors import BadInput, gettext_noop
from experiments.labels import label_of
from experiments.telling import minus

if TYPE_CHECKING:
    from experiments.artifact.model import ModelArtifact
    from experiments.scoring.one_customer.score import CustomerScore
    from experiments.scoring.one_customer.smallest import Suggestion

SHOWN = 8
HEAD = gettext_noop("%(asked)s: probability %(probability)s, score %(score)s, band %(band)s")
TWICE = gettext_noop("The ID occurs in %(count)s rows; the last of them is explained.")
TYPICAL = gettext_noop("Typical customer")
OTHERS = gettext_noop("%(count)s others")
THIS_ONE = gettext_noop("This customer")
REASONS = gettext_noop("Reasons:")
NO_VALUE = gettext_noop("missing")
WHAT_IF = gettext_noop("What if %(changes)s:")
AFTER = gettext_noop("Probability %(before)s → %(after)s, score %(score_before)s → %(score_after)s, band %(band)s")
CROSSES = gettext_noop("Smallest change that passes the cut-off %(cut_off)s: %(changes)s → %(probability)s")
NO_CROSSING = gettext_noop("No change to these columns passes the cut-off %(cut_off)s.")
IS_ACROSS = gettext_noop("The customer already passes the cut-off %(cut_off)s.")
GIVEN_TWICE = gettext_noop("%(column)s is given two values.")
NEEDS_BOTH = gettext_noop("Give --cut-off together with --changeable.")
NO_PROBABILITY = gettext_noop("A cut-off is a probability between 0 and 1, not %(value)s.")


def explain(options: Namespace, started: float) -> int:
    """Explain one customer of a file."""
    from experiments.artifact.model import ModelArtifact
    from experiments.scoring.one_customer.changes import changed
    from experiments.scoring.one_customer.in_file import customer_in_file
    from experiments.scoring.one_customer.score import score_customer

    require_file(options.rows)
    changes = _changes(options.what_if)
    if bool(options.changeable) != (options.cut_off is not None):
        raise BadInput(NEEDS_BOTH)
    if options.cut_off is not None and not 0 < options.cut_off < 1:
        raise BadInput(NO_PROBABILITY, value=options.cut_off)
    if options.out:
        require_outside(options.model, options.out)
    artifact = ModelArtifact.load(Path(options.model))
    # What is tried is checked before a long file is read.
    _check_columns(artifact, dict.fromkeys(options.changeable or (), "") | changes)
    found = customer_in_file(artifact, options.rows, asked=options.row, reading=reading_options(options))
    say = Voice(options.language).say
    before = score_customer(artifact, found.row)
    print_line(_headline(say, options.row, before))
    if found.count > 1:
        print_line(say(TWICE, count=found.count))
    for line in [*_steps(artifact, say, before, options.language), *_reasons(artifact, say, before, options.language)]:
        print_line(line)
    written: dict[str, Any] = {"row": options.row, "score": before.to_dict()}
    if changes:
        after = score_customer(artifact, changed(artifact, found.row, changes=changes))
        for line in _after(artifact, say, before, after, changes, options.language):
            print_line(line)
        written |= {"what_if": changes, "then": after.to_dict()}
    if options.changeable:
        written["smallest"] = _smallest(artifact, found.row, found.others, options, say, before)
    if options.out:
        text = json.dumps(written, ensure_ascii=False, indent=2, allow_nan=False)
        Path(options.out).write_text(text, encoding="utf-8")
    return 0


def _changes(texts: list[str]) -> dict[str, str]:
    from experiments.scoring.one_customer.changes import read_change

    found: dict[str, str] = {}
    for text in texts:
        column, value = read_change(text)
        if column in found:
            raise BadInput(GIVEN_TWICE, column=column)
        found[column] = value
    return found


def _check_columns(artifact: "ModelArtifact", changes: Mapping[str, str]) -> None:
    import pandas as pd

    from experiments.scoring.one_customer.changes import changed

    changed(artifact, pd.DataFrame(index=[0]), changes=changes)


def _headline(say: Any, asked: str, found: "CustomerScore") -> str:
    shown = say(HEAD, asked=asked, probability=f"{found.probability:.2%}", score=f"{found.score:g}", band=found.band)
    return str(shown)


def _steps(artifact: "ModelArtifact", say: Any, found: "CustomerScore", language: str) -> list[str]:
    """Return each column's part of the margin, the largest first, from the typical customer to this one."""
    labels = artifact.facts.get("labels") or {}
    order = sorted(found.contributions, key=lambda name: -abs(found.contributions[name]))
    shown, rest = order[:SHOWN], order[SHOWN:]
    lines = [(say(TYPICAL), found.base, False)]
    for name in shown:
        value = found.values[name] or say(NO_VALUE)
        lines.append((f"{label_of(name, labels, language)} = {value}", found.contributions[name], True))
    if rest:
        lines.append((say(OTHERS, count=len(rest)), sum(found.contributions[name] for name in rest), True))
    lines.append((say(THIS_ONE), found.margin, False))
    return [f"  {_number(number, is_step):>8}  {text}" for text, number, is_step in lines]


def _number(number: float, is_step: bool) -> str:
    return minus(f"{number:+.3f}" if is_step else f"{number:.3f}")


def _reasons(artifact: "ModelArtifact", say: Any, found: "CustomerScore", language: str) -> list[str]:
    return [
        say(REASONS),
        *(f"  {place}. {text}" for place, text in enumerate(_told(artifact, found, language), 1)),
    ]


def _told(artifact: "ModelArtifact", found: "CustomerScore", language: str) -> list[str]:
    from experiments.explanation.reason_codes.reason import Reason

    labels = artifact.facts.get("labels") or {}
    meanings = (artifact.facts.get("spec") or {}).get("value_labels")
    return [
        Reason(one.column, one.state, one.value, one.phi or 0.0).text(labels, language, meanings=meanings)
        for one in found.reasons
    ]


def _after(
    artifact: "ModelArtifact",
    say: Any,
    before: "CustomerScore",
    after: "CustomerScore",
    changes: Mapping[str, str],
    language: str,
) -> list[str]:
    told_changes = _listed(artifact, say, before.values, {name: after.values[name] for name in changes}, language)
    moved = say(
        AFTER, before=f"{before.probability:.2%}", after=f"{after.probability:.2%}", band=after.band,
        score_before=f"{before.score:g}", score_after=f"{after.score:g}",
    )  # fmt: skip
    return [say(WHAT_IF, changes=told_changes), f"  {moved}", *_reasons(artifact, say, after, language)]


def _listed(artifact: "ModelArtifact", say: Any, old: Mapping[str, str], new: Mapping[str, str], language: str) -> str:
    labels, missing = artifact.facts.get("labels") or {}, say(NO_VALUE)
    parts = [
        f"{label_of(name, labels, language)} {old.get(name) or missing} → {value or missing}"
        for name, value in new.items()
    ]
    return ("；" if language == "zh" else "; ").join(parts)


def _smallest(
    artifact: "ModelArtifact", row: Any, others: Any, options: Namespace, say: Any, before: "CustomerScore"
) -> list[dict[str, Any]]:
    from experiments.scoring.one_customer.smallest import CutOff, smallest_changes
    from experiments.scoring.one_customer.surroundings import Surroundings

    cut_off, shown = CutOff(options.cut_off, artifact.is_risk), f"{options.cut_off:.2%}"
    if cut_off.is_crossed(before.probability):
        print_line(say(IS_ACROSS, cut_off=shown))
        return []
    found: list[Suggestion] = smallest_changes(
        Surroundings.of(artifact, others), row, cut_off=cut_off, changeable=options.changeable
    )
    if not found:
        print_line(say(NO_CROSSING, cut_off=shown))
    for each in found:
        changes = _listed(artifact, say, each.before, each.changes, options.language)
        print_line(say(CROSSES, cut_off=shown, changes=changes, probability=f"{each.probability:.2%}"))
    return [each.to_dict() for each in found]
