"""Addresses of jobs, and of the sign of life."""

from django.urls import path

from jobs import views, views_health

urlpatterns = [
    path("health/", views_health.health, name="health"),
    path("health/web/", views_health.health_of_web, name="health_of_web"),
    path("jobs/<uuid:pk>/progress", views.progress, name="job_progress"),
    path("jobs/<uuid:pk>/log", views.log, name="job_log"),
    path("jobs/<uuid:pk>/cancel", views.cancel, name="job_cancel"),
]
