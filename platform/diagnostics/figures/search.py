"""The settings of a search as parallel axes: each line a trial, the best in colour."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from diagnostics.queries.search import reading_of, thinned
from experiments.charts import theme
from experiments.charts.theme import Drawing
from training.models import Experiment, Trial

MOST_AXES, BEST_SHARE = 8, 0.1
LONGEST_NAME = 14


def search_figure_of(experiment: Experiment, name: str, asked: Mapping[str, str]) -> dict[str, Any] | None:
    return SEARCH_CHARTS[name](experiment, asked)


def _parallel(experiment: Experiment, asked: Mapping[str, str]) -> dict[str, Any] | None:
    """Draw the trials of one algorithm; of many only the best and an even sample of the others."""
    trials = sorted(thinned(experiment, asked.get("learner", "")), key=lambda trial: trial.auc or 0.0)
    axes = _axes(trials)
    if len(trials) < 2 or not axes:
        return None
    places = [[axis(trial) for axis in (one.place for one in axes)] for trial in trials]
    cut = len(trials) - max(1, round(BEST_SHARE * len(trials)))
    drawn = [
        _lines(trials[:cut], places[:cut], "nonevent", 0.35, 1.0),
        _lines(trials[cut:], places[cut:], "validation", 0.9, 1.6),
    ]
    ticks = list(range(len(axes)))
    names = [one.name if len(one.name) <= LONGEST_NAME else one.name[: LONGEST_NAME - 1] + "…" for one in axes]
    notes = [
        theme.label(place, at, text, "text-3", xanchor="center", yanchor=anchor)
        for place, one in enumerate(axes)
        for at, text, anchor in ((0, one.low, "top"), (1, one.high, "bottom"))
    ]
    posts = [theme.line([place, place], [0, 1], "border-strong", width=1) for place in ticks]
    layout = {
        "height": 300,
        "xaxis": {"tickvals": ticks, "ticktext": names, "showgrid": False, "range": [-0.3, len(axes) - 0.7]},
        "yaxis": {"visible": False, "range": [-0.12, 1.12]},
        "annotations": notes,
        "margin": {"t": 8, "b": 36},
    }
    return Drawing([*posts, *drawn], layout).to_dict()


def _lines(
    trials: Sequence[Trial], places: Sequence[Sequence[float]], colour: str, opacity: float, width: float
) -> dict[str, Any]:
    """Return many trials as one trace, parted by gaps: a page draws two traces, not hundreds."""
    x: list[float | None] = []
    y: list[float | None] = []
    told: list[str | None] = []
    for trial, own in zip(trials, places, strict=True):
        x += [*range(len(own)), None]
        y += [*own, None]
        told += [reading_of(trial)] * len(own) + [None]
    return {
        "type": "scatter", "mode": "lines", "x": x, "y": y, "text": told, "opacity": opacity, "connectgaps": False,
        "line": {"color": theme.token(colour), "width": width}, "hovertemplate": "%{text}<extra></extra>",
    }  # fmt: skip


class _Axis:
    """One setting, or the AUC: where a trial stands on it from 0 to 1."""

    def __init__(self, name: str, values: Sequence[Any], of: Callable[[Trial], Any]) -> None:
        self.name, self.of = name, of
        is_number = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
        self.options: list[str] = [] if is_number else sorted({str(value) for value in values})
        if is_number:
            self.least, self.most = float(min(values)), float(max(values))
            self.is_log = self.least > 0 and self.most / self.least > 100
            self.low, self.high = f"{self.least:.4g}", f"{self.most:.4g}"
        else:
            self.low, self.high = self.options[0], self.options[-1]

    @property
    def is_flat(self) -> bool:
        return len(self.options) == 1 if self.options else self.least == self.most

    def place(self, trial: Trial) -> float:
        value = self.of(trial)
        if self.options:
            return self.options.index(str(value)) / max(1, len(self.options) - 1)
        if self.is_log:
            from math import log

            return log(float(value) / self.least) / log(self.most / self.least)
        return (float(value) - self.least) / (self.most - self.least)


def _axes(trials: Sequence[Trial]) -> list[_Axis]:
    if not trials:
        return []
    shared = [name for name in trials[-1].params if all(name in trial.params for trial in trials)]

    def setting(name: str) -> Callable[[Trial], Any]:
        return lambda trial: trial.params[name]

    found = [_Axis(name, [trial.params[name] for trial in trials], setting(name)) for name in shared]
    varied = [axis for axis in found if not axis.is_flat][: MOST_AXES - 1]
    auc = _Axis("AUC", [trial.auc for trial in trials], lambda trial: trial.auc)
    return [] if auc.is_flat else [*varied, auc]


SEARCH_CHARTS: dict[str, Callable[[Experiment, Mapping[str, str]], dict[str, Any] | None]] = {"parallel": _parallel}
