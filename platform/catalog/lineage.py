"""Where a version comes from: its sources with their hashes, what was done to them, by whom, when, with what code."""

import hashlib
from functools import cache
from importlib.metadata import version as installed
from pathlib import Path

import experiments.data
from catalog.models import DatasetVersion, VersionOrigin

ENGINE_PACKAGES = ("polars", "pyarrow")


def base_of(version: DatasetVersion) -> DatasetVersion | None:
    """Return the version behind whose rows this one's were put."""
    if version.origin != VersionOrigin.APPEND:
        return None
    return version.dataset.versions.filter(pk=version.lineage.get("append_to")).first()


def chain_of(version: DatasetVersion) -> list[DatasetVersion]:
    """Return the versions whose rows are in this one, newest first, itself included."""
    chain: list[DatasetVersion] = []
    step: DatasetVersion | None = version
    while step is not None and step.pk not in {one.pk for one in chain}:
        chain.append(step)
        step = base_of(step)
    return chain


@cache
def engine() -> dict[str, str]:
    """Return what read the file: the packages' versions, and a hash of our own code for reading."""
    code = hashlib.sha256()
    for path in sorted(Path(experiments.data.__path__[0]).glob("*.py")):
        code.update(path.read_bytes())
    return {"code": code.hexdigest()[:12], **{name: installed(name) for name in ENGINE_PACKAGES}}
