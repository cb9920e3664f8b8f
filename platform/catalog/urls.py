"""Addresses of datasets."""

from django.urls import path

from catalog import views, views_dictionary, views_joins, views_personal, views_uploads

urlpatterns = [
    path("data/", views.dataset_list, name="dataset_list"),
    path("data/new/", views.dataset_new, name="dataset_new"),
    path("data/<int:pk>/", views.dataset_detail, name="dataset_detail"),
    path("data/<int:pk>/columns.csv", views.dataset_columns_csv, name="dataset_columns_csv"),
    path("data/<int:pk>/read-again/", views.dataset_read_again, name="dataset_read_again"),
    path("data/<int:pk>/preview/", views_uploads.dataset_preview, name="dataset_preview"),
    path("uploads/", views_uploads.upload_new, name="upload_new"),
    path("uploads/<uuid:pk>/", views_uploads.upload, name="upload"),
    path("uploads/<uuid:pk>/preview/", views_uploads.upload_preview, name="upload_preview"),
    path("uploads/<uuid:pk>/discard/", views_uploads.upload_discard, name="upload_discard"),
    path("data/<int:pk>/dictionary/", views_dictionary.dataset_dictionary, name="dataset_dictionary"),
    path("data/<int:pk>/dictionary/template.csv", views_dictionary.dictionary_template, name="dictionary_template"),
    path("data/<int:pk>/dictionary/<int:column_pk>/", views_dictionary.dictionary_column, name="dictionary_column"),
    path("data/<int:pk>/personal/", views_personal.dataset_personal, name="dataset_personal"),
    path("data/<int:pk>/personal/protection/", views_personal.personal_protection, name="personal_protection"),
    path("data/<int:pk>/personal/values/", views_personal.personal_values, name="personal_values"),
    path("data/<int:pk>/personal/mask/", views_personal.personal_mask, name="personal_mask"),
    path("data/joins/", views_joins.join_list, name="join_list"),
    path("data/joins/new/", views_joins.join_new, name="join_new"),
    path("data/joins/<int:pk>/", views_joins.join_detail, name="join_detail"),
    path("data/joins/<int:pk>/guess/", views_joins.join_guess, name="join_guess"),
    path("data/joins/<int:pk>/again/", views_joins.join_again, name="join_again"),
]
