"""A comparison as one HTML file that needs nothing else: verdicts first, then the tables behind them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from jinja2 import Environment, PackageLoader, StrictUndefined

from experiments.comparison.evidence import Against, ModelsCompared
from experiments.comparison.words import VERDICTS, change_in_events, verdict_on
from experiments.errors import gettext_noop
from experiments.evaluation.measures import Measure
from experiments.naming import LEARNERS
from experiments.sentence import Sentence, translated
from experiments.telling import signed

TITLE = gettext_noop("Comparison of models")
COUNTED = gettext_noop("%(rows)s labelled rows, %(events)s events.")
MEASURES = {
    "auc": ("AUC", 4), "gini": (gettext_noop("Gini"), 4), "ks": ("KS", 4), "lift": (gettext_noop("Lift"), 2),
    "capture": (gettext_noop("Share of events captured"), 4), "log_loss": (gettext_noop("Log loss"), 4),
    "brier": (gettext_noop("Brier score"), 4), "ece": (gettext_noop("Calibration error (ECE)"), 4),
    "calibration_slope": (gettext_noop("Calibration slope"), 2),
    "observed_expected": (gettext_noop("Actual / predicted"), 2),
}  # fmt: skip
GROUPS = {
    "both": gettext_noop("Chosen by both"), "swap_in": gettext_noop("Swapped in"),
    "swap_out": gettext_noop("Swapped out"), "neither": gettext_noop("Chosen by neither"),
}  # fmt: skip
SWAP_HEADER = (
    gettext_noop("Customers"), gettext_noop("Share"), gettext_noop("Event rate"), gettext_noop("Mean amount"),
)  # fmt: skip
_pages = Environment(
    loader=PackageLoader("experiments.comparison"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
    lstrip_blocks=True,
)  # fmt: skip


@dataclass(frozen=True)
class Table:
    """A table with its title."""

    title: str
    header: list[str]
    rows: list[list[str]]


def page_of(found: ModelsCompared, language: str = "en") -> str:
    """Return the page in a language, ``en`` or ``zh``."""
    say: Callable[[str], str] = partial(translated, language=language)
    counted = Sentence(COUNTED, {"rows": f"{found.rows:,}", "events": f"{found.events:,}"})
    sentences = [
        counted,
        *(told for each in found.against for told in (verdict_on(found, each), change_in_events(found, each))),
    ]
    return _pages.get_template("page.html").render(
        language=language, title=say(TITLE), sentences=[one.text(language) for one in sentences],
        tables=list(_tables(found, say)),
    )  # fmt: skip


def _tables(found: ModelsCompared, say: Callable[[str], str]) -> Iterator[Table]:
    names = [model.name for model in found.models]
    yield Table(
        say(gettext_noop("Side by side")),
        [
            say(gettext_noop("Measure")),
            *(f"{one.name} ({say(LEARNERS.get(one.learner, one.learner))})" for one in found.models),
        ],
        [
            [say(label), *(_interval(model.measures[name], digits) for model in found.models)]
            for name, (label, digits) in MEASURES.items()
        ],
    )  # fmt: skip
    yield Table(
        say(gettext_noop("Against %(base)s")) % {"base": names[0]},
        ["", say(gettext_noop("Measure")), say(gettext_noop("Difference")), say(gettext_noop("From")),
         say(gettext_noop("To")), say(gettext_noop("p-value (Holm)")), say(gettext_noop("Verdict"))],
        [
            [each.name, say(MEASURES[name][0]), *(signed(value) for value in (one.difference, one.low, one.high)),
             f"{one.p_holm:.4f}", say(VERDICTS[one.verdict])]
            for each in found.against for name, one in each.measures.items()
        ],
    )  # fmt: skip
    for each in found.against:
        yield _swap_table(found, each, say)
    yield Table(
        say(gettext_noop("What they rely on")),
        [say(gettext_noop("Column")), *names],
        [[one.column, *("–" if share is None else f"{share:.1%}" for share in one.shares)] for one in found.reliance],
    )
    if found.months:
        yield Table(
            say(gettext_noop("Score PSI by month")),
            [say(gettext_noop("Month")), *names],
            [
                [month.month, *("–" if one.psi is None else f"{one.psi:.4f}" for one in month.models)]
                for month in found.months
            ],
        )


def _interval(measure: Measure, digits: int) -> str:
    value, low, high = measure.value, measure.low, measure.high
    if value is None:
        return "–"
    shown = f"{value:.{digits}f}"
    return shown if low is None or high is None else f"{shown} ({low:.{digits}f}–{high:.{digits}f})"


def _swap_table(found: ModelsCompared, each: Against, say: Callable[[str], str]) -> Table:
    header = [say(word) for word in SWAP_HEADER]
    rows = []
    for name, label in GROUPS.items():
        cell = getattr(each.swap_set, name)
        rate = "–" if cell.event_rate.value != cell.event_rate.value else f"{cell.event_rate.value:.2%}"
        amount = "–" if cell.mean_amount is None else f"{cell.mean_amount:,.2f}"
        rows.append([say(label), f"{cell.customers:,.0f}", f"{cell.share:.2%}", rate, amount])
    title = say(gettext_noop("%(base)s to %(name)s: who is swapped")) % {
        "base": found.models[0].name, "name": each.name,
    }  # fmt: skip
    return Table(title, ["", *header], rows)
