"""Addresses of why a model decides as it does: the page, its charts and their numbers."""

from django.urls import URLPattern, path

from explanations.views import charts, why

EXPERIMENT = "experiments/<int:pk>"

urlpatterns: list[URLPattern] = [
    path(f"{EXPERIMENT}/why/", why.experiment_why, name="experiment_why"),
    path(f"{EXPERIMENT}/why/charts/<slug:name>/", charts.reasons_chart, name="reasons_chart"),
    path(f"{EXPERIMENT}/why/charts/<slug:name>.csv", charts.reasons_chart_table, name="reasons_chart_table"),
]
