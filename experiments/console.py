"""What the commands do, and how a run looks on a terminal."""

import hashlib
import shutil
import signal
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from experiments.artifact.manifest import MANIFEST
from experiments.errors import BadInput, FinishNow, gettext_noop
from experiments.house_rules import has_too_few, too_few
from experiments.naming import named
from experiments.progress import (
    BudgetOutlook,
    Event,
    ResultStands,
    Said,
    Skipped,
    StageStarted,
    Tick,
    TrialFinished,
)
from experiments.sentence import Sentence
from experiments.telling import apart

if TYPE_CHECKING:
    from experiments.ingest.reading import ReadingOptions
    from experiments.processes.fork_server import Nursery
    from experiments.scoring.findings import Finding
    from experiments.search.replay import Origin, Replay
    from experiments.spec import ExperimentSpec

NO_FILE = gettext_noop("There is no file %(path)s.")
INSIDE = gettext_noop("%(path)s is inside the model's folder, which must stay as it was saved. Choose another place.")
NO_DIRECTION = gettext_noop("Write a direction as COLUMN=+ or COLUMN=-, not %(text)s.")
TWO_DIRECTIONS = gettext_noop("%(column)s is given two directions.")
PROTECTED = gettext_noop(
    "%(columns)s: protected by name or values, so never given as a reason. If they are not protected, use "
    "--not-protected; to keep them out of the model, use --without-protected."
)
FINISHING = "Finishing with the best model so far. Press Ctrl-C again to stop at once."
OTHER_FILE = gettext_noop("%(path)s is not the file of that run (SHA-256 %(sha256)s …), so its models may differ.")
NO_WINDOW = gettext_noop("--known-until needs --performance-months. Give both.")
NO_TIME = gettext_noop("A performance window begins at a date: name its column with --time.")
NO_DELIMITER = gettext_noop("A delimiter is a single character, such as ; or tab, not %(text)s.")
NO_LINE = gettext_noop("--header-line counts from 1, or is 0 if there are no column names; it cannot be %(line)s.")
BAD_REASONS = gettext_noop("The number of reasons must be 0 or more.")
STAGES = {
    "prepare": "Reading and splitting",
    "first_model": "First models",
    "search": "Searching",
    "full_folds": "Scoring the finalists",
    "explain": "Fitting, explaining and saving",
    "score": "Scoring",
}
BAR_WIDTH = 24
COLUMNS_TOLD = 10
DIRECTIONS = {"+": 1, "1": 1, "+1": 1, "increasing": 1, "-": -1, "-1": -1, "decreasing": -1}


def fit(options: Namespace, started: float) -> int:
    """Make a model and put its folder in place."""
    from experiments.processes.fork_server import Nursery

    _require_file(options.table)
    is_told = options.replay or options.settings
    asked = None if is_told else spec_of(options)
    if asked is not None:
        asked.refuse_faults()
    # Before the engine: while this process loads its libraries, so does the one from which the fits will come.
    with Nursery() as nursery:
        return _fit(options, started, nursery, asked)


def _fit(options: Namespace, started: float, nursery: "Nursery", asked: "ExperimentSpec | None") -> int:
    from experiments.experiment import run_experiment
    from experiments.ingest.reading import ingest_files

    replay, spec, origin = _what_is_told(options, asked)
    out = Path(options.out)
    out.parent.mkdir(parents=True, exist_ok=True)
    screen = Screen(sys.stdout, trials=spec.budget.trials, is_replay=replay is not None)
    if not (options.single or options.explainable_first):
        screen.taken_of = lambda result: str(result.most_accurate)
    screen.on_saved = partial(_copy_into_place, screen, out, started)
    with _work_folder(options.work_dir, out) as folder:
        table = folder / "table.parquet"
        # What tells customers or groups apart is kept as it is written; everything else is read.
        as_written = tuple(name for name in (spec.id_column, spec.group_column) if name is not None)
        reading = replace(reading_options(options), as_written=as_written)
        if origin is not None:
            reading = _read_as_there(reading_options(options), origin, Path(options.table), screen)
        report = ingest_files([(Path(options.table), Path(options.table).name)], table, reading)
        if asked is not None:
            spec = _with_protected(spec, table, options.not_protected, screen)
        for note in report.notes:
            # What is about one column is in the report; what is about the whole file decides on every number.
            if not note.column:
                screen.say(f"  {Sentence(note.message, note.params)}")
        table = (
            _of_closed_months(table, spec, options, screen) if origin is None else _made_as_there(table, spec, origin)
        )
        try:
            with Interruption(screen) as listener:
                result = run_experiment(
                    spec, table, work_dir=folder / "run", on_progress=listener, used=time.monotonic() - started,
                    nursery=nursery, replay=replay,
                )  # fmt: skip
        except _Enough as enough:
            result = enough.result
        finally:
            screen.clear()
        taken = screen.taken_of(result) if replay is None else replay.candidate
        _put_in_place(folder / "run" / "models" / taken, out)
    _say(leaderboard_text(result))
    _say(f"\n{_saved_as(taken, result.recommended)} in {out} ({time.monotonic() - started:.0f} s).")
    return 0 if replay is None else _compared(replay, result)


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


