"""Addresses of personal data."""

from django.urls import path

from privacy import views

urlpatterns = [
    path("data/<int:pk>/personal/", views.dataset_personal, name="dataset_personal"),
    path("data/<int:pk>/personal/protection/", views.personal_protection, name="personal_protection"),
    path("data/<int:pk>/personal/values/", views.personal_values, name="personal_values"),
    path("data/<int:pk>/personal/mask/", views.personal_mask, name="personal_mask"),
]
