"""card: lists the bins of a scorecard, changes them as a file says, and fits what came of it as a new model."""

import json
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.artifact.manifest import MANIFEST
from experiments.console.fit import RUN, put_in_place, work_folder
from experiments.console.options import reading_options, require_file, require_outside, require_place
from experiments.console.screen import Screen, print_line
from experiments.console.voice import Voice
from experiments.errors import BadInput, ExperimentError, gettext_noop

if TYPE_CHECKING:
    from experiments.by_hand import OpenedCard
    from experiments.features.bins import BinnedColumn
    from experiments.scorecard.editing.draft import CardDraft
    from experiments.scorecard.editing.effects import Ranking
    from experiments.scorecard.editing.fine_counts import FineCounts
    from experiments.search.finalist import Finalist
    from experiments.spec import ExperimentSpec

COLUMN = gettext_noop("%(column)s: IV %(iv)s")
LEFT_OUT = gettext_noop("%(column)s: IV %(iv)s, left out")
BIN = gettext_noop("[%(place)s] %(values)s: %(rows)s rows, event rate %(rate)s, WOE %(woe)s")
EDITED = gettext_noop("%(number)s. %(told)s. AUC of the card on training rows: %(before)s → %(after)s.")
REFUSED = gettext_noop("Edit %(number)s: %(why)s")
NOT_EDITS = gettext_noop(
    '%(file)s is not a list of edits, such as [{"act": "merge", "column": "age", "bin": 0}]; bins count from 0.'
)
NO_TRAIN = gettext_noop("To change a card its rows are counted again: name the file it was trained on with --train.")
NO_EDITS = gettext_noop("--out saves the card as edited: name the file of edits with --edits.")
OTHER_ROWS = gettext_noop("%(file)s is not the file that this scorecard was trained on: its rows or outcomes differ.")
READ_AGAIN = gettext_noop("The rows set aside are read once to open the card and once for each refit.")
SAVED = gettext_noop("Scorecard %(candidate)s saved in %(folder)s (%(seconds)s s): AUC %(auc)s in cross-validation.")
COUNTS = "card"
UNNAMED = {"other": gettext_noop("others"), "missing": gettext_noop("missing")}


def card(options: Namespace, started: float) -> int:
    """List the bins of a scorecard; with edits, change them, and with a place for it, fit and save the new card."""
    from experiments.scoring.card import card_in

    voice = Voice(options.language)
    if options.out and not options.edits:
        raise BadInput(NO_EDITS)
    if options.edits and not options.train:
        raise BadInput(NO_TRAIN)
    if not options.edits:
        for column in card_in(options.model).binning_.bins_.values():
            _print_column(column, voice)
        return 0
    asked = _edits_in(options.edits)
    require_file(options.train)
    if options.work_dir:
        require_outside(options.model, str(Path(options.work_dir) / COUNTS))
    beside = Path(tempfile.gettempdir()) / "card"
    if options.out:
        # The new model's own files are what must not come to lie in the old one's folder.
        require_outside(options.model, str(Path(options.out) / MANIFEST))
        require_place(options.out)
        beside = Path(options.out)
        beside.parent.mkdir(parents=True, exist_ok=True)
    with work_folder(options.work_dir, beside) as folder:
        return _edited(options, asked, folder, started)


def _edited(options: Namespace, asked: list[dict[str, Any]], folder: Path, started: float) -> int:
    from experiments.by_hand import refit_card
    from experiments.scorecard.editing.fine_counts import FineCounts

    origin, voice = _Origin.of(Path(options.model)), Voice(options.language)
    table = _table(options, origin.spec, folder)
    origin.require_same_rows(table, options.train)
    screen = Screen(sys.stdout, trials=0, is_replay=True, language=options.language)
    screen.say(voice.word(READ_AGAIN))
    # Where fit left its run: of one work folder all readings are counted together.
    run = folder / RUN
    run.mkdir(exist_ok=True)
    opened = origin.opened(table, run, screen)
    screen.clear()
    draft = _changed(opened, FineCounts(run / COUNTS), asked, voice)
    if not options.out:
        return 0
    new = refit_card(
        origin.spec, table, draft, name=origin.next_name, work_dir=run, made_of=origin.made_of, known=origin.known,
        changes=len(asked), on_reading=lambda: origin.count_reading(run, origin.next_name), on_progress=screen,
    )  # fmt: skip
    screen.clear()
    assert new.model_dir is not None
    put_in_place(new.model_dir, Path(options.out))
    print_line(voice.tell_stored(new.reason))
    where = {"folder": options.out, "seconds": f"{time.monotonic() - started:.0f}"}
    print_line(voice.say(SAVED, candidate=new.candidate, auc=f"{new.auc:.4f}", **where))
    return 0


