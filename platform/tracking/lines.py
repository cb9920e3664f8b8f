"""A line of the list of experiments, ready to be shown in the columns that its reader chose."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.templatetags.formatting import NOTHING, count, metric3, percent, span, time_tag
from experiments.evaluation.measures import NO_MEASURES, Measures
from planning.words import SCHEMES
from tracking.words import COLOURS, COLUMNS, NAME, ColumnWords
from training.models import Experiment, LeaderboardRow, RecommendedMeasure
from training.words import METRICS, learner_name


@dataclass(frozen=True)
class Cell:
    """What a column shows of an experiment: its text, a smaller one below, and its classes."""

    name: str
    text: Any = NOTHING
    below: str = ""
    classes: str = ""
    title: str = ""


@dataclass(frozen=True)
class Line:
    """An experiment in the list."""

    experiment: Experiment
    cells: list[Cell]

    @classmethod
    def of(cls, experiment: Experiment, columns: Sequence[str]) -> "Line":
        """Read it from what ``listing.shown`` has fetched."""
        return cls(experiment, [_cell(experiment, COLUMNS[name]) for name in columns])

    @property
    def is_favourite(self) -> bool:
        return bool(self.experiment.own_favourites)  # type: ignore[attr-defined]

    @property
    def model(self) -> int | None:
        """The recommended model's row of the leaderboard, to be compared with others."""
        rows = self.experiment.recommended_rows  # type: ignore[attr-defined]
        return rows[0].pk if rows else None


def plain_head(columns: Sequence[str]) -> list[str]:
    """Return the heads of the list as a file: what names an experiment, the columns, of a measure its bounds too."""
    head = [_("No."), str(NAME.label), _("Question"), _("Dataset"), _("Version")]
    for column in (COLUMNS[name] for name in columns):
        head.append(str(column.label))
        if column.metric:
            head += [told % {"measure": column.label} for told in (_("%(measure)s, from"), _("%(measure)s, to"))]
    return head


def plain_line(experiment: Experiment, columns: Sequence[str]) -> list[Any]:
    """Return an experiment as a line of the file; numbers of measures as they are, not as pages round them."""
    version = experiment.version
    line: list[Any] = [experiment.pk, experiment.name, str(experiment.get_kind_display()), version.dataset.name,
                       version.number]  # fmt: skip
    for column in (COLUMNS[name] for name in columns):
        line += _plain(experiment, column)
    return line


def _plain(experiment: Experiment, column: ColumnWords) -> list[Any]:
    if column.metric:
        found = _found(experiment, column)
        return [found.value, found.low, found.high] if found else [None, None, None]
    if column.name in PLAIN:
        return [PLAIN[column.name](experiment)]
    return [SHOWN[column.name](experiment)]


def _found(experiment: Experiment, column: ColumnWords) -> RecommendedMeasure | None:
    measures: list[RecommendedMeasure] = experiment.measures_shown  # type: ignore[attr-defined]
    return next((each for each in measures if (each.metric, each.sample) == (column.metric, column.sample)), None)


def _cell(experiment: Experiment, column: ColumnWords) -> Cell:
    if column.metric:
        return _measured(experiment, column)
    classes = "num" if column.is_number else CLASSES.get(column.name, "")
    text = SHOWN[column.name](experiment) if column.name in SHOWN else ""
    return Cell(column.name, NOTHING if text in (None, "") else text, classes=classes)


def _measured(experiment: Experiment, column: ColumnWords) -> Cell:
    found = _found(experiment, column)
    if found is None:
        return Cell(column.name, classes="num")
    shown = percent if METRICS[column.metric].is_percent else metric3
    is_bounded = found.low is not None and found.high is not None
    below = f"{shown(found.low)}–{shown(found.high)}" if is_bounded else ""
    if not _measures_on(experiment, column.sample).is_enough:
        return Cell(column.name, shown(found.value), below, "num few", _("too few to judge"))
    return Cell(column.name, shown(found.value), below, f"num {COLOURS[column.sample]}")


def _measures_on(experiment: Experiment, sample: str) -> Measures:
    rows: list[LeaderboardRow] = experiment.recommended_rows  # type: ignore[attr-defined]
    return rows[0].measures.of(sample) if rows else NO_MEASURES


def _budget(experiment: Experiment) -> str:
    trials = experiment.budget_trials
    if trials:
        return ngettext("%(count)s trial", "%(count)s trials", trials) % {"count": count(trials)}
    return span(experiment.budget_seconds)


def _split(experiment: Experiment) -> str:
    """Return what the run did, else what the plan asks for."""
    found = experiment.found.split
    if found.folds:
        return ngettext("%(count)s fold", "%(count)s folds", found.folds) % {"count": count(found.folds)}
    return str(SCHEMES[experiment.asked.validation.scheme])


def _model(experiment: Experiment) -> str:
    rows = experiment.recommended_rows  # type: ignore[attr-defined]
    return learner_name(rows[0].candidate) if rows else ""


def _note(experiment: Experiment) -> str:
    return experiment.note.text if hasattr(experiment, "note") else ""


SHOWN: dict[str, Callable[[Experiment], Any]] = {
    "model": _model,
    "trials": lambda experiment: count(experiment.trial_count),  # type: ignore[attr-defined]
    "features": lambda experiment: count(experiment.found.data.features) if experiment.found.data.features else "",
    "split": _split,
    "budget": _budget,
    "seed": lambda experiment: str(experiment.seed),
    "hash": lambda experiment: experiment.version.sha256[:12],
    "note": _note,
    "owner": lambda experiment: str(experiment.owner),
    "created": lambda experiment: time_tag(experiment.created_at),
    "changed": lambda experiment: time_tag(experiment.updated_at),
}
PLAIN: dict[str, Callable[[Experiment], Any]] = {
    "state": lambda experiment: str(experiment.get_state_display()),
    "tags": lambda experiment: ", ".join(tagged.tag for tagged in experiment.tagged.all()),
    "trials": lambda experiment: experiment.trial_count,  # type: ignore[attr-defined]
    "features": lambda experiment: experiment.found.data.features,
    "seed": lambda experiment: experiment.seed,
    "created": lambda experiment: experiment.created_at.isoformat(timespec="seconds"),
    "changed": lambda experiment: experiment.updated_at.isoformat(timespec="seconds"),
}
CLASSES = {"hash": "code", "owner": "who", "created": "nowrap", "changed": "nowrap", "note": "note-cell"}
