"""How models were made, line by line, so that what differs can be told from what is the same."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from checks.sample_words import sentences_on_sample
from common.templatetags.formatting import NOTHING, count, listed
from comparisons.queries.subjects import Subject, table_hash
from experiments.spec import ASKED
from planning.words import EFFORTS, SCHEMES
from results.queries.limits import limits_asked
from training.words import learner_name, sentences

NAMES_SHOWN = 6


@dataclass(frozen=True)
class SetupCell:
    """What one model has: a line and a smaller one below; ``same_as`` names an earlier model that has the same."""

    text: str
    more: str = ""
    same_as: str = ""


@dataclass(frozen=True)
class SetupLine:
    """One thing of how models were made; ``differs`` unless all have the same."""

    label: str
    cells: tuple[SetupCell, ...]
    differs: bool


Told = tuple[str, str]


def setup_of(subjects: Sequence[Subject]) -> list[SetupLine]:
    """Return every line of the set-up."""
    return [_line(label, [tell(each) for each in subjects], subjects) for label, tell in _lines(subjects)]


def _line(label: str, told: Sequence[Told], subjects: Sequence[Subject]) -> SetupLine:
    cells = []
    for place, (text, more) in enumerate(told):
        earlier = told.index((text, more))
        same_as = subjects[earlier].letter if earlier < place else ""
        cells.append(SetupCell(text or NOTHING, more, same_as))
    return SetupLine(label, tuple(cells), len(set(told)) > 1)


def _lines(subjects: Sequence[Subject]) -> Iterator[tuple[str, Callable[[Subject], Told]]]:
    base = subjects[0]
    yield _("Data"), _data
    yield _("Data hash"), _hash
    yield _("Sample definition"), lambda each: (sentences_on_sample_of(each), "")
    yield _("Target and event"), lambda each: (f"{each.experiment.asked.target} = {each.experiment.asked.event}", "")
    yield _("Training rows"), _training
    yield _("Held-out sample"), _set_aside
    yield _("How rows are split"), _scheme
    yield _("Columns"), lambda each: _columns(each, base)
    yield _("Algorithm"), lambda each: (learner_name(each.learner), "")
    yield _("Hyper-parameters"), lambda each: (_parameters(each), "")
    yield _("Columns with a monotone constraint"), _directions
    yield _("Trained on"), _trained_on
    yield _("Budget"), _budget
    yield str(ASKED["seed"].label and _(ASKED["seed"].label)), lambda each: (str(each.experiment.asked.seed), "")
    yield _("Derived columns"), lambda each: (str(EFFORTS[each.experiment.asked.feature_effort][0]), "")
    yield _("Limits"), lambda each: (listed(limits_asked(each.experiment.asked.limits)), "")
    yield _("Special values"), _special_values
    yield _("Weight"), lambda each: (each.experiment.asked.weight_column or "", "")
    yield _("Library versions"), lambda each: _versions(each, base)


def _data(each: Subject) -> Told:
    version = each.experiment.version
    rows = each.experiment.found.data.rows or version.row_count
    counted = ngettext("%(n)s row", "%(n)s rows", rows or 0) % {"n": count(rows)}
    return f"{version.dataset.name} v{version.number}", counted


def _hash(each: Subject) -> Told:
    known = table_hash(each.experiment.data_check)
    return (f"{known[:4]}…{known[-4:]}", "") if known else ("", "")


def sentences_on_sample_of(each: Subject) -> str:
    """Return how the rows of a model's question were chosen."""
    return " ".join(str(one) for one in sentences_on_sample(each.experiment.data_check))


def _training(each: Subject) -> Told:
    split = each.experiment.found.split
    return count(split.rows.train), _from_to(split.boundaries, "train")


def _set_aside(each: Subject) -> Told:
    split = each.experiment.found.split
    return count(split.rows.held_out), _from_to(split.boundaries, "held")


def _from_to(boundaries: dict[str, str], part: str) -> str:
    first, last = (boundaries.get(f"{part}_{end}") for end in ("from", "to"))
    return _("%(first)s to %(last)s") % {"first": first, "last": last} if first and last else ""


def _scheme(each: Subject) -> Told:
    split = each.experiment.found.split
    return str(SCHEMES.get(split.scheme, split.scheme)), sentences(split.description)


def _columns(each: Subject, base: Subject) -> Told:
    own, first = _read_by(each), _read_by(base)
    if not own or each is base or not first:
        return str(len(own) or NOTHING), ""
    added, gone = (sorted(one - other) for one, other in ((own, first), (first, own)))
    told = [_("with %(columns)s") % {"columns": _named(added)}] if added else []
    told += [_("without %(columns)s") % {"columns": _named(gone)}] if gone else []
    return str(len(own)), listed(told)


def _named(columns: Sequence[str]) -> str:
    shown = listed(columns[:NAMES_SHOWN])
    more = len(columns) - NAMES_SHOWN
    if more <= 0:
        return shown
    return ngettext("%(names)s and %(n)s more", "%(names)s and %(n)s more", more) % {"names": shown, "n": more}


def _read_by(each: Subject) -> set[str]:
    importance = each.manifest.get("importance", {})
    return {name for name, share in importance.items() if share}


def _parameters(each: Subject) -> str:
    kept = each.trial.params if each.trial is not None else each.manifest.get("facts", {}).get("params", {})
    # A card cut by hand carries the whole of its bins, which are no settings to be read.
    told = [f"{name} = {_plain(value)}" for name, value in sorted(kept.items()) if not isinstance(value, dict)]
    return listed(told if len(told) == len(kept) else [*told, _("bins set by hand")])


def _plain(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _directions(each: Subject) -> Told:
    held = [name for name, way in each.experiment.asked.monotone.items() if way]
    return (str(len(held)) if held else _("none")), _named(sorted(held)) if held else ""


def _trained_on(each: Subject) -> Told:
    kept = each.row.kept.trained_on if each.row is not None else ""
    return {"training": _("training rows only"), "all": _("all labelled rows")}.get(kept, ""), ""


def _budget(each: Subject) -> Told:
    experiment = each.experiment
    trials = experiment.trials.count()
    asked = ngettext("%(n)s trial", "%(n)s trials", trials) % {"n": count(trials)}
    if experiment.budget_trials:
        return asked, ""
    minutes = max(1, round(experiment.budget_seconds / 60))
    return asked, ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}


def _special_values(each: Subject) -> Told:
    values = sorted(each.experiment.asked.special_values.items())
    return listed([f"{name}: {', '.join(f'{code:.15g}' for code in codes)}" for name, codes in values]), ""


def _versions(each: Subject, base: Subject) -> Told:
    own, first = each.manifest.get("versions", {}), base.manifest.get("versions", {})
    if each is base or not first:
        return listed([f"{name} {version}" for name, version in sorted(own.items())]), ""
    differ = [f"{name} {version}" for name, version in sorted(own.items()) if first.get(name) != version]
    return (listed(differ), "") if differ else _versions(base, base)
