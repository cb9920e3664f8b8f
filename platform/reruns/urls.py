"""Addresses of re-runs."""

from django.urls import path

from reruns.views import reruns

urlpatterns = [
    path("experiments/<int:pk>/reruns/", reruns.rerun_list, name="rerun_list"),
    path("experiments/<int:pk>/reruns/start/", reruns.rerun_start, name="rerun_start"),
    path("models/versions/<int:pk>/reruns/start/", reruns.version_rerun_start, name="version_rerun_start"),
    path("reruns/<int:pk>/", reruns.rerun_detail, name="rerun_detail"),
    path("reruns/<int:pk>/live/", reruns.rerun_live, name="rerun_live"),
    path("reruns/<int:pk>/cancel/", reruns.rerun_cancel, name="rerun_cancel"),
]
