"""Addresses of the registry and of approvals."""

from django.urls import path

from registry.views.approvals import approval_comparison, approval_detail, approval_list, compare_again
from registry.views.models import model_detail, model_list
from registry.views.submissions import gather_again, submit, submit_checks
from registry.views.versions import download_artifact, download_report, make_champion, model_version_detail, retire

urlpatterns = [
    path("models/", model_list, name="model_list"),
    path("models/<int:pk>/", model_detail, name="model_detail"),
    path("models/versions/<int:pk>/", model_version_detail, name="model_version_detail"),
    path("models/versions/<int:pk>/artifact.zip", download_artifact, name="download_artifact"),
    path("models/versions/<int:pk>/report.html", download_report, name="download_report"),
    path("models/versions/<int:pk>/champion/", make_champion, name="make_champion"),
    path("models/versions/<int:pk>/retire/", retire, name="retire_model_version"),
    path("experiments/<int:pk>/submit/", submit, name="submit"),
    path("experiments/<int:pk>/submit/checks/", submit_checks, name="submit_checks"),
    path("experiments/<int:pk>/submit/gather/", gather_again, name="gather_again"),
    path("approvals/", approval_list, name="approval_list"),
    path("approvals/<int:pk>/", approval_detail, name="approval_detail"),
    path("approvals/<int:pk>/comparison/", approval_comparison, name="approval_comparison"),
    path("approvals/<int:pk>/comparison/again/", compare_again, name="compare_again"),
]
