"""Addresses of datasets and their versions."""

from django.urls import path

from datasets.views import datasets, versions

urlpatterns = [
    path("data/", datasets.dataset_list, name="dataset_list"),
    path("data/<int:pk>/", datasets.dataset_detail, name="dataset_detail"),
    path("data/<int:pk>/columns.csv", datasets.dataset_columns_csv, name="dataset_columns_csv"),
    path("data/<int:pk>/read-again/", datasets.dataset_read_again, name="dataset_read_again"),
    path("data/<int:pk>/new-version/", versions.version_new, name="version_new"),
    path("data/<int:pk>/comparison/", versions.version_comparison, name="version_comparison"),
    path("data/<int:pk>/compare/", versions.version_compare, name="version_compare"),
    path("data/<int:pk>/verify/", versions.version_verify, name="version_verify"),
    path("data/<int:pk>/refresh/", versions.version_refresh, name="version_refresh"),
    path("data/<int:pk>/table.csv", versions.version_table, name="version_table"),
    path("data/<int:pk>/lineage.json", versions.version_lineage_json, name="version_lineage"),
]
