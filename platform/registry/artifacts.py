"""Saved models on disk, and rows to try them on.

The engine is imported inside the functions, so that a web server is up before the learners' libraries are.
"""

from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.utils.translation import gettext_noop

from experiments.errors import ArtifactError
from experiments.manifest import read_whole

NOT_RECORDED = gettext_noop("The model's files are not the ones that were recorded: the hash differs.")


def verified(folder: Path, expected_hash: str, seal: str = "") -> Any:
    """Load an artifact and refuse it when it is not the one that was recorded."""
    from experiments import ModelArtifact

    artifact = ModelArtifact.load(folder)  # which compares every file with the manifest
    _require_recorded(artifact.hash, artifact.seal, expected=(expected_hash, seal))
    return artifact


def require_untouched(folder: Path, expected_hash: str, seal: str = "") -> str:
    """Compare every file of a model's folder with its manifest, and that with what was recorded; return its seal.

    Raises
    ------
    ArtifactError : a file is missing, altered or does not belong there, or the whole is another model.
    """
    manifest = read_whole(folder)
    found = manifest.get("seal", "")
    _require_recorded(manifest["hash"], found, expected=(expected_hash, seal))
    return found


def _require_recorded(model_hash: str, seal: str, *, expected: tuple[str, str]) -> None:
    """A model recorded before there were seals has none to be compared with."""
    expected_hash, expected_seal = expected
    if model_hash != expected_hash or (expected_seal and seal != expected_seal):
        raise ArtifactError(NOT_RECORDED)


def spread_rows(parquet: Path, count: int) -> Any:
    """Return rows from all over a file that may be too large to read whole, typed as the engine types them."""
    import polars

    from experiments.data.table import read_parquet

    with NamedTemporaryFile(suffix=".parquet") as small:
        rows = polars.scan_parquet(parquet)
        step = max(1, rows.select(polars.len()).collect().item() // count)
        rows.gather_every(step).head(count).collect(engine="streaming").write_parquet(small.name)
        return read_parquet(Path(small.name))
