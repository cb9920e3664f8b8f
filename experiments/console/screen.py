"""A run on a terminal: what happened scrolls by, one line below tells where it stands, Ctrl-C ends it."""

import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from experiments.console.voice import Voice
from experiments.errors import FinishNow, gettext_noop
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

FINISHING = gettext_noop("Finishing with the best model so far. Press Ctrl-C again to stop at once.")
STAGES = {
    "prepare": gettext_noop("Reading and splitting"),
    "first_model": gettext_noop("First models"),
    "search": gettext_noop("Searching"),
    "full_folds": gettext_noop("Scoring the finalists"),
    "explain": gettext_noop("Fitting, explaining and saving"),
    "score": gettext_noop("Scoring"),
}
SKIPPED = gettext_noop("%(learner)s: %(why)s")
LEAVE_OUT = gettext_noop("To leave them out: --performance-months %(months)s.")
CHOSEN = gettext_noop("%(candidate)s is chosen: AUC %(auc)s in cross-validation. Saving it.")
TRIALS = gettext_noop("%(count)s trials")
TRIALS_OF = gettext_noop("%(count)s of %(asked)s trials")
ALWAYS_RUN = gettext_noop("%(trials)s, and %(beside)s that always run")
LEFT = gettext_noop("about %(seconds)s s left")
BEST = gettext_noop("best %(learner)s AUC %(auc)s")
SUFFICIENT = gettext_noop("%(seconds)s s are enough")
BAR_WIDTH = 24


class Screen:
    """A run on a terminal: what happened scrolls by, one line below tells where it stands."""

    def __init__(
        self, stream: Any, *, trials: int | None = None, is_replay: bool = False, language: str = "en"
    ) -> None:
        self.stream = stream
        self.voice = Voice(language)
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
                self.stage = stage
                self.say(f"{self._stage_told()} …")
            case Said(message, params):
                self.say(f"  {self.voice.tell(Sentence(message, params))}")
                if "performance_months" in params:
                    self.say(f"  {self.voice.say(LEAVE_OUT, months=params['performance_months'])}")
            case Skipped(learner, message, params):
                why = self.voice.tell(Sentence(message, params))
                self.say(f"  {self.voice.say(SKIPPED, learner=learner, why=why)}")
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
        """Announce a result as soon as there is one; stop once all are measured and the chosen model is saved."""
        taken = self.taken_of(result)
        row = next(row for row in result.finalists if row.candidate == taken)
        if not self.has_told_of_result:
            self.has_told_of_result = True
            self.say(f"  {self.voice.say(CHOSEN, candidate=row.candidate, auc=f'{row.auc:.4f}')}")
        if row.model_dir is None:
            return
        if not self.is_saved:
            self.is_saved = True
            self.on_saved(row.model_dir)
        if self.stage == "explain":
            raise Enough(result)

    def _trial(self, trial: Any) -> None:
        self.trials += trial.is_counted
        self.beside += not trial.is_counted
        if self.trials_asked is not None and not self.is_live and trial.is_counted:
            self.say(f"  {self._counted()}{self._time_left()}")
        if trial.is_finished and not trial.stage and (self.best is None or trial.auc > self.best[1]):
            self.best = (trial.learner, trial.auc)

    def _counted(self) -> str:
        words = TRIALS if self.trials_asked is None else TRIALS_OF
        trials = self.voice.say(words, count=self.trials, asked=self.trials_asked)
        return self.voice.say(ALWAYS_RUN, trials=trials, beside=self.beside)

    def _time_left(self) -> str:
        return "" if self.left is None else f" · {self.voice.say(LEFT, seconds=f'{self.left:.0f}')}"

    def _stage_told(self) -> str:
        return self.voice.word(STAGES.get(self.stage, self.stage))

    def _outlook(self, outlook: BudgetOutlook) -> None:
        if self.outlook is None or self.outlook.message != outlook.message:
            self.say(f"  {self.voice.tell(Sentence(outlook.message, outlook.params))}")
        self.outlook = outlook

    def _status(self, elapsed: float, fraction: float) -> None:
        if not self.is_live:
            return
        full = round(BAR_WIDTH * fraction)
        bar = "█" * full + "░" * (BAR_WIDTH - full)
        say = self.voice.say
        best = f" · {say(BEST, learner=self.best[0], auc=f'{self.best[1]:.4f}')}" if self.best else ""
        enough = f" · {say(SUFFICIENT, seconds=f'{self.outlook.sufficient_seconds:.0f}')}" if self.outlook else ""
        text = f"{bar} {elapsed:4.0f} s{self._time_left()} · {self._stage_told()} · {self._counted()}{best}{enough}"
        self.stream.write(f"\r\x1b[2K{text[: shutil.get_terminal_size().columns - 1]}")
        self.stream.flush()


class Enough(Exception):
    """Raised once the chosen model of a run that was asked to finish is saved, so that nothing else is waited for."""

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
        # Not printed by the signal handler, which may interrupt another line.
        if not self.is_told:
            self.is_told = True
            self.screen.say(self.screen.voice.word(FINISHING))
        raise FinishNow

    def _ask(self, _signal: int, _frame: object) -> None:
        if self.is_asked:
            raise KeyboardInterrupt
        self.is_asked = True


def print_line(text: str) -> None:
    """Write a line to where a person or a pipe reads it."""
    sys.stdout.write(f"{text}\n")
