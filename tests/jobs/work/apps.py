"""Registers the work of the tests."""

from django.apps import AppConfig

from jobs.registry import register


class WorkConfig(AppConfig):
    name = "tests.jobs.work"
    label = "work"

    def ready(self) -> None:
        register("count", "tests.jobs.work.runner.count", on_end="tests.jobs.work.runner.ended")
        for kind in ("greedy", "greedy_natively", "broken", "panicking", "sleeping", "working"):
            register(kind, f"tests.jobs.work.runner.{kind}")
