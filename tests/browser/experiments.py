"""An experiment as a program makes one: the file uploaded, the data checked, one linear trial run."""

from pathlib import Path

import pandas as pd

from tests.browser.main_job import FILE_SECONDS
from tests.platform_process import wait_until
from tests.running_platform import RunningPlatform

RUN_SECONDS = 600


def finished_experiment(platform: RunningPlatform, table: pd.DataFrame, *, name: str, folder: Path) -> int:
    """Return the number of an experiment on whose ``bad`` loans a trial was run and a scorecard fitted."""
    file = folder / "loans.csv"
    table.to_csv(file, index=False)
    modeler = platform.caller("modeler")
    data = modeler.upload("/datasets", file, name=name)["id"]
    wait_until(lambda: modeler.get(f"/datasets/{data}")["state"] == "ready", FILE_SECONDS, "the file was not read")
    wanted = {"name": name, "kind": "default", "dataset_version_id": data, "target": "bad"}
    plan = {"event": "yes", "trials": 1, "learners": ["linear"]}
    made = int(modeler.post("/experiments", {**wanted, **plan})["id"])
    where = f"/experiments/{made}"
    wait_until(lambda: modeler.get(where)["check_state"] == "ready", FILE_SECONDS, "the check did not end")
    modeler.post(f"{where}/start")
    wait_until(lambda: modeler.get(where)["state"] == "finished", RUN_SECONDS, "the run did not end")
    return made
