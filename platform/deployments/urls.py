"""Addresses of deployments, for people and for programs that speak the Open Inference Protocol."""

from django.urls import path

from deployments import views

urlpatterns = [
    path("deployments/", views.deployment_list, name="deployment_list"),
    path("deployments/new/", views.deployment_new, name="deployment_new"),
    path("deployments/<int:pk>/", views.deployment_detail, name="deployment_detail"),
    path("deployments/<int:pk>/switch/", views.deployment_switch, name="deployment_switch"),
    path("deployments/<int:pk>/roll-back/", views.deployment_roll_back, name="deployment_roll_back"),
    path("deployments/<int:pk>/off/", views.deployment_off, name="deployment_off"),
]
