"""What of this app rests on models, for the inventory."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from inventory.dependants import Kind
from scoring.models import ScoringJob


def _page(row: ScoringJob) -> str:
    return reverse("scoring_detail", args=[row.pk])


def _scores() -> QuerySet[Any]:
    return ScoringJob.objects.all()


KINDS = (
    Kind(
        "scores", _("Scored lists"), "target", _scores, "model_version__registered_model", _page,
        "model_version__number", weight=10,
    ),
)  # fmt: skip
