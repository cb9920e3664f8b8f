"""A chart as still shapes on a page: they print, need no script, and look the same in a browser and in a PDF."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import floor, isfinite, log10

from experiments.charts.theme import PALETTES
from experiments.report.content import Chart, Form, shown

WIDTH, HEIGHT = 640, 300
TOP, RIGHT, BOTTOM, LEFT = 34, 16, 46, 60
BAR, LETTER = 24, 6.4
# Names of categories are cut at this width; the whole name is told when a reader points at it.
LONGEST_NAME = 200.0
COLOURS = PALETTES["light"]
TICKS = 5


@dataclass(frozen=True)
class Label:
    """A text at its place; ``whole`` where it had to be cut."""

    x: float
    y: float
    text: str
    anchor: str = "middle"
    whole: str = ""
    turn: int = 0


@dataclass(frozen=True)
class Line:
    points: str
    colour: str
    is_dashed: bool = False
    is_thin: bool = False


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    colour: str
    said: str


@dataclass
class Plot:
    """The shapes of one chart."""

    width: float
    height: float
    lines: list[Line] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    dots: list[tuple[float, float, str]] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    keys: list[tuple[float, str, str, bool]] = field(default_factory=list)

    def rule(self, x0: float, y0: float, x1: float, y1: float, colour: str = "grid") -> None:
        points = f"{x0:.1f},{y0:.1f} {x1:.1f},{y1:.1f}"
        self.lines.append(Line(points, COLOURS[colour], is_thin=True))


@dataclass(frozen=True)
class Scale:
    """From numbers to places on the page."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def plot(chart: Chart) -> Plot:
    """Return the shapes of a chart."""
    if chart.kind == "bars":
        return _lying(chart)
    return _curves(chart) if chart.kind == "curves" else _over_categories(chart)


def _curves(chart: Chart) -> Plot:
    drawn = Plot(WIDTH, HEIGHT)
    xs = [x for one in chart.series for x in one.x]
    x_scale = _scale(xs, LEFT, WIDTH - RIGHT, is_from_zero=False)
    y_scale = _y_axis(drawn, chart)
    for tick in _ticks(x_scale):
        drawn.labels.append(Label(x_scale(tick), HEIGHT - BOTTOM + 16, _axis_text(tick, chart.x_form)))
    for one in chart.series:
        points = [(x_scale(x), y_scale(y)) for x, y in zip(one.x, one.y, strict=True) if y is not None]
        drawn.lines += _line(points, one.colour, one.is_dashed)
    _titles(drawn, chart)
    return drawn


