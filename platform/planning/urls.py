"""Addresses of the question and of its plan."""

from django.urls import URLPattern, path

from planning.views import plan, setup

PLAN = "experiments/<int:pk>/plan"

urlpatterns: list[URLPattern] = [
    path("experiments/new/", setup.experiment_new, name="experiment_new"),
    path(f"{PLAN}/", plan.experiment_plan, name="experiment_plan"),
    path(f"{PLAN}/columns/<int:column_pk>/", plan.experiment_plan_column, name="experiment_plan_column"),
]
