"""Files to read, made in a moment."""

from collections.abc import Callable
from pathlib import Path

import pytest

from experiments.errors import BadInput
from experiments.ingest.reading import IngestReport, ingest_file


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write text or bytes to a named file."""

    def write_file(content: str | bytes, name: str = "customers.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file


@pytest.fixture
def ingest(write: Callable[..., Path], tmp_path: Path) -> Callable[..., IngestReport]:
    """Write a file, ingest it to table.parquet, and return the report."""

    def ingest_content(content: str | bytes, name: str = "customers.csv", **options: object) -> IngestReport:
        return ingest_file(write(content, name), tmp_path / "table.parquet", **options)  # type: ignore[arg-type]

    return ingest_content


@pytest.fixture
def refusal(ingest: Callable[..., IngestReport], tmp_path: Path) -> Callable[..., str]:
    """Return the sentence a bad file is refused with, having seen that nothing is left behind."""

    def refuse(content: str | bytes, name: str = "customers.csv", **options: object) -> str:
        with pytest.raises(BadInput) as caught:
            ingest(content, name, **options)
        assert not (tmp_path / "table.parquet").exists()
        assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]
        return str(caught.value)

    return refuse


@pytest.fixture
def shared_set() -> Callable[[str], Path]:
    """Find a real set: shipped as a sample, or in the data folder beside the checkout; else skip."""
    root = Path(__file__).parents[2]

    def find(name: str) -> Path:
        for folder in (root / "platform/catalog/samples", root.parent / "shared/data"):
            if (folder / f"{name}.csv.gz").exists():
                return folder / f"{name}.csv.gz"
        pytest.skip(f"{name} is not in this checkout")

    return find
