"""Answers one request: who scores which row, what is written down of it, and what the shadows would have said."""

import hmac
import logging
import queue
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pandas as pd

from deployments.live.loaded import Loaded, Member, Served
from deployments.live.score_log import ScoreLog
from deployments.live.traffic import TrafficCounter
from experiments.errors import ExperimentError, gettext_noop
from experiments.features.encoding import CoverReport
from experiments.scoring.real_time import ScoredRow, ids_of, score_rows, table_of
from experiments.scoring.wrong_cells import RowsRefused, WrongCell
from experiments.sentence import Sentence

log = logging.getLogger(__name__)
MOST_ROWS = 1_000
NO_ID = gettext_noop("%(column)s is missing: it is the customer's ID, by which it is decided which version answers.")
# Customers whom shadows are still to score; of requests beyond them nothing is kept, for no answer waits for a shadow.
MOST_WAITING_ROWS = 20_000
SECONDS_TO_FINISH = 3.0
MARK_LENGTH = 12
MOST_IGNORED = 20
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class AnsweredRow:
    """What is answered of one row, and by which version."""

    row: ScoredRow
    customer: str | None
    member: Member


@dataclass(frozen=True)
class Answer:
    """What is answered to one request."""

    request: str
    served: Served
    rows: list[AnsweredRow]
    cover: CoverReport
    ignored: list[str]


@dataclass
class _Shadowed:
    served: Served
    rows: Rows
    request: str
    marks: list[str]


@dataclass
class Scorer:
    """Scores requests in this process."""

    loaded: Loaded
    process: str = field(default_factory=lambda: uuid4().hex[:12])

    def __post_init__(self) -> None:
        self.traffic = TrafficCounter(self.process)
        self.log = ScoreLog(self.process)
        self._waiting: queue.SimpleQueue[_Shadowed | None] = queue.SimpleQueue()
        self._waiting_rows = 0
        self._waiting_lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._stop = threading.Event()

    def start(self) -> None:
        """Open the models, and begin to watch, to count and to score in the shadow."""
        self.loaded.look()
        works = (
            self._score_shadows,
            lambda: self.loaded.watch(self._stop),
            lambda: self.traffic.keep_writing(self._stop),
        )
        self._threads = [threading.Thread(target=work, daemon=True) for work in works]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish what waits, and write down what was counted."""
        self._waiting.put(None)
        for thread in self._threads:
            thread.join(timeout=SECONDS_TO_FINISH)
            # Shadows come first: what they still score is counted before the counts are written for the last time.
            self._stop.set()
        self.log.close()

    def answer(self, served: Served, rows: Rows, *, reasons: int = 4, language: str = "en") -> Answer:
        """Score rows and return what is answered of each.

        Raises
        ------
        NotServed : the deployment answers nobody. RowsRefused : cells that cannot be read, by row and column.
        """
        try:
            return self._answered(served, rows, reasons, language)
        except ExperimentError:
            self.traffic.refused(served.deployment_id)
            raise
        except Exception:
            self.traffic.failed(served.deployment_id)
            raise

    def _answered(self, served: Served, rows: Rows, reasons: int, language: str) -> Answer:
        request = uuid4().hex
        champion = served.champion
        customers = ids_of(champion.artifact, rows)
        marks = [_mark(served, customer) for customer in customers]
        # What cannot be read is refused before anything is scored: all rows are answered, or none.
        dealt = [
            (member, places, _table_of(member, [rows[place] for place in places], places))
            for member, places in _dealt_out(served, customers)
        ]
        works = [_timed(member, places, table, reasons, language) for member, places, table in dealt]
        found: dict[int, AnsweredRow] = {}
        whole = CoverReport()
        for work in works:
            found |= {
                place: AnsweredRow(row, customers[place], work.member)
                for place, row in zip(work.places, work.scored, strict=True)
            }
            self._keep(served, work, request, marks)
            whole = whole.plus(work.cover) if whole.rows else work.cover
        if served.shadows:
            self._leave_to_shadows(_Shadowed(served, rows, request, marks))
        return Answer(request, served, [found[number] for number in range(len(rows))], whole, _ignored(champion, rows))

    def _keep(self, served: Served, work: "_Work", request: str, marks: list[str]) -> None:
        """Write one version's scores down and count them."""
        member = work.member
        self.log.append(
            served.deployment_id,
            {
                "at": datetime.now(UTC).isoformat(), "request": request, "configuration": served.configuration,
                "role": member.role, "version": member.number, "version_id": member.version_id, "places": work.places,
                "rows": [
                    [marks[place], row.probability, row.score, row.band]
                    for place, row in zip(work.places, work.scored, strict=True)
                ],
            },
        )  # fmt: skip
        self.traffic.answered(
            served.deployment_id, member.version_id, member.role, seconds=work.seconds,
            probabilities=[row.probability for row in work.scored], cover=work.cover,
        )  # fmt: skip

    def _leave_to_shadows(self, waiting: _Shadowed) -> None:
        """Have shadows score a request, too; where they are too far behind, it is left out and counted as such."""
        with self._waiting_lock:
            has_room = self._waiting_rows + len(waiting.rows) <= MOST_WAITING_ROWS
            if has_room:
                self._waiting_rows += len(waiting.rows)
        if has_room:
            self._waiting.put(waiting)
            return
        for member in waiting.served.shadows:
            self.traffic.failed(waiting.served.deployment_id, member.version_id, member.role)

    def _score_shadows(self) -> None:
        """Score what waits, one request after the other; a shadow that fails is no failure of the answer."""
        while (waiting := self._waiting.get()) is not None:
            with self._waiting_lock:
                self._waiting_rows -= len(waiting.rows)
            places = list(range(len(waiting.rows)))
            for member in waiting.served.shadows:
                try:
                    table = _table_of(member, waiting.rows, places)
                    work = _timed(member, places, table, 0, "en")
                    self._keep(waiting.served, work, waiting.request, waiting.marks)
                except Exception as failure:
                    self.traffic.failed(waiting.served.deployment_id, member.version_id, member.role)
                    # Of cells that only this version cannot read, and of a full disk: the answer was given already.
                    is_known = isinstance(failure, ExperimentError | OSError)
                    log.warning(
                        "the shadow %s v%s did not score: %s", member.model, member.number,
                        type(failure).__name__, exc_info=not is_known,
                    )  # fmt: skip


