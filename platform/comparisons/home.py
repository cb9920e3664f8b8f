"""The part of the first page that is about comparisons."""

import re
from typing import Any, cast

from django.http import HttpRequest

from accounts.requests import SignedInRequest
from common.home import Card, Place
from common.templatetags.formatting import sentence
from comparisons.models import ModelComparison
from comparisons.page.whole import address_of
from comparisons.queries.offered import first_finalists
from comparisons.queries.subjects import subjects_named
from experiments.comparison.words import verdict_on
from experiments.errors import ExperimentError

BETWEEN_CHINESE = re.compile(r"(?<=[一-鿿]) (?=[一-鿿])")


def _newest(request: HttpRequest) -> dict[str, Any] | None:
    """Show the newest comparison with its verdict; without one, which models could be compared."""
    workspace = cast(SignedInRequest, request).workspace
    newest = ModelComparison.objects.filter(workspace=workspace, compared_at__isnull=False).first()
    if newest is not None and (shown := _shown(newest)) is not None:
        return shown
    offered = first_finalists(workspace)
    if offered is None:
        return None
    experiment, codes = offered
    return {"experiment": experiment, "codes": codes}


def _shown(comparison: ModelComparison) -> dict[str, Any] | None:
    found = comparison.found.compared
    if found is None:
        return None
    try:
        subjects = subjects_named(comparison.subjects, comparison.workspace)
    except ExperimentError:  # a model has been deleted since
        return None
    against = found.against[0]
    told = sentence(verdict_on(found, against, name=subjects[1].name, base=subjects[0].name))
    # The space that parts a Latin name from Chinese has no place between two Chinese words.
    text = BETWEEN_CHINESE.sub("", told)
    on = {"on": str(comparison.version_id)} if comparison.version_id else {}
    return {"text": text, "query": address_of(subjects, on), "subjects": subjects}


CARDS = (Card(Place.SIDE, "comparisons/_home.html", weight=25, gather=_newest),)
