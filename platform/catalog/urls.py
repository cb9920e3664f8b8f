"""Addresses of datasets."""

from django.urls import path

from catalog import views

urlpatterns = [
    path("data/", views.dataset_list, name="dataset_list"),
    path("data/new/", views.dataset_new, name="dataset_new"),
    path("data/<int:pk>/", views.dataset_detail, name="dataset_detail"),
    path("data/<int:pk>/columns.csv", views.dataset_columns_csv, name="dataset_columns_csv"),
    path("data/<int:pk>/read-again/", views.dataset_read_again, name="dataset_read_again"),
]
