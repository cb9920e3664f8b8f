"""Addresses of models and versions."""

from django.urls import path

from registry.views.models import model_detail, model_list
from registry.views.versions import download_artifact, make_champion, model_version_detail, retire

urlpatterns = [
    path("models/", model_list, name="model_list"),
    path("models/<int:pk>/", model_detail, name="model_detail"),
    path("models/versions/<int:pk>/", model_version_detail, name="model_version_detail"),
    path("models/versions/<int:pk>/artifact.zip", download_artifact, name="download_artifact"),
    path("models/versions/<int:pk>/champion/", make_champion, name="make_champion"),
    path("models/versions/<int:pk>/retire/", retire, name="retire_model_version"),
]
