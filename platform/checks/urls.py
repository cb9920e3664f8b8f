"""Addresses of data checks: each is a step of its experiment."""

from django.urls import path

from checks import views

DATA = "experiments/<int:pk>/data"
urlpatterns = [
    path(f"{DATA}/", views.experiment_data, name="experiment_data"),
    path(f"{DATA}/columns.json", views.experiment_columns, name="experiment_columns"),
    path(f"{DATA}/columns.csv", views.experiment_columns_csv, name="experiment_columns_csv"),
    path(f"{DATA}/target/", views.experiment_target, name="experiment_target"),
    path(f"{DATA}/sample/", views.experiment_sample, name="experiment_sample"),
    path(f"{DATA}/immature/", views.experiment_immature, name="experiment_immature"),
    path(f"{DATA}/again/", views.experiment_check_again, name="experiment_check_again"),
    path(f"{DATA}/special-values/", views.experiment_special_values, name="experiment_special_values"),
    path(f"{DATA}/columns/<int:column_pk>/", views.experiment_column, name="experiment_column"),
    path(f"{DATA}/columns/<int:column_pk>/about/", views.experiment_column_detail, name="experiment_column_detail"),
    path(f"{DATA}/columns/<int:column_pk>/special/", views.experiment_special_value, name="experiment_special_value"),
    path(f"{DATA}/findings/all/<slug:code>/", views.experiment_findings, name="experiment_findings"),
    path(f"{DATA}/findings/<int:finding_pk>/", views.experiment_finding, name="experiment_finding"),
]
