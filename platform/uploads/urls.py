"""Addresses of files that come in."""

from django.urls import path

from uploads import views

urlpatterns = [
    path("data/new/", views.dataset_new, name="dataset_new"),
    path("data/<int:pk>/preview/", views.dataset_preview, name="dataset_preview"),
    path("uploads/", views.upload_new, name="upload_new"),
    path("uploads/<uuid:pk>/", views.upload, name="upload"),
    path("uploads/<uuid:pk>/preview/", views.upload_preview, name="upload_preview"),
    path("uploads/<uuid:pk>/discard/", views.upload_discard, name="upload_discard"),
]
