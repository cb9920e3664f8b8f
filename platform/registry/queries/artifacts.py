"""Saved models on disk, and rows to try them on.

The engine is imported inside the functions, so that a web server is up before the learners' libraries are.
"""

from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from experiments.artifact.manifest import read_recorded


def verified(folder: Path, expected_hash: str, seal: str = "") -> Any:
    """Load an artifact and refuse it when it is not the one that was recorded."""
    from experiments import ModelArtifact

    read_recorded(folder, expected_hash, seal=seal)
    return ModelArtifact.load(folder)


def require_untouched(folder: Path, expected_hash: str, seal: str = "") -> str:
    """Compare every file of a model's folder with what was recorded; return its seal.

    Raises
    ------
    ArtifactError : a file is missing, altered or does not belong there, or the whole is another model.
    """
    return str(read_recorded(folder, expected_hash, seal=seal).get("seal", ""))


def spread_rows(parquet: Path, count: int) -> Any:
    """Return rows from all over a file that may be too large to read whole, typed as the engine types them."""
    import polars

    from experiments.ingest.table import read_parquet

    with NamedTemporaryFile(suffix=".parquet") as small:
        rows = polars.scan_parquet(parquet)
        step = max(1, rows.select(polars.len()).collect().item() // count)
        rows.gather_every(step).head(count).collect(engine="streaming").write_parquet(small.name)
        return read_parquet(Path(small.name))
