"""Saved models on disk: loaded, and refused when they are not the ones that were recorded."""

from pathlib import Path
from typing import Any

from django.utils.translation import gettext_noop

from experiments.errors import ArtifactError


def verified(folder: Path, expected_hash: str) -> Any:
    """Load an artifact and refuse it when it is not the one that was recorded."""
    from experiments import ModelArtifact  # here, so that a web server is up before the learners' libraries are

    artifact = ModelArtifact.load(folder)
    if artifact.hash != expected_hash:
        raise ArtifactError(gettext_noop("The model's files are not the ones that were recorded: the hash differs."))
    return artifact