def _over_categories(chart: Chart) -> Plot:
    """Draw columns or lines over categories; where these are many, not every one is named."""
    drawn, count = Plot(WIDTH, HEIGHT), max(1, len(chart.categories))
    y_scale, step = _y_axis(drawn, chart), (WIDTH - LEFT - RIGHT) / count
    middles = [LEFT + (place + 0.5) * step for place in range(count)]
    widest = max((_width(name) for name in chart.categories), default=0)
    every = max(1, -(-int(widest + 10) // max(1, int(step))))
    for place, name in enumerate(chart.categories):
        if place % every == 0:
            drawn.labels.append(Label(middles[place], HEIGHT - BOTTOM + 16, name))
    for one in chart.series:
        known = [(x, y) for x, y in zip(middles, one.y, strict=True) if y is not None]
        if chart.kind == "columns":
            drawn.bars += [_column(x, y, step, y_scale, one.colour, chart.y_form) for x, y in known]
        else:
            points = [(x, y_scale(y)) for x, y in known]
            drawn.lines += _line(points, one.colour, one.is_dashed)
            drawn.dots += [(x, y, COLOURS[one.colour]) for x, y in points]
    _titles(drawn, chart)
    return drawn


def _column(x: float, value: float, step: float, scale: Scale, colour: str, form: Form) -> Bar:
    top, base = sorted((scale(value), scale(0.0)))
    return Bar(x - 0.4 * step, top, 0.8 * step, base - top, COLOURS[colour], shown(value, form))


def _lying(chart: Chart) -> Plot:
    """Draw lying bars with their names at the left: of any length, cut with an ellipsis."""
    series = chart.series[0]
    values = [value or 0.0 for value in series.y]
    height = TOP + BAR * len(values) + BOTTOM
    names = [_cut(name, LONGEST_NAME) for name in chart.categories]
    left = 16 + max((_width(name) for name in names), default=0.0)
    drawn, scale = Plot(WIDTH, height), _scale(values, left, WIDTH - 64, is_from_zero=True)
    for tick in _ticks(scale):
        drawn.rule(scale(tick), TOP, scale(tick), height - BOTTOM)
        drawn.labels.append(Label(scale(tick), height - BOTTOM + 16, _axis_text(tick, chart.y_form)))
    drawn.rule(scale(0.0), TOP, scale(0.0), height - BOTTOM, "border-strong")
    for place, value in enumerate(values):
        y, (start, end) = TOP + place * BAR, sorted((scale(0.0), scale(value)))
        said = shown(value, chart.y_form)
        colour = COLOURS[series.colour if value >= 0 else "nonevent"]
        drawn.bars.append(Bar(start, y + 4, max(end - start, 0.5), BAR - 8, colour, said))
        whole = chart.categories[place] if names[place] != chart.categories[place] else ""
        drawn.labels.append(Label(left - 8, y + BAR / 2 + 4, names[place], "end", whole))
        drawn.labels.append(Label(end + 6, y + BAR / 2 + 4, said, "start"))
    drawn.labels.append(Label((left + WIDTH - 64) / 2, height - 10, chart.x_title))
    return drawn


def _y_axis(drawn: Plot, chart: Chart) -> Scale:
    values = [y for one in chart.series for y in one.y if y is not None]
    scale = _scale(values, HEIGHT - BOTTOM, TOP, is_from_zero=chart.kind == "columns")
    for tick in _ticks(scale):
        drawn.rule(LEFT, scale(tick), WIDTH - RIGHT, scale(tick))
        drawn.labels.append(Label(LEFT - 8, scale(tick) + 4, _axis_text(tick, chart.y_form), "end"))
    drawn.rule(LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM, "border-strong")
    return scale


def _titles(drawn: Plot, chart: Chart) -> None:
    """Name the axes, and the series where there are several."""
    drawn.labels.append(Label((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, chart.x_title))
    drawn.labels.append(Label(14, (TOP + HEIGHT - BOTTOM) / 2, chart.y_title, turn=-90))
    place = float(LEFT)
    for one in chart.series if len(chart.series) > 1 else ():
        drawn.keys.append((place, one.name, COLOURS[one.colour], one.is_dashed))
        place += 40 + _width(one.name)


def _line(points: Sequence[tuple[float, float]], colour: str, is_dashed: bool) -> list[Line]:
    text = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return [Line(text, COLOURS[colour], is_dashed)] if len(points) > 1 else []


def _scale(values: Sequence[float], start: float, end: float, *, is_from_zero: bool) -> Scale:
    known = [value for value in values if isfinite(value)]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    if is_from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low < 1e-12:
        low, high = low - 0.5, high + 0.5
    step = _step(high - low)
    return Scale(floor(low / step + 1e-9) * step, -floor(-high / step + 1e-9) * step, start, end)


def _step(spread: float) -> float:
    """Return 1, 2 or 5 times a power of ten, so that about five steps cover the spread."""
    rough = spread / TICKS
    power = 10.0 ** floor(log10(rough))
    return float(next(power * nice for nice in (1, 2, 5, 10) if rough <= power * nice * (1 + 1e-9)))


def _ticks(scale: Scale) -> list[float]:
    step = _step(scale.high - scale.low)
    first = floor(scale.low / step + 1 - 1e-9)
    return [place * step for place in range(first, floor(scale.high / step + 1e-9) + 1)]


def _axis_text(value: float, form: Form) -> str:
    """Return a tick's number without more decimals than it takes."""
    if form in ("percent", "percent2"):
        return f"{value * 100:.4g}%".replace("-", "−")
    return f"{value:,.4g}".replace("-", "−") if abs(value) < 10_000 else f"{value:,.0f}".replace("-", "−")


def _width(text: str) -> float:
    """Return about how wide a text is; Chinese letters are twice as wide as Latin ones."""
    return sum(LETTER if ord(letter) < 0x2E80 else 12.0 for letter in text)


def _cut(text: str, most: float) -> str:
    if _width(text) <= most:
        return text
    while text and _width(text) > most - LETTER:
        text = text[:-1]
    return text.rstrip() + "…"
