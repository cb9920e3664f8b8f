"""Addresses of exports."""

from django.urls import path

from exports import views

urlpatterns = [
    path("models/versions/<int:pk>/exports/", views.version_exports, name="version_exports"),
    path("models/versions/<int:pk>/exports/ask/", views.export_ask, name="export_ask"),
    path("exports/<int:pk>/line/", views.export_line, name="export_line"),
    path("exports/<int:pk>/file/", views.export_file, name="export_file"),
    path("exports/<int:pk>/cancel/", views.export_cancel, name="export_cancel"),
    path("exports/<int:pk>/delete/", views.export_delete, name="export_delete"),
]
