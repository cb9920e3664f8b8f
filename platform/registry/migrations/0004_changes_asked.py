"""Versions sent back for a change were drafts again; they have a state of their own now."""

from typing import Any

from django.db import migrations


def tell_apart(apps: Any, _schema: Any) -> None:
    """Give drafts on which a decision was taken the state that says so: every one of them was sent back."""
    versions = apps.get_model("registry", "ModelVersion").objects.filter(state="draft")
    versions.filter(approval_requests__decision="change").update(state="changes")


def join(apps: Any, _schema: Any) -> None:
    apps.get_model("registry", "ModelVersion").objects.filter(state="changes").update(state="draft")


class Migration(migrations.Migration):
    dependencies = [("registry", "0003_states_and_aliases")]

    operations = [migrations.RunPython(tell_apart, join)]
