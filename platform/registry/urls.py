"""Addresses of the registry and of approvals."""

from django.urls import path

from registry import views

urlpatterns = [
    path("models/", views.model_list, name="model_list"),
    path("models/<int:pk>/", views.model_detail, name="model_detail"),
    path("models/versions/<int:pk>/", views.model_version_detail, name="model_version_detail"),
    path("models/versions/<int:pk>/artifact.zip", views.download_artifact, name="download_artifact"),
    path("models/versions/<int:pk>/report.html", views.download_report, name="download_report"),
    path("models/versions/<int:pk>/champion/", views.make_champion, name="make_champion"),
    path("models/versions/<int:pk>/retire/", views.retire, name="retire_model_version"),
    path("experiments/<int:pk>/submit/", views.submit, name="submit"),
    path("experiments/<int:pk>/submit/checks/", views.submit_checks, name="submit_checks"),
    path("experiments/<int:pk>/submit/gather/", views.gather_again, name="gather_again"),
    path("approvals/", views.approval_list, name="approval_list"),
    path("approvals/<int:pk>/", views.approval_detail, name="approval_detail"),
    path("approvals/<int:pk>/comparison/", views.approval_comparison, name="approval_comparison"),
    path("approvals/<int:pk>/comparison/again/", views.compare_again, name="compare_again"),
]
