"""Registers the app with Django."""

from django.apps import AppConfig


class ServingConfig(AppConfig):
    name = "serving"
