"""All experiments of a workspace: searched, narrowed, sorted, in the columns that their reader chose."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import workspace_required
from accounts.requests import SignedInRequest, page_before
from common import addresses
from experiments.comparison.limits import MOST_MODELS
from tracking.lines import Line
from tracking.queries.asked import Asked
from tracking.queries.facets import choices_of, counts_of
from tracking.queries.listing import columns_of, in_order, narrowed, shown
from tracking.services import keeping
from tracking.words import COLUMNS, FACTS, MEASURES, NAME, SAMPLES, SORTABLE, USUAL, ColumnWords
from training.models import ExperimentState

PAGE_SIZE = 50
LABELS = {"kind": _("Question"), "dataset": _("Dataset"), "owner": _("Person"), "tag": _("Tag")}
EVERY = {"kind": _("All questions"), "dataset": _("All datasets"), "owner": _("Everybody"), "tag": _("All tags")}


@dataclass(frozen=True)
class Head:
    """The head of a column: where it leads to be sorted by, and how it is sorted now."""

    column: ColumnWords
    query: str
    sorted: str

    @classmethod
    def of(cls, column: ColumnWords, asked: Asked) -> "Head":
        if column.name not in SORTABLE:
            return cls(column, "", "")
        is_sorted = column.name == asked.column
        falls = not asked.falls if is_sorted else column.falls_first
        direction = ("descending" if asked.falls else "ascending") if is_sorted else "none"
        return cls(column, asked.address(sort=f"-{column.name}" if falls else column.name), direction)


@require_safe
@workspace_required
def experiment_list(request: SignedInRequest) -> HttpResponse:
    asked, workspace, user = Asked.of(request.GET), request.workspace, request.user
    columns, counts = columns_of(user), counts_of(workspace, user)
    found = narrowed(workspace, asked, user)
    page = Paginator(in_order(found, asked).values_list("pk", flat=True), PAGE_SIZE).get_page(request.GET.get("page"))
    choices = choices_of(workspace)
    return render(
        request,
        "tracking/list.html",
        {
            "asked": asked,
            "page": page,
            "query": asked.address(),
            "lines": [Line.of(experiment, columns) for experiment in shown(list(page), columns, user)],
            "heads": [Head.of(column, asked) for column in (NAME, *(COLUMNS[name] for name in columns))],
            "counts": counts,
            "chips": _chips(asked, counts),
            "filters": [
                {"name": name, "label": label, "every": EVERY[name], "choices": choices[name],
                 "chosen": str(getattr(asked, name) or "")}
                for name, label in LABELS.items() if choices[name]
            ],
            "groups": _groups(columns),
            "compare_url": _compare_address(),
            "most_compared": MOST_MODELS,
        },
    )  # fmt: skip


def _chips(asked: Asked, counts: Any) -> list[dict[str, Any]]:
    """Return the chips above the list: all, those of a state, a person's favourites, the archive."""
    plain = {"state": "", "favourites": False, "archived": False}
    is_plain = not (asked.state or asked.favourites or asked.archived)
    chips = [{"label": _("All"), "count": counts.listed, "on": is_plain, "query": asked.address(**plain)}]
    chips += [
        {"label": ExperimentState(state).label, "count": count, "on": state == asked.state and not asked.archived,
         "query": asked.address(**plain | {"state": state})}
        for state, count in counts.by_state.items()
    ]  # fmt: skip
    for name, label, count in (
        ("favourites", _("My favourites"), counts.favourites),
        ("archived", _("Archived"), counts.archived),
    ):
        on = getattr(asked, name)
        if count or on:
            query = asked.address(**plain | {name: True})
            chips.append({"label": label, "count": count, "on": on, "query": query})
    return chips


def _groups(columns: list[str]) -> list[tuple[Any, list[tuple[str, Any, bool]]]]:
    """Return the columns that may be chosen: facts, and the measures by the rows they were taken on."""
    facts = [(name, each.label, name in columns) for name, each in FACTS.items()]
    groups: list[tuple[Any, list[tuple[str, Any, bool]]]] = [(_("Experiment"), facts)]
    for sample, label in SAMPLES.items():
        measures = [(name, each.label, name in columns) for name, each in MEASURES.items() if each.sample == sample]
        groups.append((label, measures))
    return groups


def _compare_address() -> str:
    """Return where models are compared, if an app does that."""
    try:
        return addresses.address_of("compare")
    except KeyError:
        return ""


@require_POST
@workspace_required
def experiment_list_columns(request: HttpRequest) -> HttpResponse:
    """Remember the columns that were ticked, or go back to the usual ones."""
    names = [name for name in COLUMNS if name in request.POST.getlist("column")]
    keeping.choose_columns(request.user, list(USUAL) if "usual" in request.POST else names)  # type: ignore[arg-type]
    return redirect(page_before(request))  # type: ignore[arg-type]
