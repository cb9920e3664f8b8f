"""Addresses of validation reports."""

from django.urls import path

from reports import views

urlpatterns = [
    path("experiments/<int:pk>/reports/", views.candidate_reports, name="candidate_reports"),
    path("models/versions/<int:pk>/reports/", views.version_reports, name="version_reports"),
    path("reports/<int:pk>/file/", views.report_file, name="report_file"),
    path("reports/<int:pk>/line/", views.report_line, name="report_line"),
    path("reports/<int:pk>/cancel/", views.report_cancel, name="report_cancel"),
]
