"""The one look of every chart: colour tokens, the template, and the few shapes all charts are drawn with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from experiments.stored import Part, plain

if TYPE_CHECKING:
    import plotly.graph_objects as go

Palette = Literal["light", "dark"]

_LIGHT = {
    "surface": "#FFFFFF",
    "sunken": "#EEF1F4",
    "border": "#E2E7EC",
    "border-strong": "#C8D0D8",
    "grid": "#E9EDF1",
    "text": "#17212B",
    "text-2": "#475463",
    "text-3": "#5F6C7B",
    "brand": "#0B5A6B",
    "good": "#1A7A47",
    "train": "#66727F",
    "validation": "#2B67D1",
    "oot": "#B9500B",
    "champion": "#1B2733",
    "challenger": "#9B2F92",
    "third": "#7C6A14",
    "fourth": "#5A4BB8",
    "event": "#0B7F86",
    "nonevent": "#8894A2",
    "low": "#4E8FD0",
    "high": "#B81D6B",
}
_DARK = {
    "surface": "#161D25",
    "sunken": "#1F2832",
    "border": "#28323D",
    "border-strong": "#3B4754",
    "grid": "#242E38",
    "text": "#E6EBF1",
    "text-2": "#AAB5C1",
    "text-3": "#8C98A5",
    "brand": "#5CC3D3",
    "good": "#56C98F",
    "train": "#93A0AE",
    "validation": "#6FA5FF",
    "oot": "#F09A55",
    "champion": "#F2F5F8",
    "challenger": "#E08BD8",
    "third": "#C9B458",
    "fourth": "#A79BFF",
    "event": "#45C4C0",
    "nonevent": "#6F7D8C",
    "low": "#5FA2E6",
    "high": "#FF6FAF",
}
PALETTES: dict[str, dict[str, str]] = {"light": _LIGHT, "dark": _DARK}

# The sample a curve belongs to decides its colour and its word.
SAMPLE_TOKENS = {
    "train": "train",
    "validation": "validation",
    "held_out": "oot",
    "out_of_time": "oot",
    "champion": "champion",
    "challenger": "challenger",
    "third": "third",
    "fourth": "fourth",
}

FONT = '"Segoe UI", "Noto Sans", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", sans-serif'
HATCHES = 12


class ChartData(Part):
    """What a chart shows, as a frozen dataclass that goes to JSON and back."""


@dataclass(frozen=True)
class Drawing:
    """A figure in Plotly's own plain form whose colours are token names (``token:event``, ``token:event/0.12``).

    The page resolves them in the theme of the moment; ``figure`` resolves them here.
    """

    data: list[dict[str, Any]]
    layout: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return ``{"data": …, "layout": …}`` for the page, which adds its template and colours."""
        return plain({"data": self.data, "layout": _placed(self.layout)})

    def figure(self, palette: Palette = "light") -> "go.Figure":
        """Return a Plotly figure with the template and colours of ``palette``."""
        colours = PALETTES[palette]
        layout = _under(template(), _placed(self.layout))
        for name in {"xaxis", "yaxis", *(key for key in self.layout if key[1:5] == "axis")}:
            layout[name] = _under(_axis(name[0]), self.layout.get(name, {}))
        # Plotly takes seconds to load, and who only keeps or reads chart data draws nothing.
        import plotly.graph_objects as go

        return go.Figure(plain(_coloured({"data": self.data, "layout": layout}, colours)))


