"""Addresses of scenarios and of the lists made by them."""

from django.urls import path

from scenarios import views

urlpatterns = [
    path("experiments/<int:pk>/scenarios/", views.scenario_list, name="scenario_list"),
    path("experiments/<int:pk>/scenarios/save/", views.scenario_save, name="scenario_save"),
    path("scenarios/<int:pk>/rename/", views.scenario_rename, name="scenario_rename"),
    path("scenarios/<int:pk>/delete/", views.scenario_delete, name="scenario_delete"),
    path("scenarios/<int:pk>/customers/", views.scenario_choose, name="scenario_choose"),
    path("chosen/<int:pk>/line/", views.chosen_line_part, name="chosen_line"),
    path("chosen/<int:pk>/file/", views.chosen_file, name="chosen_file"),
    path("chosen/<int:pk>/cancel/", views.chosen_cancel, name="chosen_cancel"),
]