@dataclass(frozen=True)
class _Work:
    member: Member
    places: list[int]
    scored: list[ScoredRow]
    cover: CoverReport
    seconds: float


def _table_of(member: Member, rows: Rows, places: list[int]) -> pd.DataFrame:
    """Read some rows of a request; what is wrong is told by their place in the whole of it."""
    try:
        return table_of(member.artifact, rows)
    except RowsRefused as refused:
        raise RowsRefused([WrongCell(places[cell.row], cell.column, cell.why) for cell in refused.cells]) from None


def _ignored(champion: Member, rows: Rows) -> list[str]:
    """Return the columns that were sent and that the model does not know: often a name that is misspelt."""
    known = {name for name, _kind, _needed in champion.artifact.asked_columns}
    known.add(champion.artifact.id_column or "")
    return sorted({name for row in rows for name in row} - known)[:MOST_IGNORED]


def _timed(member: Member, places: list[int], table: pd.DataFrame, reasons: int, language: str) -> _Work:
    begun = time.perf_counter()
    scored, cover = score_rows(member.artifact, table, reasons=reasons, language=language)
    return _Work(member, places, scored, cover, time.perf_counter() - begun)


def _dealt_out(served: Served, customers: list[str | None]) -> list[tuple[Member, list[int]]]:
    """Return which version answers which rows, in the rows' order; without a split the champion answers all."""
    champion, splits = served.champion, served.splits
    if not splits:
        return [(champion, list(range(len(customers))))]
    column = str(champion.artifact.id_column)
    lacking = [number for number, customer in enumerate(customers) if customer is None]
    if lacking:
        raise RowsRefused([WrongCell(number, column, Sentence(NO_ID, {"column": column})) for number in lacking[:20]])
    dealt: dict[int, tuple[Member, list[int]]] = {}
    for number, customer in enumerate(customers):
        member = member_for(served, customer or "")
        dealt.setdefault(member.version_id, (member, []))[1].append(number)
    return list(dealt.values())


def member_for(served: Served, customer: str) -> Member:
    """Return the version that answers a customer: decided by the id and the deployment's salt, and nothing else."""
    share = share_of(served.salt, customer)
    end = 0.0
    for member in served.splits:
        end += member.percent / 100
        if share < end:
            return member
    return served.champion


def share_of(salt: str, customer: str) -> float:
    """Return where a customer stands between 0 and 1, evenly over all customers.

    >>> 0 <= share_of("a", "C1") < 1, share_of("a", "C1") == share_of("b", "C1")
    (True, False)
    """
    digest = hmac.digest(salt.encode(), customer.encode(), "sha256")
    return int.from_bytes(digest[:8], "big") / 2**64


def _mark(served: Served, customer: str | None) -> str:
    """Return what stands for a customer where scores are kept; nothing without an id."""
    if customer is None:
        return ""
    return hmac.digest(served.salt.encode(), f"mark:{customer}".encode(), "sha256").hex()[:MARK_LENGTH]


_here: Scorer | None = None


def serve_here(scorer: Scorer | None) -> None:
    """Have this process answer, where other processes pass requests on to one that does."""
    global _here
    _here = scorer


def scorer_here() -> Scorer | None:
    """Return what scores in this process; nothing in a process of the web server."""
    return _here
