"""Addresses of scoring."""

from django.urls import path

from scoring import views

urlpatterns = [
    path("scoring/", views.scoring_list, name="scoring_list"),
    path("scoring/new/", views.scoring_new, name="scoring_new"),
    path("scoring/<int:pk>/", views.scoring_detail, name="scoring_detail"),
    path("scoring/<int:pk>/progress/", views.scoring_progress, name="scoring_progress"),
    path("scoring/<int:pk>/cancel/", views.scoring_cancel, name="scoring_cancel"),
    path("scoring/<int:pk>/scores.csv", views.download_csv, name="scoring_csv"),
    path("scoring/<int:pk>/scores.parquet", views.download_parquet, name="scoring_parquet"),
]
