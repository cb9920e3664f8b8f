"""Addresses of the data dictionary."""

from django.urls import path

from dictionary import views

urlpatterns = [
    path("data/<int:pk>/dictionary/", views.dataset_dictionary, name="dataset_dictionary"),
    path("data/<int:pk>/dictionary/template.csv", views.dictionary_template_csv, name="dictionary_csv"),
    path("data/<int:pk>/dictionary/template.xlsx", views.dictionary_template_xlsx, name="dictionary_xlsx"),
    path("data/<int:pk>/dictionary/<int:column_pk>/", views.dictionary_column, name="dictionary_column"),
]
