"""The files of a version, each with its hash, and whether the folder still holds just these."""

from dataclasses import dataclass

from common.storage import local_path
from common.templatetags.formatting import told
from experiments.artifact.manifest import listed_files, read_manifest
from experiments.errors import ExperimentError
from registry.models import ModelVersion
from registry.queries.signed import sealed_folder_of


@dataclass(frozen=True)
class VersionFile:
    """A file of a model's folder and the hash under which it was sealed."""

    name: str
    sha256: str


@dataclass(frozen=True)
class VersionFiles:
    """What a version's folder holds.

    Attributes
    ----------
    files : all of them, the manifest aside. refusal : which file is not the recorded one, as a sentence; empty where
        all are. is_evidence_sealed : whether what people read of the model is under its hash as well; versions
        registered before seals were kept have only what scores under it.
    """

    files: tuple[VersionFile, ...] = ()
    refusal: str = ""
    is_evidence_sealed: bool = True


def files_of(version: ModelVersion) -> VersionFiles:
    """Compare every file of a version with what was recorded and signed, and tell what it holds."""
    is_sealed = bool(version.artifact_seal)
    refusal = ""
    try:
        sealed_folder_of(version)
    except ExperimentError as refused:
        refusal = told(refused.message, refused.params)
    try:
        listed = listed_files(read_manifest(local_path(version.artifact_path)))
    except ExperimentError:
        listed = {}
    files = tuple(VersionFile(name, sha256) for name, sha256 in listed.items())
    return VersionFiles(files, refusal, is_sealed)


def refusal_of(version: ModelVersion) -> str:
    """Return why a version's files are not to be relied on, as a sentence; empty where each is the recorded one."""
    return files_of(version).refusal
