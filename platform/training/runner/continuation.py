"""What a run that goes on brings along, and what it lets go of once there is a new result."""

import shutil

from django.db import transaction

from common.storage import local_path
from training.models import Experiment


def bring_trials(experiment: Experiment) -> None:
    """Put what is known into the folder of a run that goes on, once; the models of the earlier result stay behind."""
    earlier, folder = experiment.earlier, experiment.work_dir
    if earlier is None or folder.exists():
        return
    known = local_path(earlier["work_path"]) if earlier["work_path"] else None
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    if known is None or not known.exists():
        return
    shutil.copytree(known, partial, ignore=shutil.ignore_patterns("models", "replay"))
    partial.rename(folder)


def let_go_of_earlier_result(experiment: Experiment) -> None:
    """Drop the result a run went on from: the new one has taken its place."""
    earlier = experiment.result.pop("earlier", None)
    if earlier and earlier["work_path"] not in ("", experiment.work_path):
        folder = local_path(earlier["work_path"])
        transaction.on_commit(lambda: shutil.rmtree(folder, ignore_errors=True))
