"""Addresses of the closer looks at a result, and of the course of its search."""

from django.urls import URLPattern, path

from diagnostics import views

LOOK = "experiments/<int:pk>/result/looks/<slug:name>"
SEARCH = "experiments/<int:pk>/trials/search"

urlpatterns: list[URLPattern] = [
    path(f"{LOOK}/", views.look, name="experiment_look"),
    path(f"{LOOK}/ask/", views.ask, name="experiment_look_ask"),
    path(f"{LOOK}/figure/", views.figure, name="experiment_look_figure"),
    path(f"{LOOK}.csv", views.table, name="experiment_look_table"),
    path(f"{SEARCH}/", views.search, name="experiment_search"),
    path(f"{SEARCH}/ask/", views.ask_settings, name="experiment_search_ask"),
    path(f"{SEARCH}/<slug:name>/figure/", views.search_figure, name="experiment_search_figure"),
    path(f"{SEARCH}/<slug:name>.csv", views.search_table, name="experiment_search_table"),
]
