"""Saved models on disk, and rows to try them on.

The engine is imported inside the functions, so that a web server is up before the learners' libraries are.
"""

from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.utils.translation import gettext_noop

from experiments.errors import ArtifactError


def verified(folder: Path, expected_hash: str) -> Any:
    """Load an artifact and refuse it when it is not the one that was recorded."""
    from experiments import ModelArtifact

    artifact = ModelArtifact.load(folder)
    if artifact.hash != expected_hash:
        raise ArtifactError(gettext_noop("The model's files are not the ones that were recorded: the hash differs."))
    return artifact


def spread_rows(parquet: Path, count: int) -> Any:
    """Return rows from all over a file that may be too large to read whole, typed as the engine types them."""
    import polars

    from experiments.data.table import read_parquet

    with NamedTemporaryFile(suffix=".parquet") as small:
        rows = polars.scan_parquet(parquet)
        step = max(1, rows.select(polars.len()).collect().item() // count)
        rows.gather_every(step).head(count).collect(engine="streaming").write_parquet(small.name)
        return read_parquet(Path(small.name))
