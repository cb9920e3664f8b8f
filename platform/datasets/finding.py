"""How datasets and columns are found."""

from collections.abc import Iterable

from django.db.models import F, Max, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from catalog.models import Column, Dataset
from common.finding import Found


def datasets(request: HttpRequest, text: str) -> Iterable[Found]:
    """Look at names of datasets and of the files they came from."""
    matching = Q(name__icontains=text) | Q(versions__file_name__icontains=text)
    for dataset in Dataset.objects.filter(matching, workspace=request.workspace).distinct().iterator():  # type: ignore[attr-defined]
        yield Found(reverse("dataset_detail", args=[dataset.pk]), dataset.name)


def columns(request: HttpRequest, text: str) -> Iterable[Found]:
    """Look at names and labels of the columns of each dataset's newest version."""
    of_newest = (
        Column.objects.filter(version__dataset__workspace=request.workspace)  # type: ignore[attr-defined]
        .annotate(newest=Max("version__dataset__versions__number"))
        .filter(Q(name__icontains=text) | Q(label__icontains=text), version__number=F("newest"))
        .select_related("version__dataset")
        .defer("profile", "special_values")
        .order_by("version__dataset__name", "position")
    )
    for column in of_newest.iterator():
        dataset = column.version.dataset
        address = f"{reverse('dataset_detail', args=[dataset.pk])}?{urlencode({'q': column.name})}#columns"
        label = f"{column.own_label} · " if column.own_label else ""
        yield Found(address, column.name, f"{label}{dataset.name}")
