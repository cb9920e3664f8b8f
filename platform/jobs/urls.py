"""Addresses of jobs."""

from django.urls import path

from jobs import views

urlpatterns = [
    path("jobs/<uuid:pk>/progress", views.progress, name="job_progress"),
    path("jobs/<uuid:pk>/log", views.log, name="job_log"),
    path("jobs/<uuid:pk>/cancel", views.cancel, name="job_cancel"),
]