def _placed(layout: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out shapes and labels that have no place, because a measure is undefined."""
    kept = {
        name: [one for one in layout[name] if _has_place(one)] for name in ("shapes", "annotations") if name in layout
    }
    return {**layout, **kept}


def _has_place(one: Mapping[str, Any]) -> bool:
    return not any(isinstance(one.get(key), float) and np.isnan(one[key]) for key in ("x", "y", "x0", "x1", "y0", "y1"))


def _under(base: dict[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in own.items():
        both = isinstance(value, Mapping) and isinstance(base.get(key), dict)
        merged[key] = _under(base[key], value) if both else value
    return merged


def _coloured(value: Any, colours: Mapping[str, str]) -> Any:
    if isinstance(value, str) and value.startswith("token:"):
        return _resolve(value, colours)
    if isinstance(value, Mapping):
        return {key: _coloured(item, colours) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_coloured(item, colours) for item in value]
    return value


def _resolve(name: str, colours: Mapping[str, str]) -> str:
    token, _, alpha = name.removeprefix("token:").partition("/")
    colour = colours[token]
    if not alpha:
        return colour
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha})"


def template() -> dict[str, Any]:
    """Return the layout every chart begins with: no title, no legend box, transparent paper."""
    return {
        "template": {},
        "font": {"family": FONT, "size": 12, "color": "token:text-2"},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 8, "r": 12, "t": 8, "b": 8},
        "showlegend": False,
        "hovermode": "closest",
        "dragmode": False,
        "separators": ".,",
        "hoverlabel": {
            "bgcolor": "token:text",
            "bordercolor": "token:text",
            "font": {"color": "token:surface", "size": 12},
            "align": "left",
        },
    }


def _axis(direction: str) -> dict[str, Any]:
    axis = {
        "gridcolor": "token:grid",
        "linecolor": "token:border-strong",
        "zerolinecolor": "token:border-strong",
        "zerolinewidth": 1,
        "tickfont": {"size": 12, "color": "token:text-3"},
        "title": {"font": {"size": 12, "color": "token:text-3"}, "standoff": 8},
        "ticks": "",
        "ticklabelstandoff": 4,
        "automargin": True,
        "fixedrange": True,
    }
    return axis | ({"showgrid": False, "showline": True} if direction == "x" else {"showline": False})


def token(name: str, alpha: float | None = None) -> str:
    """Return a colour by its token name, with an optional opacity."""
    return f"token:{name}" if alpha is None else f"token:{name}/{alpha:g}"


def line(
    x: Sequence[Any], y: Sequence[Any], colour: str, *, width: float = 2, hover: str | None = None, **more: Any
) -> dict[str, Any]:
    """Return a line; ``hover`` is the sentence shown on it, nothing when left out."""
    style = {"color": token(colour), "width": width, **more.pop("line", {})}
    told = {"hovertemplate": f"{hover}<extra></extra>"} if hover else {"hoverinfo": "skip"}
    return {"type": "scatter", "mode": "lines", "x": list(x), "y": list(y), "line": style, **told, **more}


def dotted(x: Sequence[Any], y: Sequence[Any]) -> dict[str, Any]:
    """Return the thin dotted line of chance, a limit or perfection."""
    return line(x, y, "nonevent", width=1, line={"dash": "dot"})


def ribbon(x: Sequence[Any], low: Sequence[Any], high: Sequence[Any], colour: str) -> dict[str, Any]:
    """Return an interval as a soft band in the colour of its line."""
    around = {"x": [*x, *reversed(x)], "y": [*high, *reversed(low)], "fill": "toself"}
    soft = {"fillcolor": token(colour, 0.12), "line": {"width": 0}, "hoverinfo": "skip"}
    return {"type": "scatter", "mode": "lines", **around, **soft}


def label(x: Any, y: Any, text: str, colour: str, *, size: float = 12, **more: Any) -> dict[str, Any]:
    """Return a direct label that stands beside what it names."""
    font = {"size": size, "color": token(colour)}
    place = {"xanchor": "left", "yanchor": "middle", "showarrow": False}
    return {"x": x, "y": y, "text": text, "font": font, **place, **more}


def horizontal(y: float, colour: str = "border-strong") -> dict[str, Any]:
    """Return a dotted line across the chart."""
    style = {"color": token(colour), "width": 1, "dash": "dot"}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": y, "y1": y, "line": style}


def vertical(x: Any, colour: str = "border-strong") -> dict[str, Any]:
    """Return a dotted line from the foot to the head of the chart."""
    style = {"color": token(colour), "width": 1, "dash": "dot"}
    return {"type": "line", "yref": "paper", "y0": 0, "y1": 1, "x0": x, "x1": x, "line": style}


def shaded(x0: Any, x1: Any, colour: str, opacity: float) -> dict[str, Any]:
    """Return a tinted field behind the lines."""
    look = {"fillcolor": token(colour), "opacity": opacity, "line": {"width": 0}, "layer": "below"}
    return {"type": "rect", "yref": "paper", "y0": 0, "y1": 1, "x0": x0, "x1": x1, **look}


def hatched(x0: float, x1: float, colour: str, lines: int = HATCHES) -> dict[str, Any]:
    """Return a field of slanting lines behind the curves; Plotly has patterns for bars only."""
    strokes = " ".join(f"M {x0} {place / lines} L {x1} {(place + 1) / lines}" for place in range(lines))
    look = {"line": {"color": token(colour), "width": 1}, "opacity": 0.6, "layer": "below"}
    return {"type": "path", "path": strokes, "yref": "paper", **look}


def percent_axis(title: str | None = None, top: float = 100, **more: Any) -> dict[str, Any]:
    """Return an axis of percentages from 0 to ``top``."""
    titled = {"title": {"text": title}} if title else {}
    return {"ticksuffix": "%", "range": [0, top], **titled, **more}


def by_sample(data: Any) -> dict[str, Any]:
    """Return ``{sample: data}`` for one piece of data (taken as validation) or several."""
    return dict(data) if isinstance(data, Mapping) else {"validation": data}


def sample_token(sample: str) -> str:
    """Return the colour token of a sample."""
    return SAMPLE_TOKENS.get(sample, "validation")


def curve_labels(
    curves: Mapping[str, tuple[Sequence[Any], Sequence[Any]]], words: Mapping[str, str], at: float = 30
) -> list[dict[str, Any]]:
    """Return a label for each sample's curve: the highest above its line, the others below theirs, further right."""
    heights = {sample: float(np.interp(at, x, y)) for sample, (x, y) in curves.items()}
    labels = []
    for place, sample in enumerate(sorted(heights, key=lambda one: -heights[one])):
        x, y = curves[sample]
        colour = sample_token(sample)
        if place == 0:
            more: dict[str, Any] = {"xanchor": "right", "yanchor": "bottom", "xshift": -4}
            labels.append(label(at, heights[sample], words[sample], colour, **more))
        else:
            right = at + 12 * place
            more = {"yanchor": "top", "xshift": 8, "yshift": -4}
            labels.append(label(right, float(np.interp(right, x, y)), words[sample], colour, **more))
    return labels


def percents(values: Sequence[float | None]) -> list[float | None]:
    """Return shares as percentages, short enough to travel."""
    return [None if value is None else round(100 * value, 3) for value in values]


def numbers(values: ArrayLike, digits: int = 6) -> tuple[float, ...]:
    """Return an array as plain floats of ``digits`` significant digits."""
    return tuple(float(f"{value:.{digits}g}") for value in np.asarray(values, dtype=np.float64))


# Finer at the head of the list, where a contact quota lies.
SHARES = np.unique(np.round(np.concatenate([np.arange(0, 0.05, 0.0025), np.linspace(0.05, 1, 96)]), 4))
