"""The options of the command line as a spec and as reading options, and paths that are refused."""

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.artifact.manifest import MANIFEST
from experiments.errors import BadInput, gettext_noop

if TYPE_CHECKING:
    from experiments.ingest.reading import ReadingOptions
    from experiments.spec import ExperimentSpec

NO_FILE = gettext_noop("There is no file %(path)s.")
INSIDE = gettext_noop("%(path)s is inside the model's folder, which must stay as it was saved. Choose another place.")
IN_THE_WAY = gettext_noop(
    "%(path)s is already there and is no saved model, so it is not replaced. Choose another place."
)
NO_DIRECTION = gettext_noop("Write a monotone constraint as COLUMN=+ or COLUMN=-, not %(text)s.")
TWO_DIRECTIONS = gettext_noop("%(column)s is given two monotone constraints.")
NO_DELIMITER = gettext_noop("A delimiter is a single character, such as ; or tab, not %(text)s.")
NO_LINE = gettext_noop("--header-line counts from 1, or is 0 if there are no column names; it cannot be %(line)s.")
DIRECTIONS = {"+": 1, "1": 1, "+1": 1, "increasing": 1, "-": -1, "-1": -1, "decreasing": -1}


def spec_of(options: Namespace) -> "ExperimentSpec":
    """Return what is asked for on the command line."""
    from experiments.spec import (
        ASKED,
        HOUSE_LIMITS,
        LEARNERS,
        SPLIT_SETTINGS,
        ExperimentSpec,
        SchemeName,
        SearchBudget,
        ValidationScheme,
    )

    budget = SearchBudget(options.seconds) if options.trials is None else SearchBudget(None, options.trials)
    scheme: SchemeName = options.scheme or ("given" if options.split_column else ValidationScheme.scheme)
    validation = ValidationScheme(**{name: getattr(options, name) for name in SPLIT_SETTINGS} | {"scheme": scheme})
    limits = [name for name, one in ASKED.items() if one.part == "limits"]
    return ExperimentSpec(
        target=options.target, event=options.event or "", kind=options.kind, id_column=options.id,
        time_column=options.time, group_column=options.group, weight_column=options.weight,
        excluded=tuple(options.exclude), budget=budget, seed=options.seed, contact_share=options.contact_share,
        ranking=options.ranking,
        event_name=options.event_name, non_event_name=options.non_event_name,
        response_column=options.response_column, response_event=options.response_event,
        population_rate=options.population_rate, validation=validation,
        limits=HOUSE_LIMITS.with_own({name: getattr(options, name) for name in limits if hasattr(options, name)}),
        explainable_first=options.explainable_first, monotone=read_directions(options.monotone),
        feature_effort=options.feature_effort, learners=tuple(options.learners or LEARNERS),
        derived_on_card=options.derived_on_card, protected=tuple(options.protected),
        without_protected=options.without_protected,
    )  # fmt: skip


def read_directions(texts: list[str]) -> dict[str, int]:
    """Return ``{column: 1 or -1}`` of ``COLUMN=+``, ``COLUMN=decreasing`` and the like."""
    found: dict[str, int] = {}
    for text in texts:
        column, _, direction = text.rpartition("=")
        if not column or direction.lower() not in DIRECTIONS:
            raise BadInput(NO_DIRECTION, text=text)
        if found.setdefault(column, DIRECTIONS[direction.lower()]) != DIRECTIONS[direction.lower()]:
            raise BadInput(TWO_DIRECTIONS, column=column)
    return found


def reading_options(options: Namespace) -> "ReadingOptions":
    """Return what the command line says of how the file is read."""
    from experiments.ingest.reading import ReadingOptions

    delimiter = {"tab": "\t", "\\t": "\t"}.get(options.delimiter, options.delimiter)
    if delimiter is not None and len(delimiter) != 1:
        raise BadInput(NO_DELIMITER, text=options.delimiter)
    if options.header_line is not None and options.header_line < 0:
        raise BadInput(NO_LINE, line=options.header_line)
    return ReadingOptions(
        encoding=options.encoding,
        delimiter=delimiter,
        on_broken_bytes="replace" if options.replace_broken else "refuse",
        header_line=options.header_line,
        decimal=options.decimal,
        sheet=options.sheet,
        totals="keep" if options.keep_totals else "leave_out",
    )


def require_file(path: str) -> None:
    """Refuse a path at which there is no file."""
    if not Path(path).is_file():
        raise BadInput(NO_FILE, path=path)


def require_outside(model: str, out: str) -> None:
    """Refuse an output path inside a model's folder: a foreign file would make the model unusable."""
    is_model = (Path(model) / MANIFEST).is_file()
    if is_model and Path(model).resolve() in Path(out).resolve().parents:
        raise BadInput(INSIDE, path=out)


def require_place(out: str) -> None:
    """Refuse a place for a model where something else lies: only a model, or an empty folder, gives way to one."""
    place = Path(out)
    gives_way = place.is_dir() and ((place / MANIFEST).is_file() or not any(place.iterdir()))
    if place.is_symlink() or (place.exists() and not gives_way):
        raise BadInput(IN_THE_WAY, path=out)
