"""What of this app rests on models, for the inventory."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from deployments.models import Deployment
from inventory.dependants import Kind


def _page(row: Deployment) -> str:
    return reverse("deployment_detail", args=[row.pk])


def _deployments() -> QuerySet[Any]:
    return Deployment.objects.all()


KINDS = (Kind("deployments", _("Deployments"), "server", _deployments, "registered_model", _page, weight=5),)