def _read_as_there(given: "ReadingOptions", origin: "Origin", table: Path, screen: "Screen") -> "ReadingOptions":
    """Return how a file is read to become the table of an exported run; what is said on the command line wins."""
    with table.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if origin.sha256 and origin.sha256 != found:
        screen.say(f"  {OTHER_FILE % {'path': table, 'sha256': origin.sha256[:12]}}")
    usual = type(given)()
    chosen = {name: getattr(given, name) for name in vars(given) if getattr(given, name) != getattr(usual, name)}
    there = {name: value for name, value in origin.reading.items() if name in vars(given)}
    return replace(given, **{**there, **chosen})


def _made_as_there(table: Path, spec: "ExperimentSpec", origin: "Origin") -> Path:
    """Leave rows out and take columns as an exported run did."""
    from experiments.data.sample.building import build_sample
    from experiments.data.sample.definition import SampleDefinition

    definition = SampleDefinition.from_dict(origin.sample)
    if definition.leaves_all_rows and not origin.types:
        return table
    made = table.with_name("sample.parquet")
    build_sample(table, made, definition, target=spec.target, event=spec.event or None, types=origin.types)
    return made


def _saved_as(taken: str, recommended: str) -> str:
    what = "Ensemble" if taken == "ensemble" else f"Model {taken}"
    if taken == recommended:
        return f"{what} saved"
    return f"{what}, the most accurate, saved (to save the recommended {recommended}, use --single)"


def _with_protected(spec: "ExperimentSpec", table: Path, released: list[str], screen: "Screen") -> "ExperimentSpec":
    """Protect what looks like an attribute of persons, unless it is said that it only looks so."""
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
        screen.say(f"  {PROTECTED % {'columns': ', '.join(found)}}")
    return replace(spec, protected=protected)


def _of_closed_months(table: Path, spec: "ExperimentSpec", options: Namespace, screen: "Screen") -> Path:
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
    report = build_sample(table, closed, definition, target=spec.target, event=spec.event or None)
    for step in report.waterfall:
        if step["removed"]:
            screen.say(f"  {step['message'] % step['params']}: {step['removed']:,} rows left out.")
    return closed


@contextmanager
def _work_folder(wanted: str | None, out: Path) -> Iterator[Path]:
    """Give the folder of a run: the one asked for, which stays, or one beside the model, which goes."""
    if wanted:
        Path(wanted).mkdir(parents=True, exist_ok=True)
        yield Path(wanted)
        return
    with tempfile.TemporaryDirectory(prefix=".fit-", dir=out.parent) as folder:
        yield Path(folder)


def _compared(replay: Any, result: Any) -> int:
    """Say whether a repeated run gave the same model, and return 0 only then."""
    found = next(row.model_hash for row in result.finalists if row.candidate == replay.candidate)
    if found == replay.model_hash:
        _say(f"The same model as before, bit for bit: {found[:12]}.")
        return 0
    _say(f"Not the same model as before: {found[:12]} instead of {replay.model_hash[:12]}.")
    return 1


