"""Addresses of scoring."""

from django.urls import path

from scoring import views

urlpatterns = [
    path("scoring/", views.scoring_list, name="scoring_list"),
    path("scoring/new/", views.scoring_new, name="scoring_new"),
    path("scoring/new/table/", views.scoring_table, name="scoring_table"),
    path("scoring/new/join/<int:pk>/", views.scoring_join, name="scoring_join"),
    path("scoring/template/<int:pk>.csv", views.scoring_template, name="scoring_template"),
    path("scoring/<int:pk>/", views.scoring_detail, name="scoring_detail"),
    path("scoring/<int:pk>/progress/", views.scoring_progress, name="scoring_progress"),
    path("scoring/<int:pk>/choose/", views.scoring_choose, name="scoring_choose"),
    path("scoring/<int:pk>/cancel/", views.scoring_cancel, name="scoring_cancel"),
    path("scoring/<int:pk>/delete/", views.scoring_delete, name="scoring_delete"),
    path("scoring/<int:pk>/scores.<slug:file_format>", views.download_scores, name="scoring_file"),
    path(
        "scoring/<int:pk>/dictionary.csv", views.download_dictionary, {"file_format": "csv"}, name="scoring_dictionary"
    ),
    path(
        "scoring/<int:pk>/dictionary.xlsx",
        views.download_dictionary,
        {"file_format": "xlsx"},
        name="scoring_dictionary_xlsx",
    ),
]
