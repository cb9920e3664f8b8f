"""What is carried away of a card: its points, its history, and the SQL that scores by it."""

from itertools import chain

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.permissions import can_unmask
from common.storage import local_path
from common.templatetags.formatting import told
from experiments.errors import ExperimentError
from experiments.scorecard.scaling import POINTS_DIGITS
from experiments.scorecard.sql import DIALECTS
from experiments.scoring.card import card_in, sources_in
from experiments.scoring.sql import model_sql
from results.queries.columns import secret_columns
from results.queries.evidence import untouched_folder_of
from results.queries.rates import rate_of
from results.views.chosen import attachment, csv_response, for_viewers_of_results
from scorecards.errors import SQL_NOT_SHOWN, CardRefused
from scorecards.models import Act
from scorecards.queries.cards import card_of, finalist_of
from scorecards.queries.withheld import secret_on
from scorecards.words import bin_in_words, change_in_words
from training.models import Experiment, LeaderboardRow


@require_safe
@for_viewers_of_results
def card_points(request: HttpRequest, experiment: Experiment, candidate: str) -> HttpResponseBase:
    """The points table of the saved card: a customer's points add up to the score."""
    row = _with_card(experiment, candidate)
    folder = untouched_folder_of(row)
    try:
        card, made = card_in(folder), sources_in(folder)
    except ExperimentError as refused:
        raise Http404 from refused
    header = [_("Column"), _("Bin"), _("Rows"), _("Event rate"), _("WOE"), _("Points")]
    secret = secret_columns(experiment)
    lines = [
        [
            each["column"],
            bin_in_words(each["kind"], each["label"]) if secret.isdisjoint(made[each["column"]]) else "–",
            each["rows"], rate_of(each["event_rate"], rows=each["rows"]).value,
            round(each["woe"], 6), round(each["points"], POINTS_DIGITS),
        ]
        for each in card.card()
    ]  # fmt: skip
    return csv_response([header, *lines], f"{experiment.name}-{candidate}-points")


@require_safe
@for_viewers_of_results
def card_sql(request: HttpRequest, experiment: Experiment, candidate: str) -> HttpResponse:
    """The saved card as one SELECT; it holds every border, so whoever may not see a column's values does not get it."""
    row = _with_card(experiment, candidate)
    dialect = request.GET.get("dialect", "generic")
    known = {name: name for name in DIALECTS}
    if dialect not in known:
        raise Http404
    try:
        _refuse_secret(request, experiment, row)
        text = model_sql(untouched_folder_of(row), "customers", dialect=known[dialect])
    except ExperimentError as refused:
        messages.error(request, told(refused.message, refused.params))
        return redirect("card_bench", experiment.pk, candidate)
    response = HttpResponse(text + ";\n", content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = attachment(f"{experiment.name}-{candidate}", "sql")
    return response


@require_safe
@for_viewers_of_results
def card_history(request: HttpRequest, experiment: Experiment, candidate: str) -> HttpResponseBase:
    """Who changed what and why, with the information value before and after."""
    card = card_of(experiment, candidate)
    if card is None:
        raise Http404
    header = [_("Change"), _("When"), _("Who"), _("What"), _("Details"), _("Why"), _("IV before"), _("IV after")]
    lines, secret = [], secret_on(card)
    for edit in card.edits.select_related("person"):
        ivs = [each["iv"] for each in edit.effect.get("column", [])] or ["", ""]
        change = change_in_words(edit.sentence, secret)
        lines.append(
            [edit.number, edit.at.isoformat(), str(edit.person), str(Act(edit.act).label), change, edit.why, *ivs]
        )
    return csv_response([header, *lines], f"{experiment.name}-{candidate}-history")


def _refuse_secret(request: HttpRequest, experiment: Experiment, row: LeaderboardRow) -> None:
    secret = secret_columns(experiment) & {*chain(*sources_in(local_path(row.model_path)).values())}
    if secret and not can_unmask(request.user, experiment):  # type: ignore[arg-type]
        raise CardRefused(SQL_NOT_SHOWN, columns=", ".join(sorted(secret)))


def _with_card(experiment: Experiment, candidate: str) -> LeaderboardRow:
    row = finalist_of(experiment, candidate)
    if not row.model_path:
        raise Http404
    return row
