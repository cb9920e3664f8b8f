"""Addresses of joins."""

from django.urls import path

from joins import views

urlpatterns = [
    path("data/joins/", views.join_list, name="join_list"),
    path("data/joins/new/", views.join_new, name="join_new"),
    path("data/joins/<int:pk>/", views.join_detail, name="join_detail"),
    path("data/joins/<int:pk>/guess/", views.join_guess, name="join_guess"),
    path("data/joins/<int:pk>/again/", views.join_again, name="join_again"),
    path("data/joins/<int:pk>/sources/", views.join_run_on, name="join_run_on"),
    path("data/joins/<int:pk>/recipe.json", views.join_recipe, name="join_recipe"),
]
