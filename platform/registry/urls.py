"""Addresses of models and versions."""

from django.urls import path

from registry.views.models import model_detail, model_list
from registry.views.versions import (
    download_artifact,
    model_version_detail,
    model_version_lineage,
    move_version,
)

urlpatterns = [
    path("models/", model_list, name="model_list"),
    path("models/<int:pk>/", model_detail, name="model_detail"),
    path("models/versions/<int:pk>/", model_version_detail, name="model_version_detail"),
    path("models/versions/<int:pk>/artifact.zip", download_artifact, name="download_artifact"),
    path("models/versions/<int:pk>/lineage.json", model_version_lineage, name="model_version_lineage"),
    path("models/versions/<int:pk>/moves/<str:name>/", move_version, name="move_model_version"),
]
