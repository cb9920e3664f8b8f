"""Addresses of comparisons: all of one stands in its query."""

from django.urls import path

from comparisons import views

urlpatterns = [
    path("compare/", views.compare, name="compare"),
    path("compare/start/", views.compare_start, name="compare_start"),
    path("compare/comparison.html", views.compare_file, name="compare_file"),
    path("compare/setup.csv", views.compare_setup, name="compare_setup"),
    path("compare/tables/<slug:name>.csv", views.compare_table, name="compare_table"),
]
