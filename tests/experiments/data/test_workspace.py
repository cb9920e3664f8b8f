"""What a killed process left behind is swept by the next; what is under way is left alone."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from experiments.data.workspace import open_workspace, sweep
from experiments.ingest.reading import ingest_file

ROOT = Path(__file__).parents[3]
ENDLESS = """
import sys, time
from pathlib import Path
from experiments.data.workspace import open_workspace
with open_workspace(Path(sys.argv[1])) as work:
    (work / "half.parquet").write_bytes(b"PAR1")
    print("ready", flush=True)
    time.sleep(60)
"""


def start_endless_work(folder: Path) -> subprocess.Popen:
    process = subprocess.Popen(
        [sys.executable, "-c", ENDLESS, str(folder)], stdout=subprocess.PIPE, text=True, cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_a_killed_ingest_leaves_nothing_after_the_next_one(tmp_path):
    process = start_endless_work(tmp_path)
    try:
        assert sweep(tmp_path) == []
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    left = [path.name for path in tmp_path.iterdir()]
    (tmp_path / "a.csv").write_text("a,y\n1,0\n2,1\n")
    ingest_file(tmp_path / "a.csv", tmp_path / "table.parquet")
    assert (len(left), sorted(path.name for path in tmp_path.iterdir())) == (1, ["a.csv", "table.parquet"])


def test_a_folder_without_a_lock_is_swept_after_an_hour(tmp_path):
    fresh, old = tmp_path / ".ingest-fresh", tmp_path / ".ingest-old"
    hour_ago = time.time() - 3_700
    for folder in (fresh, old):
        folder.mkdir()
        (folder / "table.parquet").write_bytes(b"half")
    for path in (old / "table.parquet", old):
        os.utime(path, (hour_ago, hour_ago))
    assert sweep(tmp_path) == [old]
    assert fresh.exists()


def test_the_place_goes_with_the_work_even_when_it_fails(tmp_path):
    try:
        with open_workspace(tmp_path) as work:
            (work / "x").write_text("x")
            raise ValueError
    except ValueError:
        pass
    assert list(tmp_path.iterdir()) == []


def test_only_places_of_work_are_swept(tmp_path):
    (tmp_path / ".ingest-note.txt").write_text("kept")
    (tmp_path / "customers").mkdir()
    assert sweep(tmp_path) == []
