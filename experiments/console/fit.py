"""fit: makes a model and puts its folder in place."""

import shutil
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.errors import gettext_noop
from experiments.sentence import Sentence

if TYPE_CHECKING:
    from experiments.processes.fork_server import ForkServer
    from experiments.search.replay import Origin, Replay
    from experiments.spec import ExperimentSpec

from experiments.console.leaderboard import leaderboard_text
from experiments.console.options import reading_options, require_file, require_place, spec_of
from experiments.console.screen import Enough, Interruption, Screen, print_line
from experiments.console.table import made_as_there, of_closed_months, read_as_there, with_protected
from experiments.console.voice import Voice

SAVED = gettext_noop("Model %(candidate)s saved in %(folder)s (%(seconds)s s).")
ENSEMBLE_SAVED = gettext_noop("Ensemble saved in %(folder)s (%(seconds)s s).")
MOST_ACCURATE_SAVED = gettext_noop(
    "Ensemble, the most accurate, saved in %(folder)s (%(seconds)s s). To save the recommended %(recommended)s, use "
    "--single."
)
SAVED_FIRST = gettext_noop("Saved in %(folder)s (%(seconds)s s). Measuring the other models for the leaderboard.")
SAME = gettext_noop("The same model as before, bit for bit: %(found)s.")
NOT_SAME = gettext_noop("Not the same model as before: %(found)s instead of %(before)s.")

# In the work folder.
RUN = "run"


def fit(options: Namespace, started: float) -> int:
    """Make a model and put its folder in place."""
    from experiments.processes.fork_server import ForkServer

    require_file(options.table)
    require_place(options.out)
    is_told = options.replay or options.settings
    asked = None if is_told else spec_of(options)
    if asked is not None:
        asked.refuse_faults()
    # Started first, so that the fit server loads its libraries while this process loads its own.
    with ForkServer() as fork_server:
        return _fit(options, started, fork_server, asked)


def _fit(options: Namespace, started: float, fork_server: "ForkServer", asked: "ExperimentSpec | None") -> int:
    from experiments.experiment import run_experiment
    from experiments.ingest.reading import ingest_files

    replay, spec, origin = _what_is_told(options, asked)
    out = Path(options.out)
    out.parent.mkdir(parents=True, exist_ok=True)
    voice = Voice(options.language)
    screen = Screen(sys.stdout, trials=spec.budget.trials, is_replay=replay is not None, language=options.language)
    if not (options.single or options.explainable_first):
        screen.taken_of = lambda result: str(result.most_accurate)
    screen.on_saved = partial(_copy_into_place, screen, out, started)
    with work_folder(options.work_dir, out) as folder:
        table = folder / "table.parquet"
        # What tells customers or groups apart is kept as it is written; everything else is read.
        as_written = tuple(name for name in (spec.id_column, spec.group_column) if name is not None)
        reading = replace(reading_options(options), as_written=as_written)
        if origin is not None:
            reading = read_as_there(reading_options(options), origin, Path(options.table), screen)
        report = ingest_files([(Path(options.table), Path(options.table).name)], table, options=reading)
        if asked is not None:
            spec = with_protected(spec, table, options.not_protected, screen)
        for note in report.notes:
            # Notes on single columns are in the report; a note on the whole file affects every number.
            if not note.column:
                screen.say(f"  {voice.tell(Sentence(note.message, note.params))}")
        table = of_closed_months(table, spec, options, screen) if origin is None else made_as_there(table, spec, origin)
        try:
            with Interruption(screen) as listener:
                result = run_experiment(
                    spec, table, work_dir=folder / RUN, on_progress=listener, used=time.monotonic() - started,
                    fork_server=fork_server, replay=replay,
                )  # fmt: skip
        except Enough as enough:
            result = enough.result
        finally:
            screen.clear()
        taken = screen.taken_of(result) if replay is None else replay.candidate
        put_in_place(folder / RUN / "models" / taken, out)
    print_line(leaderboard_text(result, voice))
    saved = _saved_as(voice, taken, result.recommended, folder=str(out), seconds=f"{time.monotonic() - started:.0f}")
    print_line(f"\n{saved}")
    return 0 if replay is None else _compared(replay, result, voice)


def _what_is_told(
    options: Namespace, asked: "ExperimentSpec | None"
) -> "tuple[Replay | None, ExperimentSpec, Origin | None]":
    """Return the run to repeat, if any, the question, and how its table is made where an exported list says so."""
    from experiments.search.replay import Replay, exported_question

    if asked is not None:
        return None, asked, None
    if options.settings:
        spec, origin = exported_question(Path(options.settings))
        return None, spec, origin
    told = Path(options.replay)
    replay = Replay.of_exported(told) if told.is_file() else Replay.of(told)
    return replay, replay.spec, replay.origin


def _saved_as(voice: Voice, taken: str, recommended: str, **where: str) -> str:
    if taken != "ensemble":
        return voice.say(SAVED, candidate=taken, **where)
    if taken == recommended:
        return voice.say(ENSEMBLE_SAVED, **where)
    return voice.say(MOST_ACCURATE_SAVED, recommended=recommended, **where)


@contextmanager
def work_folder(wanted: str | None, out: Path) -> Iterator[Path]:
    """Yield the folder of a run: the one asked for, which is kept, or a temporary one beside the model."""
    if wanted:
        Path(wanted).mkdir(parents=True, exist_ok=True)
        yield Path(wanted)
        return
    with tempfile.TemporaryDirectory(prefix=".fit-", dir=out.parent) as folder:
        yield Path(folder)


def _compared(replay: Any, result: Any, voice: Voice) -> int:
    """Return whether a repeated run gave the same model, and return 0 only then."""
    found = next(row.model_hash for row in result.finalists if row.candidate == replay.candidate)
    if found == replay.model_hash:
        print_line(voice.say(SAME, found=found[:12]))
        return 0
    print_line(voice.say(NOT_SAME, found=found[:12], before=replay.model_hash[:12]))
    return 1


def _copy_into_place(screen: "Screen", out: Path, started: float, made: Path) -> None:
    """Save the model at once for whoever cannot wait; it is saved again once its evidence is complete."""
    put_in_place(made, out, by=shutil.copytree)
    seconds = f"{time.monotonic() - started:.0f}"
    screen.say(f"  {screen.voice.say(SAVED_FIRST, folder=str(out), seconds=seconds)}")


def put_in_place(made: Path, out: Path, *, by: Callable[[Path, Path], object] = shutil.move) -> None:
    """Put a model where it was asked for, in place of what is there; who is killed meanwhile leaves no half of one."""
    with tempfile.TemporaryDirectory(prefix=".fit-", dir=out.parent) as aside:
        whole = Path(aside) / "whole"
        by(made, whole)
        if out.exists():
            out.rename(Path(aside) / "before")
        whole.rename(out)
