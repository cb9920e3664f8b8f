"""Addresses of why a model decides as it does: the page, its charts and their numbers, one customer."""

from django.urls import URLPattern, path

from explanations.views import charts, customer, why

EXPERIMENT = "experiments/<int:pk>"
LOOK = f"{EXPERIMENT}/customers/<int:look_pk>"

urlpatterns: list[URLPattern] = [
    path(f"{EXPERIMENT}/why/", why.experiment_why, name="experiment_why"),
    path(f"{EXPERIMENT}/why/ask/", why.experiment_why_ask, name="experiment_why_ask"),
    path(f"{EXPERIMENT}/why/charts/<slug:name>/", charts.reasons_chart, name="reasons_chart"),
    path(f"{EXPERIMENT}/why/charts/<slug:name>.csv", charts.reasons_chart_table, name="reasons_chart_table"),
    path(f"{EXPERIMENT}/customers/", customer.experiment_customer, name="experiment_customer"),
    path(f"{LOOK}/", customer.customer_look, name="customer_look"),
    path(f"{LOOK}/what-if/", customer.customer_what_if, name="customer_what_if"),
    path(f"{LOOK}/ways/", customer.customer_ways, name="customer_ways"),
    path(f"{LOOK}/alike/", customer.customer_alike, name="customer_alike"),
]
