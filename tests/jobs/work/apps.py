"""Registers the work of the tests."""

from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "tests.jobs.work"
    label = "work"
