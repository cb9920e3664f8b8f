"""The table a model is fitted on: read as before, protected columns marked, immature months left out."""

import hashlib
from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.errors import BadInput, gettext_noop

if TYPE_CHECKING:
    from experiments.ingest.reading import ReadingOptions
    from experiments.search.replay import Origin
    from experiments.spec import ExperimentSpec
from experiments.console.screen import Screen

PROTECTED = gettext_noop(
    "%(columns)s: protected by name or values, so never given as a reason. If they are not protected, use "
    "--not-protected; to keep them out of the model, use --without-protected."
)
OTHER_FILE = gettext_noop("%(path)s is not the file of that run (SHA-256 %(sha256)s …), so its models may differ.")
LEFT_OUT = gettext_noop("%(step)s: %(count)s rows left out.")
NO_WINDOW = gettext_noop("--known-until needs --performance-months. Give both.")
NO_TIME = gettext_noop("A performance window begins at a date: name its column with --time.")


def read_as_there(given: "ReadingOptions", origin: "Origin", table: Path, screen: "Screen") -> "ReadingOptions":
    """Return how a file is read to become the table of an exported run; the command line takes precedence."""
    with table.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if origin.sha256 and origin.sha256 != found:
        screen.say(f"  {screen.voice.say(OTHER_FILE, path=str(table), sha256=origin.sha256[:12])}")
    usual = type(given)()
    chosen = {name: getattr(given, name) for name in vars(given) if getattr(given, name) != getattr(usual, name)}
    there = {name: value for name, value in origin.reading.items() if name in vars(given)}
    return replace(given, **{**there, **chosen})


def made_as_there(table: Path, spec: "ExperimentSpec", origin: "Origin") -> Path:
    """Leave rows out and take columns as an exported run did."""
    from experiments.data.sample.building import build_sample
    from experiments.data.sample.definition import SampleDefinition

    definition = SampleDefinition.from_dict(origin.sample)
    if definition.leaves_all_rows and not origin.types:
        return table
    made = table.with_name("sample.parquet")
    build_sample(table, made, definition=definition, target=spec.target, event=spec.event or None, types=origin.types)
    return made


def with_protected(spec: "ExperimentSpec", table: Path, released: list[str], screen: "Screen") -> "ExperimentSpec":
    """Protect columns that look like protected attributes, unless the user released them."""
    from experiments.data.schema import read_schema
    from experiments.meant import refuse_column
    from experiments.privacy.protected_attributes import protected_columns_of

    columns = [column.name for column in read_schema(table)]
    for name in released:
        if name not in columns:
            refuse_column(name, columns)
    out = {*spec.excluded, *spec.columns_with_a_role, *released}
    found = [name for name in protected_columns_of(table) if name not in out and name not in spec.protected]
    protected = tuple(name for name in (*spec.protected, *found) if name not in released)
    if found:
        screen.say(f"  {screen.voice.say(PROTECTED, columns=list(found))}")
    return replace(spec, protected=protected)


def of_closed_months(table: Path, spec: "ExperimentSpec", options: Namespace, screen: "Screen") -> Path:
    """Leave the months out whose performance window is not closed, where there is one."""
    if options.performance_months is None:
        if options.known_until:
            raise BadInput(NO_WINDOW)
        return table
    from experiments.data.sample.building import build_sample
    from experiments.data.sample.definition import SampleDefinition
    from experiments.data.sample.windows import newest_month_end

    if spec.time_column is None:
        raise BadInput(NO_TIME)
    definition = SampleDefinition(
        observed_at=spec.time_column,
        performance_months=options.performance_months,
        known_until=options.known_until or newest_month_end(table, spec.time_column),
    )
    closed = table.with_name("closed.parquet")
    report = build_sample(table, closed, definition=definition, target=spec.target, event=spec.event or None)
    for step in report.waterfall:
        if step["removed"]:
            told = screen.voice.tell_stored(step)
            screen.say(f"  {screen.voice.say(LEFT_OUT, step=told, count=step['removed'])}")
    return closed
