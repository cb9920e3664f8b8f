"""Addresses of scorecards edited by hand."""

from django.urls import URLPattern, path

from scorecards.views import bench, papers

CARD = "experiments/<int:pk>/scorecards/<slug:candidate>"

urlpatterns: list[URLPattern] = [
    path(f"{CARD}/", bench.card_bench, name="card_bench"),
    path(f"{CARD}/open/", bench.card_open, name="card_open"),
    path(f"{CARD}/edit/", bench.card_edit, name="card_edit"),
    path(f"{CARD}/refit/", bench.card_refit, name="card_refit"),
    path(f"{CARD}/points.csv", papers.card_points, name="card_points"),
    path(f"{CARD}/history.csv", papers.card_history, name="card_history"),
    path(f"{CARD}/card.sql", papers.card_sql, name="card_sql"),
]
