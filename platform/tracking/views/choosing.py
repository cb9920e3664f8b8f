"""The list of experiments as a file, and what is done to several of them at once."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import workspace_required
from accounts.models import User
from accounts.requests import SignedInRequest, page_before
from common import addresses
from common.numbers import whole_number
from experiments.errors import ExperimentError
from experiments.writing.formula_guard import csv_lines
from tracking.lines import plain_head, plain_line
from tracking.queries.asked import Asked
from tracking.queries.listing import columns_of, in_order, narrowed, shown
from tracking.services import keeping
from training.models import Experiment, LeaderboardRow
from training.queries.experiments import experiments_of
from training.views.access import may_change
from training.words import sentence

PIECE = 200
MOST_CHOSEN = 200
TAG, UNTAG = "tag", "untag"


@require_safe
@workspace_required
def experiment_list_csv(request: SignedInRequest) -> StreamingHttpResponse:
    """All experiments that the address asks for, in the columns their reader chose, read piece by piece."""
    asked, user = Asked.of(request.GET), request.user
    columns = columns_of(user)
    keys = list(in_order(narrowed(request.workspace, asked, user), asked).values_list("pk", flat=True))

    def rows() -> Iterator[list[Any]]:
        yield plain_head(columns)
        for start in range(0, len(keys), PIECE):
            yield from (plain_line(each, columns) for each in shown(keys[start : start + PIECE], columns, user))

    response = StreamingHttpResponse(csv_lines(rows()), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="experiments.csv"'
    return response


@require_POST
@workspace_required
def experiment_list_chosen(request: SignedInRequest) -> HttpResponse:
    """Compare the experiments that were ticked, or tag, archive or restore all of them that one may change."""
    named = map(whole_number, request.POST.getlist("e")[:MOST_CHOSEN])
    keys = [key for key in named if key is not None]
    if not keys:
        messages.warning(request, _("Tick the experiments first."))
        return redirect(page_before(request))
    act = request.POST.get("act", "")
    if act == "compare":
        return _compare(request, keys)
    if act in (TAG, UNTAG) and not request.POST.get("tag", "").strip():
        messages.warning(request, _("Type the tag first."))
        return redirect(page_before(request))
    if act in ACTS:
        _apply(request, ACTS[act], keys)
    return redirect(page_before(request))


def _compare(request: SignedInRequest, keys: list[int]) -> HttpResponse:
    rows = LeaderboardRow.objects.filter(
        experiment__in=experiments_of(request.workspace).filter(pk__in=keys), is_recommended=True
    ).exclude(model_path="")
    by_experiment = dict(rows.values_list("experiment", "pk"))
    models = [("m", f"f-{by_experiment[key]}") for key in dict.fromkeys(keys) if key in by_experiment]
    if len(models) < 2:
        messages.warning(request, _("Tick two experiments or more that have a model."))
        return redirect(page_before(request))
    return redirect(f"{addresses.address_of('compare')}?{urlencode(models)}")


Act = Callable[[Experiment, User, str], None]


def _tag(experiment: Experiment, user: User, tag: str) -> None:
    keeping.set_tags(experiment, [*experiment.tagged.values_list("tag", flat=True), tag], user)


def _untag(experiment: Experiment, user: User, tag: str) -> None:
    own = experiment.tagged.values_list("tag", flat=True)
    keeping.set_tags(experiment, [each for each in own if each.casefold() != tag.strip().casefold()], user)


ACTS: dict[str, Act] = {
    TAG: _tag,
    UNTAG: _untag,
    "archive": lambda experiment, user, _tag: keeping.archive(experiment, user),
    "restore": lambda experiment, user, _tag: keeping.restore(experiment, user),
}


def _apply(request: SignedInRequest, act: Act, keys: list[int]) -> None:
    """Do it to each; what is refused, or not one's to change, is told and stops none of the others."""
    done, kept_back, refused = 0, 0, ""
    for experiment in experiments_of(request.workspace).filter(pk__in=keys):
        if not may_change(request, experiment):
            kept_back += 1
            continue
        try:
            act(experiment, request.user, request.POST.get("tag", ""))
            done += 1
        except ExperimentError as error:
            refused = f"“{experiment.name}”: {sentence(error.message, error.params)}"
    if done:
        told = ngettext("Done for %(n)s experiment.", "Done for %(n)s experiments.", done)
        messages.success(request, told % {"n": done})
    if kept_back:
        told = ngettext(
            "%(n)s experiment was left as it is: only its owner, a modeler or an admin can change it.",
            "%(n)s experiments were left as they are: only their owners, a modeler or an admin can change them.",
            kept_back,
        )
        messages.warning(request, told % {"n": kept_back})
    if refused:
        messages.error(request, refused)