def spec_of(options: Namespace) -> "ExperimentSpec":
    """Return what is asked for on the command line."""
    from experiments.spec import HOUSE_LIMITS, LEARNERS, ExperimentSpec, SchemeName, SearchBudget, ValidationScheme

    budget = SearchBudget(options.seconds) if options.trials is None else SearchBudget(None, options.trials)
    scheme: SchemeName = options.scheme or ("given" if options.split_column else ValidationScheme.scheme)
    validation = ValidationScheme(
        scheme=scheme, split_column=options.split_column, embargo_days=options.embargo_days, folds=options.folds,
        held_out_share=options.held_out_share,
    )  # fmt: skip
    limits = ("ks_gap", "ks_gap_share", "score_psi", "features", "milliseconds")
    return ExperimentSpec(
        target=options.target, event=options.event or "", kind=options.kind, id_column=options.id,
        time_column=options.time, group_column=options.group, weight_column=options.weight,
        excluded=tuple(options.exclude), budget=budget, seed=options.seed, contact_share=options.contact_share,
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


def score(options: Namespace, started: float) -> int:
    """Score a file."""
    from experiments.scoring.batch import score_file
    from experiments.scoring.findings import scoring_findings

    _require_file(options.rows)
    if options.reasons < 0:
        raise BadInput(BAD_REASONS)
    _require_outside(options.model, options.out)
    out = Path(options.out)
    is_workbook = out.suffix.lower() == ".xlsx"
    summary = score_file(
        Path(options.model), Path(options.rows), None if is_workbook else out, None, out if is_workbook else None,
        reasons=options.reasons, language=options.language, encoding="utf-8", reading=reading_options(options),
    )  # fmt: skip
    bands = ", ".join(f"{band['band']} {band['share']:.0%}" for band in summary.bands)
    shift, chance = apart(summary.psi["value"], summary.psi["limit"])
    moved = f"PSI against development {shift}; normal variation reaches {chance}"
    _say(f"{summary.rows:,} rows scored; bands {bands}; {moved}.")
    for finding in scoring_findings(summary.to_dict()):
        _say(told(finding))
    return 0


def report(options: Namespace, started: float) -> int:
    """Write the report."""
    from experiments.report import render_report

    _require_outside(options.model, options.out)
    Path(options.out).write_text(render_report(Path(options.model), language=options.language), encoding="utf-8")
    _say(f"Report written to {options.out}.")
    return 0


def sql(options: Namespace, started: float) -> int:
    """Print a scorecard as SQL."""
    from experiments.scoring.sql import model_sql

    _say(model_sql(Path(options.model), options.table, options.dialect, has_typed_numbers=options.typed_numbers))
    return 0


COMMANDS: dict[str, Callable[[Namespace, float], int]] = {"fit": fit, "score": score, "report": report, "sql": sql}


class Screen:
    """A run on a terminal: what happened scrolls by, one line below tells where it stands."""

    def __init__(self, stream: Any, *, trials: int | None = None, is_replay: bool = False) -> None:
        self.stream = stream
        self.is_replay = is_replay
        self.trials_asked = trials
        self.left: float | None = None
        self.has_told_of_result = self.is_saved = False
        self.taken_of: Callable[[Any], str] = lambda result: str(result.recommended)
        self.on_saved: Callable[[Path], None] = lambda _folder: None
        self.is_live = stream.isatty()
        self.stage = ""
        self.best: tuple[str, float] | None = None
        self.trials = self.beside = 0
        self.outlook: BudgetOutlook | None = None

    def __call__(self, event: Event) -> None:
        match event:
            case StageStarted(stage):
                self.stage = STAGES.get(stage, stage)
                self.say(f"{self.stage} …")
            case Said(message, params):
                self.say(f"  {Sentence(message, params)}")
                if "performance_months" in params:
                    self.say(f"  To leave them out: --performance-months {params['performance_months']}.")
            case Skipped(learner, message, params):
                self.say(f"  {learner}: {Sentence(message, params)}")
            case TrialFinished(trial):
                self._trial(trial)
            case BudgetOutlook():
                self._outlook(event)
            case ResultStands(result) if not self.is_replay:
                self._stands(result)
            case Tick(elapsed, fraction, left):
                self.left = left
                self._status(elapsed, fraction)

    def clear(self) -> None:
        """Take the status line away."""
        if self.is_live:
            self.stream.write("\r\x1b[2K")
            self.stream.flush()

    def say(self, text: str) -> None:
        """Let a line scroll by above the status line."""
        self.clear()
        self.stream.write(f"{text}\n")
        self.stream.flush()

    def _stands(self, result: Any) -> None:
        """Tell of a result as soon as it stands; when all are measured and what is taken is saved, that is enough."""
        taken = self.taken_of(result)
        row = next(row for row in result.finalists if row.candidate == taken)
        if not self.has_told_of_result:
            self.has_told_of_result = True
            self.say(f"  {row.candidate} is chosen: AUC {row.auc:.4f} in cross-validation. Saving it.")
        if row.model_dir is None:
            return
        if not self.is_saved:
            self.is_saved = True
            self.on_saved(row.model_dir)
        if self.stage == STAGES["explain"]:
            raise _Enough(result)

    def _trial(self, trial: Any) -> None:
        self.trials += trial.is_counted
        self.beside += not trial.is_counted
        if self.trials_asked is not None and not self.is_live and trial.is_counted:
            self.say(f"  {self._counted()}{self._time_left()}")
        if trial.is_finished and not trial.link and (self.best is None or trial.auc > self.best[1]):
            self.best = (trial.learner, trial.auc)

    def _counted(self) -> str:
        told = f"{self.trials} trials" if self.trials_asked is None else f"{self.trials} of {self.trials_asked} trials"
        return f"{told} + {self.beside} always run"

    def _time_left(self) -> str:
        return "" if self.left is None else f" · about {self.left:.0f} s left"

    def _outlook(self, outlook: BudgetOutlook) -> None:
        if self.outlook is None or self.outlook.message != outlook.message:
            self.say(f"  {Sentence(outlook.message, outlook.params)}")
        self.outlook = outlook

    def _status(self, elapsed: float, fraction: float) -> None:
        if not self.is_live:
            return
        full = round(BAR_WIDTH * fraction)
        bar = "█" * full + "░" * (BAR_WIDTH - full)
        best = f" · best {self.best[0]} AUC {self.best[1]:.4f}" if self.best else ""
        enough = f" · {self.outlook.sufficient_seconds:.0f} s are enough" if self.outlook else ""
        text = f"{bar} {elapsed:4.0f} s{self._time_left()} · {self.stage} · {self._counted()}{best}{enough}"
        self.stream.write(f"\r\x1b[2K{text[: shutil.get_terminal_size().columns - 1]}")
        self.stream.flush()


class _Enough(Exception):
    """What is taken of a run that was asked to finish is saved: nothing else is waited for."""

    def __init__(self, result: Any) -> None:
        super().__init__()
        self.result = result


class Interruption:
    """Ctrl-C during a run: the first asks it to finish with the best it has, the second stops it."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.is_asked = self.is_told = False

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGINT, self._ask)
        return self

    def __exit__(self, *_exception: object) -> None:
        signal.signal(signal.SIGINT, self._before)

    def __call__(self, event: Event) -> None:
        self.screen(event)
        if not self.is_asked:
            return
        # Not said where the signal arrives, which may be amid another line.
        if not self.is_told:
            self.is_told = True
            self.screen.say(FINISHING)
        raise FinishNow

    def _ask(self, _signal: int, _frame: object) -> None:
        if self.is_asked:
            raise KeyboardInterrupt
        self.is_asked = True


def leaderboard_text(result: Any) -> str:
    """Return the leaderboard as aligned text, with intervals, cross-validation beside held-out rows."""
    sample = "out_of_time" if result.split["held_out_kind"] == "out_of_time" else "held_out"
    title = "out of time" if sample == "out_of_time" else "held out"
    width = max(len("model"), *(len(row.candidate) for row in result.finalists))
    lines = [
        "",
        str(Sentence.from_dict(result.split["description"])),
        *(str(Sentence.from_dict(note)) for note in result.split["notes"]),
        "",
        f"   #  {'model':<{width}} {'AUC':>6} {'95 % interval':>15} {'KS':>6} {'Gini':>6} {'lift':>6} {'logloss':>8}"
        f" {'Brier':>6}   AUC {title} (interval)",
    ]
    for row in result.finalists:
        lines.append(_leaderboard_line(row, sample, width))
    lines += _too_few_lines(result.finalists[0].metrics, sample, title)
    chosen = next(row for row in result.finalists if row.is_recommended)
    return "\n".join(
        [*lines, "", *_ended_early(result.ended_early),
         f"Recommended: {chosen.candidate}. {_told(chosen.reason)}",
         f"{title.capitalize()} rows used: {result.out_of_time_peeks}×."]
    )  # fmt: skip


def _ended_early(found: dict[str, Any] | None) -> list[str]:
    """Say of a search that was ended on request what was dropped, and why."""
    if found is None:
        return []
    dropped = [f"  {entry['learner']}: {_told(entry)}" for entry in found["dropped"]]
    return [_told(found), *dropped, ""]


def _leaderboard_line(row: Any, sample: str, width: int) -> str:
    valid, held = row.metrics["validation"], row.metrics[sample]

    def value(name: str, digits: int) -> str:
        found = valid[name]["value"]
        return "–" if found is None else f"{found:.{digits}f}"

    mark = "→" if row.is_recommended else "=" if row.is_tie else " "
    return (
        f" {mark} {row.rank}  {row.candidate:<{width}} {value('auc', 4)} {_interval(valid['auc']):>15} {value('ks', 4)}"
        f" {value('gini', 4)} {value('lift', 2):>6} {value('log_loss', 4):>8} {value('brier', 4)}"
        f"   {_held_out(held)}"
    )


def _told(stored: Mapping[str, Any]) -> str:
    """Return what the engine says; algorithms keep the names that are typed."""
    return Sentence.from_dict(stored).text("en", partial(named, translate=str, language="en", learners=False))


def _held_out(held: dict[str, Any]) -> str:
    """Return the AUC on rows set aside; in brackets, as in grey, where nothing may be concluded from it."""
    found = held["auc"]
    if found["value"] is None:
        return "– (too few)"
    shown = f"{found['value']:.4f} ({_interval(found)})"
    return f"[{shown}] too few" if has_too_few(held) else shown


def _too_few_lines(metrics: dict[str, Any], sample: str, title: str) -> list[str]:
    """Say of each sample from which nothing may be concluded that it is so."""
    lines = []
    for name, words in (("validation", "Cross-validation"), (sample, title.capitalize())):
        if has_too_few(metrics[name]):
            counts = metrics[name]["counts"]
            lines.append(f"{words}. {_told(too_few(counts['rows'], counts['events']))}")
    return ["", *lines] if lines else []


def _interval(metric: dict[str, Any]) -> str:
    return "–" if metric["low"] is None else f"{metric['low']:.4f}–{metric['high']:.4f}"


def told(finding: "Finding") -> str:
    """Return one finding of a scoring as a line: what was met, in which columns, and what became of it."""
    words = [f"{name} ({word})" if word else name for name, word in finding.details[:COLUMNS_TOLD]]
    more = [f"+{len(finding.details) - COLUMNS_TOLD}"] if len(finding.details) > COLUMNS_TOLD else []
    text = ": ".join([str(finding.sentence).rstrip("."), *([", ".join([*words, *more])] if words else [])])
    mark = "! " if finding.tone == "warn" else ""
    return f"{mark}{text}." + (f" {finding.consequence}" if finding.consequence else "")


def _copy_into_place(screen: "Screen", out: Path, started: float, made: Path) -> None:
    """Give somebody who does not want to wait the model at once; it is put there again when its story is whole."""
    if out.exists():
        shutil.rmtree(out)
    shutil.copytree(made, out)
    screen.say(
        f"  Saved in {out} ({time.monotonic() - started:.0f} s). Measuring the other models for the leaderboard."
    )


def _put_in_place(made: Path, out: Path) -> None:
    if out.exists():
        shutil.rmtree(out)
    shutil.move(made, out)


def _require_file(path: str) -> None:
    if not Path(path).is_file():
        raise BadInput(NO_FILE, path=path)


def _require_outside(model: str, out: str) -> None:
    """A model's folder is refused once it holds a file that does not belong to it."""
    is_model = (Path(model) / MANIFEST).is_file()
    if is_model and Path(model).resolve() in Path(out).resolve().parents:
        raise BadInput(INSIDE, path=out)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