@dataclass(frozen=True)
class _Origin:
    """The model whose card is edited, with what its run told of itself and of its other finalists."""

    folder: Path
    spec: "ExperimentSpec"
    made_of: "Finalist"
    known: "list[Finalist]"

    @classmethod
    def of(cls, folder: Path) -> "_Origin":
        from experiments.artifact.manifest import read_attached
        from experiments.scoring.card import card_in
        from experiments.search.finalist import Finalist
        from experiments.search.replay import NOT_REPLAYABLE, STORY, Replay

        card_in(folder)
        told = Replay.of(folder)
        try:
            known = [Finalist(**each) for each in read_attached(folder, STORY).get("finalists", [])]
        except TypeError as error:
            raise BadInput(NOT_REPLAYABLE, folder=str(folder)) from error
        known = [replace(each, model_dir=folder if each.candidate == told.candidate else None) for each in known]
        made_of = next((each for each in known if each.candidate == told.candidate), None)
        if made_of is None:
            raise BadInput(NOT_REPLAYABLE, folder=str(folder))
        return cls(folder, told.spec, made_of, known)

    @property
    def next_name(self) -> str:
        """Name of the finalist that a refit makes."""
        from experiments.learners.scorecard import ScorecardLearner
        from experiments.naming import BY_HAND

        edited = [each.candidate.rpartition(BY_HAND)[2] for each in self.known if BY_HAND in each.candidate]
        return f"{ScorecardLearner.name}{BY_HAND}{1 + max((int(n) for n in edited if n.isdecimal()), default=0)}"

    def opened(self, table: Path, folder: Path, screen: Screen) -> "OpenedCard":
        from experiments.by_hand import open_card

        return open_card(
            self.spec, table, model=self.folder, work_dir=folder, counts=folder / COUNTS,
            withheld=frozenset(self.spec.protected), on_progress=screen,
            on_reading=lambda: self.count_reading(folder, self.made_of.candidate),
        )  # fmt: skip

    def require_same_rows(self, table: Path, told: str) -> None:
        """Refuse a table whose rows set aside have other outcomes than those that the model was measured on."""
        import numpy as np
        import pyarrow.parquet as pq

        from experiments.artifact.held_out_scores import read_held_out
        from experiments.data.target import read_target
        from experiments.ingest.table import read_parquet
        from experiments.meant import refuse_column

        names, kept = pq.read_schema(table).names, read_held_out(self.folder)
        if self.spec.target not in names:
            refuse_column(self.spec.target, names)
        if kept is None:
            return
        target = read_parquet(table, columns=[self.spec.target])[self.spec.target]
        y, _event = read_target(target, self.spec.event or None)
        if kept.rows.max(initial=-1) >= len(y) or not np.array_equal(y[kept.rows], kept.outcomes, equal_nan=True):
            raise BadInput(OTHER_ROWS, file=told)

    def count_reading(self, folder: Path, candidate: str) -> None:
        """Write into the ledger of the work folder that the rows set aside are read once more."""
        from experiments.artifact.held_out_scores import read_held_out
        from experiments.search.held_out import HeldOutReading

        if (kept := read_held_out(self.folder)) is not None:
            rows = HeldOutReading(kept.rows, kept.outcomes)
            rows.keep_in(folder)
            rows.open_for([candidate])


def _edits_in(file: str) -> list[dict[str, Any]]:
    require_file(file)
    try:
        found = json.loads(Path(file).read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BadInput(NOT_EDITS, file=file) from error
    if not found or not isinstance(found, list) or not all(map(_is_edit, found)):
        raise BadInput(NOT_EDITS, file=file)
    return list(found)


def _is_edit(each: Any) -> bool:
    return isinstance(each, dict) and isinstance(each.get("act"), str)


def _table(options: Namespace, spec: "ExperimentSpec", folder: Path) -> Path:
    from experiments.ingest.reading import ingest_files

    table = folder / "table.parquet"
    as_written = tuple(name for name in (spec.id_column, spec.group_column) if name is not None)
    file = Path(options.train)
    ingest_files([(file, file.name)], table, options=replace(reading_options(options), as_written=as_written))
    return table


def _changed(opened: "OpenedCard", counts: "FineCounts", asked: list[dict[str, Any]], voice: Voice) -> "CardDraft":
    """Make the edits one after the other, telling of each what it did, and list the columns that they changed."""
    from experiments.scorecard.editing.acts import Asked, do
    from experiments.scorecard.editing.weighing import weighed

    draft, changed = opened.draft, {}
    before = _ranking(opened, draft, counts)
    for number, each in enumerate(asked, 1):
        try:
            done = do(each["act"], draft, Asked(_fields(each)), counts)
        except ExperimentError as error:
            raise BadInput(REFUSED, number=number, why=error.sentence.to_dict()) from error
        draft, after = done.draft, _ranking(opened, done.draft, counts)
        told = voice.tell(done.told)
        print_line(voice.say(EDITED, number=number, told=told, before=f"{before.auc:.4f}", after=f"{after.auc:.4f}"))
        changed[done.column], before = True, after
    for column in draft.columns:
        if column.name in changed:
            found = weighed(column, counts.bins_of(column), direction=draft.direction)
            _print_column(found, voice, is_out=column.wanted == "out")
    return draft


def _fields(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in asked.items() if name != "act"}


def _ranking(opened: "OpenedCard", draft: "CardDraft", counts: "FineCounts") -> "Ranking":
    from experiments.scorecard.editing.effects import card_ranking

    return card_ranking(draft, counts, opened.coefficients)


def _print_column(column: "BinnedColumn", voice: Voice, *, is_out: bool = False) -> None:
    print_line(voice.say(LEFT_OUT if is_out else COLUMN, column=column.name, iv=f"{column.iv:.4f}"))
    for place, bin_ in enumerate(column.bins):
        label = column.label(place)
        values = voice.word(UNNAMED[label]) if label == bin_.kind and label in UNNAMED else label
        rate = f"{bin_.event_rate:.2%}" if bin_.rows else "–"
        line = voice.say(BIN, place=place, values=values, rows=f"{bin_.rows:,}", rate=rate, woe=f"{bin_.woe:+.3f}")
        print_line(f"  {line}")
